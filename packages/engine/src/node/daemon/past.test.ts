import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, until, type TwoDevices } from './test-ground.ts';

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

const read = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');
const write = (folder: string, name: string, text: string): void => writeFileSync(path.join(folder, name), text);

it('tells what became of a file, its name and its bytes, and by whom', { timeout: 4 * PATIENCE_MS }, async () => {
  write(here, 'draft.txt', 'one');
  await settle();
  write(there, 'draft.txt', 'two, longer');
  await settle();
  renameSync(path.join(here, 'draft.txt'), path.join(here, 'thesis.txt'));
  await settle();
  const file = { folder: here, path: 'thesis.txt' };
  const told = await laptop.calls.versions(file);
  expect(told.versions.map(({ kind, device, sizeBytes }) => [kind, device.name, sizeBytes])).toEqual([
    ['edited', 'Desktop', 11],
    ['added', 'Laptop', 3],
  ]);
  expect(told.events.map(({ kind, previousPath, device }) => [kind, previousPath, device.name])).toEqual([
    ['renamed', 'draft.txt', 'Laptop'],
  ]);
  const [, first] = told.versions;
  expect(await laptop.calls.preview(file)).toEqual({ kind: 'text', text: 'two, longer', isCut: false });
  expect(await laptop.calls.preview({ ...file, version: first!.version })).toMatchObject({ text: 'one' });
  await laptop.calls.restore({ ...file, version: first!.version });
  await settle();
  expect(read(there, 'thesis.txt')).toBe('one');
  for (const [core, folder] of [
    [desktop, there],
    [laptop, here],
  ] as const) {
    const after = await core.calls.versions({ folder, path: 'thesis.txt' });
    expect(after.versions.map(({ kind }) => kind)).toEqual(['restored', 'edited', 'added']);
    expect(after.events.map(({ kind }) => kind)).toEqual(['renamed']);
  }
});

it(
  'brings a folder back to a moment, as changes that can be taken back the same way',
  { timeout: 6 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'work', 'deep'), { recursive: true });
    write(here, 'work/kept.txt', 'kept');
    write(here, 'work/edited.txt', 'as it was');
    write(here, 'work/deep/lost.txt', 'lost');
    write(here, 'outside.txt', 'outside');
    await settle();
    await sleep(20);
    const atMs = Date.now();
    await sleep(20);
    write(there, 'work/edited.txt', 'ruined, and longer');
    rmSync(path.join(there, 'work', 'deep'), { recursive: true });
    write(there, 'work/new.txt', 'new');
    write(there, 'outside.txt', 'outside, changed');
    await settle();
    const place = { folder: here, path: 'work', atMs };
    const look = await laptop.calls.lookBack(place);
    expect(look.changes.map(({ path: at, change }) => [at, change])).toEqual([
      ['work/deep/lost.txt', 'added-back'],
      ['work/edited.txt', 'changed-back'],
      ['work/new.txt', 'removed'],
    ]);
    const gone = await laptop.calls.goBack(place);
    expect(gone).toMatchObject({ done: 3, skipped: [] });
    await settle();
    for (const folder of [here, there]) {
      expect(read(folder, 'work/edited.txt')).toBe('as it was');
      expect(read(folder, 'work/deep/lost.txt')).toBe('lost');
      expect(existsSync(path.join(folder, 'work', 'new.txt'))).toBe(false);
      expect(read(folder, 'outside.txt')).toBe('outside, changed');
    }
    expect((await laptop.calls.goBack({ ...place, atMs: gone.beforeMs })).skipped).toEqual([]);
    await settle();
    expect(read(there, 'work/edited.txt')).toBe('ruined, and longer');
    expect(read(there, 'work/new.txt')).toBe('new');
  },
);

it(
  'finds names, sums up what takes the space, and tells a helper nothing by name',
  { timeout: 4 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'Photos', '2026'), { recursive: true });
    write(here, 'Photos/2026/Jeju.jpg', 'x'.repeat(5_000));
    write(here, 'Photos/Résumé.pdf', 'y'.repeat(900));
    write(here, 'gone.txt', 'z'.repeat(70));
    await settle();
    rmSync(path.join(here, 'gone.txt'));
    await settle();
    const found = async (text: string, deleted = false) =>
      (await desktop.calls.search({ text, deleted, limit: 10 })).found.map(({ path: at, isDeleted }) => [
        at,
        isDeleted,
      ]);
    expect(await found('jeju')).toEqual([['Photos/2026/Jeju.jpg', false]]);
    expect(await found('RESUME')).toEqual([['Photos/Résumé.pdf', false]]);
    // A delete is believed last: it may arrive a moment after everything else rests.
    await until(async () => (await found('gone')).length === 0, PATIENCE_MS);
    expect(await found('gone', true)).toEqual([['gone.txt', true]]);
    const map = await desktop.calls.storage({ folder: there, path: '', side: 'here' });
    expect(map.parts.map(({ path: at, sizeBytes, count }) => [at, sizeBytes, count])).toEqual([
      ['', 5_900, 2],
      ['Photos', 5_900, 2],
      ['Photos/2026', 5_000, 1],
      ['Photos/2026/Jeju.jpg', 5_000, 1],
      ['Photos/Résumé.pdf', 900, 1],
    ]);
    const { entries } = await laptop.calls.trash({ text: 'GONE' });
    expect(entries.map(({ path: at, where, device }) => [at, where, device?.name])).toEqual([
      ['gone.txt', 'server', 'Laptop'],
    ]);
    const { text } = await laptop.calls.diagnostics();
    for (const word of ['Jeju', here, 'ada@example.org', 'Laptop', '127.0.0.1'])
      expect(text.includes(word), word).toBe(false);
  },
);
