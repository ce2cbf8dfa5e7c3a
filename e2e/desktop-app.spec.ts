import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildApp, openApp } from './harness/app-window.ts';
import type { AppWindow } from './harness/opened-app.ts';
import { createWorld, settle, type Device, type World } from './harness/world.ts';

/*
 * The desktop app's own bundles, unmodified, on the stand-in for Electron: main process, preload, engine, page and tray together, with a real
 * server and a second device.
 */
let world: World;
let laptop: Device;
let desktop: Device;
let app: AppWindow | null = null;

test.beforeAll(async () => {
  buildApp();
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('Laptop');
  desktop = await world.addDevice('Desktop');
  await desktop.start();
});

test.afterEach(async () => {
  await app?.quit();
  app = null;
});

test.afterAll(() => world.close());

function headline(page: import('@playwright/test').Page) {
  return page.getByRole('heading', { level: 1 });
}

test('the window shows what its own engine does, and a file crosses over', async () => {
  app = await openApp(laptop.home, join(world.folder, 'app'));
  const page = await app.page();
  await expect(headline(page)).toHaveText('Everything is safe.');
  writeFileSync(join(desktop.folder, 'from the other side.txt'), 'hello');
  await expect(page.getByText('from the other side.txt').first()).toBeVisible();
  await settle([desktop]);
  expect(readFileSync(join(laptop.folder, 'from the other side.txt'), 'utf8')).toBe('hello');
  await expect
    .poll(() => app?.asked.filter(({ what }) => what === 'tooltip').at(-1)?.value)
    .toBe('Onefold: Everything is safe');
  // The command line reaches the app's engine as it would a daemon.
  await expect.poll(async () => (await laptop.status()).state).toBe('idle');
  expect(await app.quit()).toBe(0);
});

test('the tray pauses and resumes, shows a recent file, and quitting ends the engine', async () => {
  app = await openApp(laptop.home, join(world.folder, 'app'));
  const page = await app.page();
  await expect(headline(page)).toHaveText('Everything is safe.');
  app.say({ click: 'For 1 hour' });
  await expect(headline(page)).toContainText('Paused');
  app.say({ click: 'Resume' });
  await expect(headline(page)).toHaveText('Everything is safe.');
  app.say({ click: 'from the other side.txt' });
  await expect
    .poll(() => app?.asked.find(({ what }) => what === 'show-item')?.value)
    .toBe(join(laptop.folder, 'from the other side.txt'));
  app.say({ click: 'Quit Onefold' });
  expect(await app.ended).toBe(0);
  expect((await laptop.command('status', '--json')).code).not.toBe(0);
});

test('an app that finds a daemon running attaches to it, and leaves it running', async () => {
  await laptop.start();
  app = await openApp(laptop.home, join(world.folder, 'app'));
  const page = await app.page();
  await expect(headline(page)).toHaveText('Everything is safe.');
  expect(await app.quit()).toBe(0);
  expect(laptop.isRunning()).toBe(true);
  expect((await laptop.status()).state).toBe('idle');
});

test('when that daemon ends, the app runs the engine itself', async () => {
  if (!laptop.isRunning()) await laptop.start();
  app = await openApp(laptop.home, join(world.folder, 'app'));
  const page = await app.page();
  await expect(headline(page)).toHaveText('Everything is safe.');
  await laptop.stop();
  await expect.poll(async () => (await laptop.command('status', '--json')).code).toBe(0);
  await expect(headline(page)).toHaveText('Everything is safe.');
});

test('an app that is to keep in step goes on without window and icon when it is quit, until it is opened again', async () => {
  await laptop.stop();
  app = await openApp(laptop.home, join(world.folder, 'app-that-stays'));
  const page = await app.page();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Keep in step' }).click();
  await expect(page.getByRole('radio', { name: 'Keep in step' })).toBeChecked();
  app.say({ click: 'Quit Onefold' });
  await expect.poll(() => page.isClosed()).toBe(true);
  writeFileSync(join(desktop.folder, 'while out of sight.txt'), 'hello');
  await expect.poll(() => existsSync(join(laptop.folder, 'while out of sight.txt'))).toBe(true);
  expect(app.isRunning()).toBe(true);
  app.say({ start: true });
  await expect(headline(await app.page())).toHaveText('Everything is safe.');
});

test('an app on a new device takes it to an account and a folder', async () => {
  writeFileSync(join(desktop.folder, 'for a new device.txt'), 'hello');
  const home = join(world.folder, 'homes', 'Fresh');
  app = await openApp(home, join(world.folder, 'app-of-fresh'));
  const page = await app.page();
  await page.getByRole('button', { name: 'Sign in with the Emergency Kit' }).click();
  await page.getByLabel('Fill in from the kit’s file').setInputFiles(join(world.folder, 'kit.txt'));
  await page.getByLabel('Password').fill('correct horse battery staple');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(headline(page)).toHaveText('Choose the folder');
  const folder = join(world.folder, 'Fresh');
  await page.getByLabel('Folder on this device').fill(folder);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(headline(page)).toHaveText('Everything is safe.');
  await expect.poll(() => existsSync(join(folder, 'for a new device.txt'))).toBe(true);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: 'Keep in step' }).click();
  await expect(page.getByRole('radio', { name: 'Keep in step' })).toBeChecked();
  // Menu and tray follow the language of the page.
  await page.getByRole('radio', { name: '한국어' }).click();
  await expect.poll(() => app?.asked.filter(({ what }) => what === 'tooltip').at(-1)?.value).toMatch(/[가-힣]/u);
  expect(await app.quit()).toBe(0);
});
