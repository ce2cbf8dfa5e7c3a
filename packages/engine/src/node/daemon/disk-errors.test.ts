/* What a disk refuses, on real small disks: each refusal has a code, says what it means for the file, and changes nothing that is here. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
let here: string;
let there: string;
let laptop: DaemonCore;
let desktop: DaemonCore;
const mounts: string[] = [];

function mount(...args: readonly string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeEach(async ({ skip }) => {
  ground = await startTestGround();
  here = path.join(ground.scratch, 'here');
  const disk = path.join(ground.scratch, 'disk');
  mkdirSync(here);
  mkdirSync(disk);
  if (!mount('-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk)) skip('this process may not mount');
  mounts.push(disk);
  there = path.join(disk, 'there');
  mkdirSync(there);
  laptop = await createDaemonCore({ home: await ground.home('Laptop') });
  desktop = await createDaemonCore({ home: await ground.home('Desktop') });
  await laptop.add(here, null);
  await desktop.add(there, null);
}, PATIENCE_MS);

afterEach(async () => {
  await laptop?.close();
  await desktop?.close();
  for (const at of mounts.splice(0).reverse()) execFileSync('umount', ['-l', at]);
  await ground.close();
}, PATIENCE_MS);

const rest = (core: DaemonCore): Promise<string> => core.syncWait(PATIENCE_MS, () => false);

const soon = (what: () => boolean) => until(what, PATIENCE_MS);

it(
  'a full disk keeps what is there, takes what fits, says why, and takes the rest when there is room',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    writeFileSync(path.join(here, 'big'), Buffer.alloc(1_000_000, 'a'));
    expect(await rest(laptop)).toBe('idle');
    expect(await rest(desktop)).toBe('idle');
    const filler = path.join(path.dirname(there), 'filler');
    try {
      writeFileSync(filler, Buffer.alloc(8_000_000));
    } catch {
      // Full.
    }
    const room = readFileSync(filler);
    writeFileSync(filler, room.subarray(0, room.length - 300_000));
    writeFileSync(path.join(here, 'big'), Buffer.alloc(2_000_000, 'b'));
    writeFileSync(path.join(here, 'small'), 'fits');
    expect(await rest(laptop)).toBe('idle');
    await soon(() => existsSync(path.join(there, 'small')));
    await soon(() => desktop.status().folders[0]!.pending > 0);
    expect(readFileSync(path.join(there, 'big')).every((byte) => byte === 97)).toBe(true);
    await expect
      .poll(async () => (await desktop.calls.explain({ path: path.join(there, 'big') })).reasons[0], {
        timeout: PATIENCE_MS,
      })
      .toMatchObject({ code: 'tried-again', cause: 'disk-full' });
    rmSync(filler);
    expect(await rest(desktop)).toBe('idle');
    expect(readFileSync(path.join(there, 'big')).every((byte) => byte === 98)).toBe(true);
  },
);

it('a part that may only be read keeps what is there and says so', { timeout: 4 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'sub'));
  writeFileSync(path.join(here, 'sub', 'a'), 'first');
  expect(await rest(laptop)).toBe('idle');
  expect(await rest(desktop)).toBe('idle');
  const sub = path.join(there, 'sub');
  execFileSync('mount', ['--bind', sub, sub]);
  mounts.push(sub);
  execFileSync('mount', ['-o', 'remount,bind,ro', sub]);
  writeFileSync(path.join(here, 'sub', 'a'), 'second');
  writeFileSync(path.join(here, 'sub', 'b'), 'new');
  writeFileSync(path.join(here, 'c'), 'elsewhere');
  expect(await rest(laptop)).toBe('idle');
  await soon(() => desktop.status().attention.some(({ code }) => code === 'read-only'));
  await soon(() => existsSync(path.join(there, 'c')));
  expect(readdirSync(sub)).toEqual(['a']);
  expect(readFileSync(path.join(sub, 'a'), 'utf8')).toBe('first');
  for (const { message } of desktop.status().attention) expect(message).toContain('may not be written to');
  execFileSync('umount', ['-l', mounts.pop()!]);
  expect(await rest(desktop)).toBe('idle');
  expect(readdirSync(sub).sort()).toEqual(['a', 'b']);
  expect(readFileSync(path.join(sub, 'a'), 'utf8')).toBe('second');
});
