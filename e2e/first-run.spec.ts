import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { runOk, startService, type Service } from '../tools/command-line.ts';
import { chooseFolder, makeAccount, PASSWORD } from './harness/make-account.ts';
import { createWorld, type World } from './harness/world.ts';

/* Devices that begin with nothing, each in the page of its own daemon, before a real server. */
let world: World;
const daemons: Service[] = [];

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
});

test.afterAll(async () => {
  for (const daemon of daemons) await daemon.end('SIGKILL');
  await world.close();
});

async function startFresh(name: string): Promise<{ readonly home: string; readonly folder: string }> {
  const home = join(world.folder, 'homes', name);
  daemons.push(await startService('onefold', ['daemon', '--home', home]));
  return { home, folder: join(world.folder, name) };
}

async function open(page: Page, home: string): Promise<void> {
  await page.goto((await runOk('onefold', ['ui', '--home', home])).trim());
}

test('an account is made in the page, a second device signs in with the kit, a third by words, and a fourth takes it over with the phrase', async ({
  context,
}) => {
  const laptop = await startFresh('Laptop');
  const page = await context.newPage();
  await open(page, laptop.home);
  const kitFile = join(world.folder, 'kit-of-ana.txt');
  const { secretKey, phrase } = await makeAccount(page, {
    email: 'ana@example.org',
    deviceName: 'Laptop',
    kitFile,
    chooseServer: () => page.getByLabel('Server').fill(world.serverUrl),
  });
  expect(readFileSync(kitFile, 'utf8')).toContain(secretKey);
  await chooseFolder(page, laptop.folder);
  await writeFile(join(laptop.folder, 'thesis.txt'), 'every word of it');

  const desktop = await startFresh('Desktop');
  const second = await context.newPage();
  await open(second, desktop.home);
  await second.getByRole('button', { name: 'Sign in with the Emergency Kit' }).click();
  await second.getByLabel('Fill in from the kit’s file').setInputFiles(kitFile);
  await expect(second.getByLabel('E-mail address')).toHaveValue('ana@example.org');
  await second.getByLabel('Password').fill('not the password');
  await second.getByLabel('Name of this device').fill('Desktop');
  await second.getByRole('button', { name: 'Continue' }).click();
  await expect(second.getByText('do not fit together')).toBeVisible();
  await second.getByLabel('Password').fill(PASSWORD);
  await second.getByRole('button', { name: 'Continue' }).click();
  await chooseFolder(second, desktop.folder);
  await expect.poll(() => readFileSync(join(desktop.folder, 'thesis.txt'), 'utf8')).toBe('every word of it');

  await page.getByRole('link', { name: 'Devices' }).click();
  await page.getByRole('button', { name: 'Link a device' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('list', { name: 'Eight words' }).getByRole('listitem')).toHaveCount(8);
  const words = await dialog.getByRole('list', { name: 'Eight words' }).getByRole('listitem').allTextContents();
  const tablet = await startFresh('Tablet');
  const third = await context.newPage();
  await open(third, tablet.home);
  await third.getByRole('button', { name: 'Use words from another device' }).click();
  await third.getByLabel('Eight words').fill(words.join(' '));
  await third.getByLabel('Server').fill(world.serverUrl);
  await third.getByLabel('Name of this device').fill('Tablet');
  await third.getByRole('button', { name: 'Continue' }).click();
  const shown = third.getByRole('list', { name: 'Check words' }).getByRole('listitem');
  await expect(shown).toHaveCount(4);
  const compared = dialog.getByRole('list', { name: 'Check words' }).getByRole('listitem');
  await expect(compared).toHaveCount(4);
  expect(await compared.allTextContents()).toEqual(await shown.allTextContents());
  await dialog.getByRole('button', { name: 'They match, let it in' }).click();
  await chooseFolder(third, tablet.folder);
  await expect.poll(() => readFileSync(join(tablet.folder, 'thesis.txt'), 'utf8')).toBe('every word of it');

  // Everything is lost but the sheet with the 24 words.
  const rescue = await startFresh('Rescue');
  const fourth = await context.newPage();
  await open(fourth, rescue.home);
  await fourth.getByRole('button', { name: 'Recover with the recovery phrase' }).click();
  await fourth.getByLabel('Server').fill(world.serverUrl);
  await fourth.getByLabel('E-mail address').fill('ana@example.org');
  await fourth.getByLabel('Recovery phrase').fill(phrase.join('\n'));
  await fourth.getByLabel('Password', { exact: true }).fill('an early spring morning');
  await fourth.getByLabel('Password once more').fill('an early spring morning');
  await fourth.getByLabel('Name of this device').fill('Rescue');
  await fourth.getByRole('button', { name: 'Continue' }).click();
  const newKey = await fourth.locator('.sheet-key').innerText();
  expect(newKey).not.toBe(secretKey);
  await fourth.getByLabel('The last five characters').fill(newKey.slice(-5));
  await fourth.getByRole('button', { name: 'It is saved, go on' }).click();
  await chooseFolder(fourth, rescue.folder);
  await expect.poll(() => readFileSync(join(rescue.folder, 'thesis.txt'), 'utf8')).toBe('every word of it');
  await fourth.getByRole('link', { name: 'Devices' }).click();
  await expect(fourth.getByRole('list', { name: 'Devices' }).getByRole('listitem')).toHaveCount(1);
});

test('a daemon without account takes up the one that a command line makes', async ({ page }) => {
  const { home, folder } = await startFresh('Shell');
  await open(page, home);
  await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible();
  const passwordFile = join(world.folder, 'password-of-eve.txt');
  await writeFile(passwordFile, PASSWORD);
  await mkdir(folder, { recursive: true });
  const account = ['--server', world.serverUrl, '--email', 'eve@example.org', '--password-file', passwordFile];
  const kit = join(world.folder, 'kit-of-eve.txt');
  await runOk('onefold', ['account', 'create', ...account, '--kit', kit, '--home', home]);
  await chooseFolder(page, folder);
  expect(await runOk('onefold', ['status', '--home', home])).toContain(folder);
});
