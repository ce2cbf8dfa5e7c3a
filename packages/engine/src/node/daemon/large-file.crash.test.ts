import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { addFolderToHome } from './offline-commands.ts';
import { changeSettings } from './settings.ts';
import { openHome } from './home.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 120_000;
const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
const MAIN = path.resolve(import.meta.dirname, '../../../../../apps/cli/src/main.ts');

let ground: TestGround;
const children: ChildProcess[] = [];
const cores: DaemonCore[] = [];

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await Promise.all(cores.splice(0).map((core) => core.close()));
  await ground.close();
}, PATIENCE_MS);

async function startDaemon(home: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [MAIN, 'daemon', '--home', home, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function folder(name: string): string {
  const made = path.join(ground.scratch, name);
  mkdirSync(made);
  return made;
}

async function until(what: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!what()) {
    if (performance.now() > deadlineMs) throw new Error('it never happened');
    await sleep(20);
  }
}

function bytesBelow(root: string, part: string): number {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.join(entry.parentPath, entry.name).includes(part))
    .reduce(
      (sum, entry) => sum + (statSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}

const kept = (): number => bytesBelow(path.join(ground.scratch, 'server'), 'packs');
const limited = async (home: string, name: 'upBytesPerSecond' | 'downBytesPerSecond', rate: number | null) =>
  changeSettings(await openHome(home), { bandwidth: { [name]: rate } });

it(
  'an upload that is killed in the middle goes on without sending what is there',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    const home = await ground.home('Laptop');
    const root = folder('here');
    await addFolderToHome(home, root, null);
    await limited(home, 'upBytesPerSecond', 12 * MIB);
    const content = randomBytes(SIZE);
    writeFileSync(path.join(root, 'large.bin'), content);
    const first = await startDaemon(home);
    await until(() => kept() > 40 * MIB);
    await kill(first);
    await limited(home, 'upBytesPerSecond', null);
    const core = await createDaemonCore({ home });
    cores.push(core);
    expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    // Two packs may have been on their way, and what the first daemon had not yet noted is sent again.
    expect(kept()).toBeGreaterThan(SIZE);
    expect(kept()).toBeLessThan(SIZE * 1.02 + 17 * MIB);
    const other = await createDaemonCore({ home: await ground.home('Desktop') });
    cores.push(other);
    const there = folder('there');
    await other.add(there, null);
    expect(await other.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(readFileSync(path.join(there, 'large.bin')).equals(content)).toBe(true);
  },
);

it(
  'a download that is killed in the middle goes on from what is on the disk',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    const core = await createDaemonCore({ home: await ground.home('Laptop') });
    cores.push(core);
    const here = folder('here');
    await core.add(here, null);
    const content = randomBytes(SIZE);
    writeFileSync(path.join(here, 'large.bin'), content);
    expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');

    const home = await ground.home('Desktop');
    const there = folder('there');
    await addFolderToHome(home, there, null);
    await limited(home, 'downBytesPerSecond', 12 * MIB);
    const first = await startDaemon(home);
    const staged = (): number => bytesBelow(path.join(there, '.onefold'), 'staging');
    await until(() => staged() > 24 * MIB);
    await kill(first);
    const left = staged();
    // A limit under which the whole would take longer than the rest: what was fetched again would show in the time.
    const rate = 6 * MIB;
    await limited(home, 'downBytesPerSecond', rate);
    const second = await createDaemonCore({ home });
    cores.push(second);
    let leastDone = Infinity;
    await until(() => {
      const [item] = second.status().progress?.inFlight ?? [];
      if (item !== undefined && item.bytesDone > 0) leastDone = Math.min(leastDone, item.bytesDone);
      return leastDone < Infinity;
    });
    expect(leastDone).toBeGreaterThan(left - 8 * MIB);
    expect(await second.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(readFileSync(path.join(there, 'large.bin')).equals(content)).toBe(true);
    expect(staged()).toBe(0);
  },
);
