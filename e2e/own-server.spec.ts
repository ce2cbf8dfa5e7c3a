import { existsSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { run, runOk, startService, type Service } from '../tools/command-line.ts';
import { buildApp, openApp } from './harness/app-window.ts';
import type { AppWindow } from './harness/opened-app.ts';
import { chooseFolder, makeAccount, PASSWORD } from './harness/make-account.ts';
import { createWorld, type World } from './harness/world.ts';

/* A server that a device runs on its own computer: begun in the first run, there again after every end, and ended for good. */
let world: World;
let app: AppWindow | null = null;
const services: Service[] = [];

test.beforeAll(async () => {
  buildApp();
  // Only its folder is used.
  world = await createWorld();
  await writeFileOfPassword();
});

test.afterAll(async () => {
  await app?.quit();
  for (const service of services) await service.end('SIGKILL');
  await world.close();
});

async function writeFileOfPassword(): Promise<void> {
  await mkdir(join(world.folder, 'homes'), { recursive: true });
  writeFileSync(join(world.folder, 'secret.txt'), PASSWORD, { mode: 0o600 });
}

async function startDaemon(home: string): Promise<Service> {
  const daemon = await startService('onefold', ['daemon', '--home', home]);
  services.push(daemon);
  return daemon;
}

async function chooseThisComputer(page: Page): Promise<void> {
  await page.getByRole('radio', { name: 'At one on this computer' }).click();
  await page.getByRole('radio', { name: 'This computer alone' }).click();
}

interface OwnServerJson {
  readonly server: { readonly address: string; readonly isRunning: boolean; readonly folder: string } | null;
}

async function ownServer(home: string): Promise<OwnServerJson['server']> {
  return (JSON.parse(await runOk('onefold', ['server', 'status', '--json', '--home', home])) as OwnServerJson).server;
}

test('the app’s first run starts a server on this computer, where a second device meets it; a daemon goes on with it, also after kill -9, until it is told to end it', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const home = join(world.folder, 'homes', 'Host');
  const folder = join(world.folder, 'Host');
  const kitFile = join(world.folder, 'kit-of-host.txt');
  app = await openApp(home, join(world.folder, 'app'));
  const window = await app.page();
  const { kitText } = await makeAccount(window, {
    email: 'ana@example.org',
    deviceName: 'Host',
    kitFile: null,
    chooseServer: () => chooseThisComputer(window),
  });
  writeFileSync(kitFile, kitText);
  await chooseFolder(window, folder);
  writeFileSync(join(folder, 'thesis.txt'), 'every word of it');
  const server = (await ownServer(home))?.address ?? '';
  expect(kitText).toContain(server);
  const guest = { home: join(world.folder, 'homes', 'Guest'), folder: join(world.folder, 'Guest') };
  await mkdir(guest.folder);
  const account = ['--server', server, '--email', 'ana@example.org', '--kit', kitFile, '--home', guest.home];
  await runOk('onefold', ['login', ...account, '--password-file', join(world.folder, 'secret.txt')]);
  await runOk('onefold', ['add', guest.folder, '--home', guest.home]);
  await startDaemon(guest.home);
  await expect.poll(() => existsSync(join(guest.folder, 'thesis.txt'))).toBe(true);

  // Whoever else comes by is no guest of this disk.
  const stranger = ['--server', server, '--email', 'eve@example.org', '--kit', join(world.folder, 'kit-of-eve.txt')];
  const refused = await run('onefold', [
    ...['account', 'create', ...stranger, '--home', join(world.folder, 'homes', 'Eve')],
    ...['--password-file', join(world.folder, 'secret.txt')],
  ]);
  expect([refused.code, refused.stderr]).toEqual([
    expect.not.stringMatching('^0$'),
    expect.stringContaining('no new accounts'),
  ]);
  const before = await ownServer(home);
  expect(await app.quit()).toBe(0);
  app = null;
  writeFileSync(join(guest.folder, 'meanwhile.txt'), 'written while the server was away');
  await expect
    .poll(async () => (await run('onefold', ['status', '--json', '--home', guest.home])).stdout)
    .toContain('"state":"offline"');
  let daemon = await startDaemon(home);
  await expect.poll(() => existsSync(join(folder, 'meanwhile.txt')), { timeout: 60_000 }).toBe(true);

  await daemon.end('SIGKILL');
  daemon = await startDaemon(home);
  writeFileSync(join(folder, 'after.txt'), 'written after the kill');
  expect((await run('onefold', ['sync', '--wait', '--timeout', '60', '--home', home])).code).toBe(0);
  expect(await ownServer(home)).toEqual({ ...before, isRunning: true });
  const other = await run('onefold', ['server', 'start', '--reach', 'network', '--home', home]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('know it by its address')]);

  // What the guest would be told had this computer got another address.
  const moved = server.replace('127.0.0.1', 'localhost');
  const tell = (to: string) => run('onefold', ['account', 'server', to, '--home', guest.home]);
  expect((await tell('http://127.0.0.1:1')).stderr).toContain('server-unreachable');
  expect((await tell(moved)).code).toBe(0);
  const told = JSON.parse(await runOk('onefold', ['status', '--json', '--home', guest.home])) as object;
  expect(told).toMatchObject({ server: { url: moved } });
  await expect.poll(() => existsSync(join(guest.folder, 'after.txt')), { timeout: 60_000 }).toBe(true);
  writeFileSync(join(guest.folder, 'moved.txt'), 'sent to the new address');
  await expect.poll(() => existsSync(join(folder, 'moved.txt')), { timeout: 60_000 }).toBe(true);

  await page.goto((await runOk('onefold', ['ui', '--home', home])).trim());
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('tab', { name: 'Network' }).click();
  const section = page.getByRole('region', { name: 'Server on this computer' });
  await expect(section).toContainText(before?.address ?? 'no address');
  await section.getByRole('button', { name: 'Run it no more' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run it no more' }).click();
  await expect(section).toBeHidden();
  expect(await ownServer(home)).toBeNull();
  expect(existsSync(join(before?.folder ?? '', 'metadata.db'))).toBe(true);
  await page.getByRole('link', { name: 'Home' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Offline');
  await daemon.end('SIGTERM');
});
