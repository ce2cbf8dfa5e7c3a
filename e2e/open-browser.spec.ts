import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { createWorld, type Device, type World } from './harness/world.ts';

/* `onefold ui` on a terminal: what it starts, what others may see of it, and where that leads in a browser. */

const BIN = fileURLToPath(new URL('../apps/cli/bin/onefold.mjs', import.meta.url));

let world: World;
let laptop: Device;
let opened: string;
let bin: string;

test.beforeAll(async () => {
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('Laptop');
  await laptop.start();
  bin = join(laptop.home, 'bin');
  opened = join(laptop.home, 'opened');
  mkdirSync(bin);
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s' "$*" >'${opened}'\n`);
  chmodSync(join(bin, 'xdg-open'), 0o755);
});

test.afterAll(() => world.close());

/** On a pseudo-terminal. @returns what it printed */
function onTerminal(args: string, display: string | undefined): string {
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, DISPLAY: display, WAYLAND_DISPLAY: undefined };
  const line = `'${process.execPath}' '${BIN}' ui --home '${laptop.home}' ${args}`;
  const { stdout, status } = spawnSync('script', ['-qec', line, '/dev/null'], { env, encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout;
}

test('the page opens in the browser, by a file that only its user can read', async ({ page }) => {
  for (const [args, display] of [
    ['--no-open', ':0'],
    ['--json', ':0'],
    ['', undefined],
  ] as const) {
    expect(onTerminal(args, display)).toContain('http://127.0.0.1:');
    expect(existsSync(opened)).toBe(false);
  }
  const printed = /^http:\S+/u.exec(onTerminal('', ':0'))?.[0] ?? '';
  await expect.poll(() => existsSync(opened)).toBe(true);
  const given = readFileSync(opened, 'utf8');
  expect(given).not.toContain('token');
  expect(statSync(fileURLToPath(given)).mode & 0o077).toBe(0);

  await page.goto(given);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  expect(page.url()).not.toContain('token');

  // What was printed still works, in a browser that the page was not opened in.
  const elsewhere = await page.context().browser()!.newContext();
  const other = await elsewhere.newPage();
  await other.goto(printed);
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Everything is safe.');
  await elsewhere.close();
});
