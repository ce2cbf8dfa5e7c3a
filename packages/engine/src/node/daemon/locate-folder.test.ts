import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { locateFolderOfHome } from './offline-commands.ts';
import { startTwoDevices, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;
const FILES = 30;

let devices: TwoDevices;
let here: string;
let there: string;
let laptop: DaemonCore;
let desktop: DaemonCore;

const settle = (): Promise<void> => devices.settle(PATIENCE_MS);
const visible = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => !name.startsWith('.onefold'))
    .sort();
const head = (): number => desktop.status().folders[0]!.head;
const lostHere = (): Promise<void> =>
  expect.poll(() => laptop.status().attention[0]?.code, { timeout: PATIENCE_MS }).toMatch(/^root-/);

beforeEach(async () => {
  devices = await startTwoDevices();
  ({ here, there, laptop, desktop } = devices);
  mkdirSync(path.join(here, 'f'));
  for (let i = 0; i < FILES; i++) writeFileSync(path.join(here, 'f', `${i}`), `content ${i}`);
  mkdirSync(path.join(here, 'unticked'));
  writeFileSync(path.join(here, 'unticked', 'u'), 'not wanted here');
  await settle();
}, PATIENCE_MS);

afterEach(() => devices.close(), PATIENCE_MS);

it('a folder that was moved goes on where it is', { timeout: 3 * PATIENCE_MS }, async () => {
  const before = head();
  const moved = `${here}-moved`;
  renameSync(here, moved);
  await lostHere();
  rmSync(path.join(moved, 'f', '0'));
  await expect(laptop.locate(here, path.join(moved, 'f'))).rejects.toMatchObject({ code: 'root-nested' });
  // Wherever it stands it is kept already, and is not given to another namespace.
  await expect(laptop.add(moved, 'Other')).rejects.toMatchObject({ code: 'root-in-use' });
  expect((await laptop.locate(here, moved)).path).toBe(moved);
  await settle();
  expect(laptop.status().attention).toEqual([]);
  // It is itself: what was deleted in it meanwhile was deleted.
  expect(visible(there)).toEqual(visible(moved));
  expect(existsSync(path.join(there, 'f', '0'))).toBe(false);
  expect(head()).toBe(before + 1);
});

it(
  'what is missing in another folder in its place counts as deleted nowhere, and equal files are taken for the same',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    await laptop.calls.setSelection({ folder: here, untick: ['unticked'], tick: [] });
    await expect.poll(() => existsSync(path.join(here, 'unticked')), { timeout: PATIENCE_MS }).toBe(false);
    await settle();
    const before = head();
    const copy = `${here}-on-a-new-disk`;
    cpSync(here, copy, { recursive: true });
    await expect(laptop.locate(here, copy)).rejects.toMatchObject({ code: 'root-in-use' });
    rmSync(here, { recursive: true });
    await lostHere();
    for (let i = 0; i < FILES / 2; i++) rmSync(path.join(copy, 'f', `${i}`));
    writeFileSync(path.join(copy, 'f', `${FILES - 1}`), 'edited in the copy');
    await laptop.locate(here, copy);
    await settle();
    const names = visible(there);
    expect(names.filter((name) => /^f.\d+$/.test(name))).toHaveLength(FILES);
    expect(visible(copy)).toEqual(names.filter((name) => !name.startsWith('unticked')));
    const contents = names
      .filter((name) => name.startsWith(path.join('f', `${FILES - 1}`)))
      .map((name) => readFileSync(path.join(there, name), 'utf8'));
    expect(contents.sort()).toEqual([`content ${FILES - 1}`, 'edited in the copy']);
    // The one that is kept twice, and nothing else.
    expect(head()).toBe(before + 1);
    expect(existsSync(path.join(there, 'unticked', 'u'))).toBe(true);
    // From now on it is itself.
    rmSync(path.join(copy, 'f', '3'));
    await settle();
    expect(existsSync(path.join(there, 'f', '3'))).toBe(false);
  },
);

it('said while no daemon runs, an empty folder fills', { timeout: 3 * PATIENCE_MS }, async () => {
  const before = { head: head(), names: visible(there) };
  await laptop.close();
  rmSync(here, { recursive: true });
  const empty = `${here}-empty`;
  mkdirSync(empty);
  expect(await locateFolderOfHome(devices.laptopHome, here, empty)).toMatchObject({ path: empty });
  laptop = await createDaemonCore({ home: devices.laptopHome });
  onTestFinished(() => laptop.close());
  for (const core of [laptop, desktop]) expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  expect(visible(empty)).toEqual(before.names);
  expect(visible(there)).toEqual(before.names);
  expect(head()).toBe(before.head);
});
