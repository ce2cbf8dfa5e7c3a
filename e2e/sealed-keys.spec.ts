import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { run, startService } from '../tools/command-line.ts';
import { buildApp, openApp } from './harness/app-window.ts';
import type { AppWindow } from './harness/opened-app.ts';
import { expectAccessible } from './harness/pages.ts';
import { createWorld, type World } from './harness/world.ts';

/* The app on a system with a key store: what it seals, who opens it, and the way back. */
let world: World;
let home: string;
let app: AppWindow | null = null;

test.beforeAll(async () => {
  // In real Electron the key store of the system itself would be asked.
  test.skip((process.env['ONEFOLD_ELECTRON'] ?? '') !== '');
  buildApp();
  world = await createWorld();
  await world.startServer();
  await world.addDevice('Laptop');
  home = join(world.folder, 'homes', 'Sealed');
});

test.afterEach(async () => {
  await app?.quit();
  app = null;
});

test.afterAll(() => world?.close());

async function open(user: string): Promise<Page> {
  app = await openApp(home, join(world.folder, 'app'), { ONEFOLD_STAND_IN_KEYS: user });
  return app.page();
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 });
const isSealed = (): boolean => readFileSync(join(home, 'device.key')).subarray(0, 4).toString('latin1') === 'OFH1';

test('a device that the app has set up is sealed: the app opens it, the command line works beside it and not alone', async () => {
  const page = await open('ana');
  await page.getByRole('button', { name: 'Sign in with the Emergency Kit' }).click();
  await page.getByLabel('Fill in from the kit’s file').setInputFiles(join(world.folder, 'kit.txt'));
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Folder on this device').fill(join(world.folder, 'Sealed'));
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(heading(page)).toHaveText('Everything is safe.');
  expect(isSealed()).toBe(true);
  expect((await run('onefold', ['status', '--home', home])).code).toBe(0);
  await app?.quit();
  const alone = await run('onefold', ['daemon', '--home', home]);
  expect([alone.code, alone.stderr]).toEqual([1, expect.stringContaining('sealed by the desktop app')]);
  // What is to be had without the keys is told all the same.
  const doctor = await run('onefold', ['doctor', '--home', home]);
  expect(doctor.stdout).toContain('!!  The keys of this device are sealed by the desktop app');
  expect(doctor.stdout).toContain('    Open the app: it runs one.');
  expect(doctor.stdout).toContain(`ok  The server at ${world.serverUrl} answers.`);
  await expect(heading(await open('ana'))).toHaveText('Everything is safe.');
});

test('another key store’s answer opens nothing, and is said so', async () => {
  const page = await open('eve');
  await expect(heading(page)).toHaveText('The keys of this device cannot be opened');
  await expectAccessible(page);
  expect(isSealed()).toBe(true);
});

test('switched off, the keys lie in a file from the next start on, and the command line’s daemon opens them', async () => {
  let page = await open('ana');
  await page.getByRole('link', { name: 'Settings' }).click();
  const seals = page.getByRole('switch', { name: 'Seal the keys with the key store of this system' });
  await expect(seals).toBeChecked();
  await seals.click();
  await expect(seals).not.toBeChecked();
  await app?.quit();
  page = await open('ana');
  await expect(heading(page)).toHaveText('Everything is safe.');
  expect(isSealed()).toBe(false);
  await app?.quit();
  const daemon = await startService('onefold', ['daemon', '--home', home]);
  expect((await run('onefold', ['sync', '--wait', '--home', home])).code).toBe(0);
  await daemon.end('SIGTERM');
});
