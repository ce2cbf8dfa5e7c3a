import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startService, type Service } from '../tools/command-line.ts';
import { createWorld, type Device, type World } from './harness/world.ts';

let world: World;
let laptop: Device;
let daemon: Service | null = null;

beforeEach(async () => {
  world = await createWorld();
  await world.startServer();
  laptop = await world.addDevice('laptop');
});
afterEach(async () => {
  await daemon?.end('SIGKILL');
  daemon = null;
  await world.close();
});

it('a doctor without a daemon says how to start one, and without a server what to look at', async () => {
  const { code, stdout } = await laptop.command('doctor');
  expect(code).not.toBe(0);
  expect(stdout).toContain(`!!  No daemon runs for ${laptop.home}: nothing is kept in step.`);
  expect(stdout).toContain(`    Start one with: onefold daemon --home ${laptop.home}`);
  expect(stdout).toContain(`ok  The server at ${world.serverUrl} answers.`);
  await world.killServer();
  await laptop.start();
  const after = await laptop.command('doctor');
  expect(after.code).not.toBe(0);
  expect(after.stdout).toContain(`!!  The server at ${world.serverUrl} cannot be used`);
  expect(after.stdout).toContain('    Check the network, and that the server runs.');
});

/** Where the system gives this user's programs only so many watches, as it does where other programs have taken the rest. */
const FEW_WATCHES = [
  'unshare',
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 4 > /proc/sys/user/max_inotify_watches && exec "$0" "$@"',
];

it('a watch that the system refuses is found whatever its limit says: the status tells it once, and a doctor says what to raise', async ({
  skip,
}) => {
  try {
    execFileSync(FEW_WATCHES[0]!, [...FEW_WATCHES.slice(1), 'true'], { stdio: 'ignore' });
  } catch {
    skip('this process may not make a user namespace');
  }
  for (let at = 0; at < 12; at++) mkdirSync(join(laptop.folder, `folder ${at}`));
  const second = join(world.folder, 'second');
  mkdirSync(join(second, 'inside'), { recursive: true });
  expect((await laptop.command('add', second, '--namespace', 'second')).code).toBe(0);
  daemon = await startService('onefold', ['daemon', '--home', laptop.home], { within: FEW_WATCHES });
  // Everything is in step all the same: changes are found by looking.
  expect((await laptop.syncWait(60)).code).toBe(0);
  const { state, pending, attention } = await laptop.status();
  expect({ state, pending, attention }).toMatchObject({
    state: 'attention',
    pending: 0,
    attention: [{ code: 'watch-limit', path: '' }],
  });
  const { code, stdout } = await laptop.command('doctor');
  expect(code).not.toBe(0);
  expect(stdout).toContain('!!  13 folders are to be watched, and the system watches no more');
  expect(stdout).toContain('Raise fs.inotify.max_user_watches');
});
