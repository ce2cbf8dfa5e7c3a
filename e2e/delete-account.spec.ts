import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { run, runOk, startService } from '../tools/command-line.ts';
import { createWorld, settle, type World } from './harness/world.ts';

const EMAIL = 'owner@onefold.example';
let world: World;

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
});

test.afterAll(() => world.close());

test('an account is deleted in the page: the other device says so, every file stays, and the address is free', async ({
  page,
}) => {
  const [laptop, desktop] = [await world.addDevice('Laptop'), await world.addDevice('Desktop')];
  await laptop.start();
  await desktop.start();
  writeFileSync(join(laptop.folder, 'thesis.txt'), 'the only copy');
  await settle([laptop, desktop]);

  const other = await page.context().newPage();
  await other.goto((await runOk('onefold', ['ui', '--home', desktop.home])).trim());
  await page.goto((await runOk('onefold', ['ui', '--home', laptop.home])).trim());
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Delete the account' }).click();
  await page.getByLabel('Fill in from the kit’s file').setInputFiles(join(world.folder, 'kit.txt'));
  await page.getByLabel('Your e-mail address').fill(EMAIL);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'do not fit together' })).toBeVisible();
  expect((await laptop.status()).state).toBe('idle');

  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  await expect(other.getByText('The account was deleted, on another device of yours.')).toBeVisible();
  expect((await desktop.status()).attention).toMatchObject([{ code: 'account-deleted' }]);

  // What is written there afterwards stays as well, and nothing asks for it any more.
  writeFileSync(join(desktop.folder, 'later.txt'), 'written later');
  await other.getByRole('link', { name: 'Sign out here' }).click();
  await other.getByRole('button', { name: 'Sign out of this device' }).click();
  await other.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  for (const folder of [laptop.folder, desktop.folder])
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('the only copy');
  expect(readdirSync(desktop.folder).filter((name) => !name.startsWith('.'))).toEqual(['later.txt', 'thesis.txt']);
});

test('the command line deletes an account with kit, password and address, and with nothing less', async () => {
  const home = join(world.folder, 'homes', 'Again');
  const secrets = ['--password-file', join(world.folder, 'password.txt'), '--kit', join(world.folder, 'again.txt')];
  const at = ['--server', world.serverUrl, '--email', EMAIL];
  await runOk('onefold', ['account', 'create', ...at, ...secrets, '--home', home]);
  const remove = (email: string, ...more: string[]) =>
    run('onefold', ['account', 'delete', '--email', email, ...secrets, '--home', home, ...more]);
  // It is the daemon that is in the account.
  expect((await remove(EMAIL)).code).toBe(6);
  const daemon = await startService('onefold', ['daemon', '--home', home]);
  const mistyped = await remove('somebody@onefold.example');
  expect([mistyped.code, mistyped.stderr]).toEqual([
    2,
    expect.stringContaining('not the e-mail address of the account'),
  ]);
  expect(await remove(EMAIL, '--json')).toMatchObject({ code: 0, stdout: `${JSON.stringify({ home })}\n` });
  expect((await run('onefold', ['status', '--home', home])).code).not.toBe(0);
  await daemon.end('SIGTERM');
  expect((await run('onefold', ['login', ...at, ...secrets, '--home', join(world.folder, 'x')])).stderr).toContain(
    'do not fit together',
  );
});
