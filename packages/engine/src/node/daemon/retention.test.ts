import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let here: string;
let there: string;
let laptop: DaemonCore;
let desktop: DaemonCore;

beforeEach(async () => {
  devices = await startTwoDevices();
  ({ here, there, laptop, desktop } = devices);
}, PATIENCE_MS);

afterEach(() => devices.close(), PATIENCE_MS);

const settle = (): Promise<void> => devices.settle(PATIENCE_MS);

it(
  'what is kept is chosen for all devices, and an old version can be given up',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    await settle();
    const policy = { isThinned: false, versionDays: 7, versionCount: 20, trashDays: null };
    expect(await laptop.calls.setRetention({ folder: here, policy })).toMatchObject({ policy, isDefault: false });
    expect(await desktop.calls.retention({ folder: there })).toMatchObject({ policy, isDefault: false });
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(path.join(here, 'a'), text);
      await settle();
    }
    const versions = async () => (await laptop.calls.versions({ folder: here, path: 'a' })).versions;
    expect((await versions()).map(({ version }) => version)).toEqual(['3', '2', '1']);
    expect(await laptop.calls.purgeVersion({ folder: here, path: 'a', version: '2' })).toEqual({ versions: 1 });
    expect((await versions()).map(({ version }) => version)).toEqual(['3', '1']);
    const current = laptop.calls.purgeVersion({ folder: here, path: 'a', version: '3' });
    await expect(current).rejects.toMatchObject({ code: 'invalid-argument' });
    await laptop.calls.restore({ folder: here, path: 'a', version: '1' });
    await settle();
    expect(readFileSync(path.join(there, 'a'), 'utf8')).toBe('one');
  },
);

it(
  'an edit of what was deleted and purged meanwhile comes back as something new',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'f'));
    writeFileSync(path.join(here, 'f', 'a'), 'content of a');
    writeFileSync(path.join(here, 'c'), 'content of c');
    await settle();
    await desktop.pause(there);
    writeFileSync(path.join(there, 'f', 'a'), 'edited while away');
    writeFileSync(path.join(there, 'c'), 'edited while away too');
    rmSync(path.join(here, 'f'), { recursive: true });
    rmSync(path.join(here, 'c'));
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    const deleted = async () => (await laptop.calls.trash({ folder: here })).entries;
    await expect
      .poll(async () => (await deleted()).map((entry) => entry.path).sort(), { timeout: PATIENCE_MS })
      .toEqual(['c', 'f']);
    const entries = await deleted();
    for (const { id, where } of entries)
      if (where === 'server') expect((await laptop.calls.purgeDeleted({ folder: here, id })).versions).toBeLessThan(2);
    const c = entries.find((entry) => entry.path === 'c')!;
    expect((await deleted()).filter(({ where }) => where === 'server')).toEqual([]);
    const gone = (await laptop.calls.trash({ folder: here, gone: true })).entries;
    expect(gone.map((entry) => [entry.path, entry.device?.name, entry.goesAtMs]).sort()).toEqual([
      ['c', 'Laptop', null],
      ['f', 'Laptop', null],
    ]);
    await expect(laptop.calls.restoreTrash({ folder: here, id: c.id })).rejects.toMatchObject({ code: 'not-found' });
    await desktop.resume(there);
    await settle();
    await settle();
    for (const folder of [here, there]) {
      expect(readFileSync(path.join(folder, 'f', 'a'), 'utf8')).toBe('edited while away');
      expect(readFileSync(path.join(folder, 'c'), 'utf8')).toBe('edited while away too');
    }
    expect(existsSync(path.join(here, 'b'))).toBe(false);
  },
);
