import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

it('gives back what was deleted, here and elsewhere', { timeout: 4 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'f'));
  writeFileSync(path.join(here, 'f', 'a'), 'content of a');
  writeFileSync(path.join(here, 'f', 'b'), 'content of b');
  writeFileSync(path.join(here, 'c'), 'content of c');
  await settle();
  rmSync(path.join(here, 'f'), { recursive: true });
  rmSync(path.join(here, 'c'));
  await settle();
  const left = existsSync(path.join(there, 'f')) ? readdirSync(path.join(there, 'f')) : null;
  expect(left).toBe(null);

  // Where it was deleted elsewhere, it lies in a folder that people can open.
  const { entries } = await desktop.calls.trash({});
  const local = entries.filter(({ where }) => where === 'here');
  expect(local.map(({ path: at, kind, sizeBytes, folder }) => [folder, at, kind, sizeBytes]).sort()).toEqual([
    [there, 'c', 'file', 12],
    [there, 'f/a', 'file', 12],
    [there, 'f/b', 'file', 12],
  ]);
  const day = new Date(local[0]!.trashedAtMs!).toISOString().slice(0, 10);
  expect(readFileSync(path.join(there, '.onefold', 'trash', day, 'f', 'a'), 'utf8')).toBe('content of a');
  const a = local.find((entry) => entry.path === 'f/a')!;
  expect(await desktop.calls.restoreTrash({ folder: there, id: a.id })).toEqual({ path: 'f/a' });
  await expect(desktop.calls.restoreTrash({ folder: there, id: a.id })).rejects.toMatchObject({ code: 'not-found' });
  await settle();
  expect(readFileSync(path.join(here, 'f', 'a'), 'utf8')).toBe('content of a');

  // Where it was deleted by hand only the server has it.
  const kept = (await laptop.calls.trash({ folder: here })).entries;
  expect(kept.every(({ where }) => where === 'server')).toBe(true);
  const c = kept.find((entry) => entry.path === 'c')!;
  const { policy } = await laptop.calls.retention({ folder: here });
  expect(c.goesAtMs).toBe(c.trashedAtMs! + policy.trashDays! * 86_400_000);
  expect(local.map(({ trashedAtMs, goesAtMs }) => goesAtMs! - trashedAtMs!)).toEqual(
    [30, 30, 30].map((days) => days * 86_400_000),
  );
  expect(await laptop.calls.restoreTrash({ folder: here, id: c.id, to: 'back/c' })).toEqual({ path: 'back/c' });
  const folder = kept.find((entry) => entry.path === 'f' && entry.kind === 'folder')!;
  await laptop.calls.restoreTrash({ folder: here, id: folder.id, to: 'old f' });
  await settle();
  expect(readFileSync(path.join(there, 'back', 'c'), 'utf8')).toBe('content of c');
  expect(readFileSync(path.join(there, 'old f', 'b'), 'utf8')).toBe('content of b');

  expect(await desktop.calls.emptyTrash({ folder: there })).toEqual({ count: 2, sizeBytes: 24 });
  expect((await desktop.calls.trash({})).entries.filter(({ where }) => where === 'here')).toEqual([]);
  expect(existsSync(path.join(there, '.onefold', 'trash', day))).toBe(false);
});
