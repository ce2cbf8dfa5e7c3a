import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { run, runOk } from '../tools/command-line.ts';
import { expectAccessible, openPage } from './harness/pages.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

const NEW_PASSWORD = 'an early spring morning';
let world: World;
let laptop: Device;

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('Laptop');
  await laptop.start();
  for (const name of ['Photos', 'Thesis']) {
    await mkdir(join(laptop.folder, name));
    writeFileSync(join(laptop.folder, name, 'one.txt'), name);
  }
  await settle([laptop]);
});

test.afterAll(() => world.close());

const open = (page: Page, screen: string): Promise<void> => openPage(page, laptop, screen);

test('what is set in the page holds in the engine, and on the disk', async ({ page }) => {
  await open(page, 'Settings');
  await page.getByRole('tab', { name: 'Bandwidth' }).click();
  await page.getByRole('region', { name: 'Limits', exact: true }).getByLabel('Upload').fill('3');
  await page.keyboard.press('Enter');
  await expect.poll(() => runOk('onefold', ['settings', '--home', laptop.home])).toContain('upBytesPerSecond 3000000');
  await expectAccessible(page);

  await page.getByRole('tab', { name: 'Folders' }).click();
  await page.getByRole('checkbox', { name: 'Photos' }).click();
  await expect.poll(() => existsSync(join(laptop.folder, 'Photos'))).toBe(false);
  await expect(page.getByRole('checkbox', { name: 'Photos' })).not.toBeChecked();
  await expectAccessible(page);
  await page.getByRole('checkbox', { name: 'Photos' }).click();
  await expect.poll(() => existsSync(join(laptop.folder, 'Photos', 'one.txt'))).toBe(true);

  await page.getByLabel('Rules at the top of the folder').fill('/Thesis/\n');
  await expect(page.getByText('stays as it is on both sides')).toBeVisible();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => existsSync(join(laptop.folder, '.onefoldignore'))).toBe(true);
  expect(readFileSync(join(laptop.folder, '.onefoldignore'), 'utf8')).toBe('/Thesis/\n');

  await page.getByRole('switch', { name: 'Choose for this folder' }).click();
  await page.getByLabel('Deleted files can be had back for').selectOption('30 days');
  await expect
    .poll(() => runOk('onefold', ['retention', 'show', laptop.folder, '--json', '--home', laptop.home]))
    .toContain('"trashDays":30');
});

test('a password is changed in the page: the new kit lets in, the old one no more; then this device signs out', async ({
  page,
}) => {
  await open(page, 'Account');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
  await page.getByLabel('Password once more').fill(NEW_PASSWORD);
  await page.getByRole('button', { name: 'Continue' }).click();
  const kit = page.getByRole('region', { name: 'Onefold Emergency Kit' });
  const saved = page.waitForEvent('download');
  await kit.getByRole('button', { name: 'Save the kit as a file' }).click();
  const kitFile = join(world.folder, 'new-kit.txt');
  await (await saved).saveAs(kitFile);
  await page.getByLabel('The last five characters').fill((await kit.locator('.sheet-key').innerText()).slice(-5));
  await page.getByRole('button', { name: 'It is saved, go on' }).click();
  await expect(page.getByText('The new password is in force.').first()).toBeVisible();

  const passwordFile = join(world.folder, 'new-password.txt');
  writeFileSync(passwordFile, NEW_PASSWORD);
  const enter = (kitOf: string, password: string, name: string) => {
    const account = ['--server', world.serverUrl, '--email', 'owner@onefold.example', '--device-name', name];
    return run('onefold', [
      'login',
      ...account,
      ...['--password-file', password, '--kit', kitOf, '--home', join(world.folder, 'homes', name)],
    ]);
  };
  const old = await enter(join(world.folder, 'kit.txt'), join(world.folder, 'password.txt'), 'Old');
  expect([old.code === 0, old.stderr]).toEqual([false, expect.stringContaining('do not fit together')]);
  expect((await enter(kitFile, passwordFile, 'New')).code).toBe(0);

  await page.getByRole('button', { name: 'Sign out of this device' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One folder, the same on every machine.');
  expect(readFileSync(join(laptop.folder, 'Thesis', 'one.txt'), 'utf8')).toBe('Thesis');
  expect((await laptop.command('status')).code).not.toBe(0);
});
