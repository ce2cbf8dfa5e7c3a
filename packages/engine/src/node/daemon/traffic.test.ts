import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import type { SettingsChanges } from './settings.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;
const MIB = 1024 * 1024;

let ground: TestGround;
const cores: DaemonCore[] = [];

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()));
  await ground.close();
}, PATIENCE_MS);

async function start(home: string, name: string): Promise<{ core: DaemonCore; root: string }> {
  const core = await createDaemonCore({ home });
  cores.push(core);
  const root = path.join(ground.scratch, name);
  mkdirSync(root);
  await core.add(root, null);
  return { core, root };
}

const read = async (core: DaemonCore) => (await core.calls.settings()).settings;
const set = async (core: DaemonCore, changes: SettingsChanges) => (await core.calls.setSettings({ changes })).settings;
const settled = (core: DaemonCore) => core.syncWait(PATIENCE_MS, () => false);

const soon = (what: () => boolean | Promise<boolean>) => until(what, PATIENCE_MS);

/** Bytes of packs that the server keeps. */
function keptBytes(): number {
  const packs = path.join(ground.scratch, 'server');
  return readdirSync(packs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && path.join(entry.parentPath, entry.name).includes('packs'))
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

const doneOf = (core: DaemonCore): number | null => core.status().progress?.inFlight[0]?.bytesDone ?? null;

it(
  'a running transfer stops when it is paused, and sends nothing twice when it goes on',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    const { core, root } = await start(await ground.home('Laptop'), 'here');
    await settled(core);
    await set(core, { bandwidth: { upBytesPerSecond: 12 * MIB } });
    const content = randomBytes(48 * MIB);
    writeFileSync(path.join(root, 'large.bin'), content);
    await soon(() => (doneOf(core) ?? 0) > 8 * MIB);
    await core.pause(root);
    await sleep(500);
    const doneBytes = doneOf(core);
    const atPause = keptBytes();
    await sleep(1_000);
    expect(keptBytes()).toBe(atPause);
    expect(core.status()).toMatchObject({ state: 'paused', folders: [{ paused: true }] });
    // It stands where it was.
    expect(doneOf(core)).toBe(doneBytes);
    expect(doneBytes).toBeGreaterThan(8 * MIB);

    await set(core, { bandwidth: { upBytesPerSecond: null } });
    await core.resume(root);
    expect(await settled(core)).toBe('idle');
    // Random bytes do not shrink: anything sent again would stand here twice.
    expect(keptBytes()).toBeGreaterThan(content.length);
    expect(keptBytes()).toBeLessThan(content.length * 1.02 + MIB);
    const other = await start(await ground.home('Desktop'), 'there');
    expect(await settled(other.core)).toBe('idle');
    expect(readFileSync(path.join(other.root, 'large.bin')).equals(content)).toBe(true);
  },
);

it('small changes overtake a large transfer on a slow line', { timeout: 3 * PATIENCE_MS }, async () => {
  const { core, root } = await start(await ground.home('Laptop'), 'here');
  const other = await start(await ground.home('Desktop'), 'there');
  await settled(core);
  await set(core, { bandwidth: { upBytesPerSecond: 300_000 } });
  writeFileSync(path.join(root, 'large.bin'), randomBytes(40 * MIB));
  await soon(() => (core.status().progress?.inFlight.length ?? 0) > 0);
  writeFileSync(path.join(root, 'small.txt'), 'first');
  await soon(() => existsSync(path.join(other.root, 'small.txt')));
  expect(readFileSync(path.join(other.root, 'small.txt'), 'utf8')).toBe('first');
  expect(core.status().progress?.inFlight.map((item) => item.path)).toEqual(['large.bin']);
});

it('settings are kept, changed in part, and refused as a whole', { timeout: PATIENCE_MS }, async () => {
  const home = await ground.home('Laptop');
  const { core } = await start(home, 'here');
  expect(await read(core)).toMatchObject({ bandwidth: { upBytesPerSecond: null, schedule: [] }, language: null });
  await set(core, { bandwidth: { upBytesPerSecond: 100_000 }, language: 'ko' });
  await set(core, { bandwidth: { downBytesPerSecond: 200_000 } });
  await expect(set(core, { language: 'en', bandwidth: { upBytesPerSecond: 1 } })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  const kept = { bandwidth: { upBytesPerSecond: 100_000, downBytesPerSecond: 200_000 }, language: 'ko' };
  expect(await read(core)).toMatchObject(kept);
  await core.close();
  const again = await createDaemonCore({ home });
  cores.push(again);
  expect(await read(again)).toMatchObject(kept);
});

it('a connection that is metered, or an hour that is set so, holds everything', { timeout: PATIENCE_MS }, async () => {
  const { core, root } = await start(await ground.home('Laptop'), 'here');
  await settled(core);
  await set(core, { metered: { is: 'yes', then: 'pause' } });
  writeFileSync(path.join(root, 'new.txt'), 'new');
  await soon(() => core.status().notYetSafe > 0);
  expect(core.status()).toMatchObject({
    state: 'paused',
    paused: false,
    heldBy: 'metered',
    folders: [{ paused: false }],
  });
  await set(core, { metered: { is: 'no' } });
  expect(await settled(core)).toBe('idle');
  expect(core.status().heldBy).toBeUndefined();
  const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '00:00', pause: true };
  const schedule = [{ ...always, upBytesPerSecond: null, downBytesPerSecond: null }] as never;
  await set(core, { bandwidth: { schedule } });
  expect(core.status()).toMatchObject({ state: 'paused', heldBy: 'schedule' });
});
