import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;
const LAPTOPS = 'from the laptop, longer';
const DESKTOPS = 'from the desktop';

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

const read = (folder: string, name: string): string => readFileSync(path.join(folder, name), 'utf8');
const write = (folder: string, name: string, text: string): void => writeFileSync(path.join(folder, name), text);

async function rest(): Promise<void> {
  for (const core of [desktop, laptop, desktop, laptop]) await core.syncWait(PATIENCE_MS, () => false);
}

/** plan.txt as the laptop has it, and the desktop's side as its copy. Answers the copy's path. */
async function conflicted(): Promise<string> {
  write(here, 'plan.txt', 'before');
  await devices.settle(PATIENCE_MS);
  await desktop.pause();
  write(there, 'plan.txt', DESKTOPS);
  write(here, 'plan.txt', LAPTOPS);
  expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  await desktop.resume();
  await rest();
  const [conflict] = (await laptop.calls.conflicts()).conflicts;
  return conflict!.path;
}

it(
  'lists both sides of a conflict on every device, and each decision can be taken back',
  { timeout: 6 * PATIENCE_MS },
  async () => {
    const told: number[] = [];
    desktop.on('conflicts', (count) => told.push(count));
    const copy = await conflicted();
    await expect.poll(() => told.at(-1), { timeout: PATIENCE_MS }).toBe(1);
    for (const core of [desktop, laptop]) {
      const { conflicts } = await core.calls.conflicts();
      expect(
        conflicts.map(({ original, device, copy: its, other }) => [
          original,
          device.name,
          [its.sizeBytes, its.device?.name],
          [other?.sizeBytes, other?.device?.name],
        ]),
      ).toEqual([['plan.txt', 'Desktop', [DESKTOPS.length, 'Desktop'], [LAPTOPS.length, 'Laptop']]]);
    }
    for (const keep of ['original', 'copy', 'both'] as const) {
      const { undo } = await laptop.calls.resolveConflict({ folder: here, path: copy, keep });
      expect(existsSync(path.join(here, copy))).toBe(false);
      expect(read(here, 'plan.txt')).toBe(keep === 'copy' ? DESKTOPS : LAPTOPS);
      await rest();
      expect(read(there, 'plan.txt')).toBe(keep === 'copy' ? DESKTOPS : LAPTOPS);
      const inSight = readdirSync(there).filter((name) => name !== '.onefold');
      expect(inSight).toHaveLength(keep === 'both' ? 2 : 1);
      // The disk shows it a moment before the state has it.
      await expect.poll(async () => (await desktop.calls.conflicts()).conflicts, { timeout: PATIENCE_MS }).toEqual([]);
      await expect.poll(() => told.at(-1), { timeout: PATIENCE_MS }).toBe(0);
      await laptop.calls.undo({ undo });
      await expect(laptop.calls.undo({ undo })).rejects.toMatchObject({ code: 'not-found' });
      expect(read(here, copy)).toBe(DESKTOPS);
      expect(read(here, 'plan.txt')).toBe(LAPTOPS);
      await rest();
    }
  },
);

it(
  'keeps what was written under the name after the decision when that is taken back, and the one where nothing stands',
  { timeout: 6 * PATIENCE_MS },
  async () => {
    const copy = await conflicted();
    const place = { folder: here, path: copy };
    const first = await laptop.calls.resolveConflict({ ...place, keep: 'copy' });
    await rest();
    write(there, 'plan.txt', 'written later');
    await rest();
    expect(read(here, 'plan.txt')).toBe('written later');
    await laptop.calls.undo(first);
    expect([read(here, 'plan.txt'), read(here, copy)]).toEqual([LAPTOPS, 'written later']);
    await rest();

    // With nothing under the name only the copy can be kept, and it takes the name.
    rmSync(path.join(here, 'plan.txt'));
    await rest();
    const [alone] = (await laptop.calls.conflicts()).conflicts;
    expect([alone?.original, alone?.other]).toEqual(['plan.txt', null]);
    await expect(laptop.calls.resolveConflict({ ...place, keep: 'original' })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(read(here, copy)).toBe('written later');
    await laptop.calls.resolveConflict({ ...place, keep: 'copy' });
    await rest();
    expect(read(there, 'plan.txt')).toBe('written later');
    await expect(laptop.calls.resolveConflict({ folder: here, path: 'plan.txt', keep: 'copy' })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  },
);

it('replaces nothing that the server does not have yet', { timeout: 6 * PATIENCE_MS }, async () => {
  const copy = await conflicted();
  await laptop.pause();
  write(here, 'plan.txt', 'not sent yet');
  await expect.poll(() => laptop.status().notYetSafe, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
  await expect(laptop.calls.resolveConflict({ folder: here, path: copy, keep: 'copy' })).rejects.toMatchObject({
    code: 'precondition-failed',
  });
  expect([read(here, 'plan.txt'), read(here, copy)]).toEqual(['not sent yet', DESKTOPS]);
});

it(
  'puts a text made from both sides under the name, on every device, and takes neither side for what it no longer is',
  { timeout: 6 * PATIENCE_MS },
  async () => {
    const copy = await conflicted();
    const [found] = (await laptop.calls.conflicts()).conflicts;
    const was = { originalMtimeMs: found!.other!.mtimeMs, copyMtimeMs: found!.copy.mtimeMs };
    const place = { folder: here, path: copy };
    for (const other of [
      { ...was, originalMtimeMs: was.originalMtimeMs - 1 },
      { ...was, copyMtimeMs: was.copyMtimeMs - 1 },
    ])
      await expect(laptop.calls.mergeConflict({ ...place, text: 'lost?', was: other })).rejects.toMatchObject({
        code: 'precondition-failed',
      });
    expect([read(here, 'plan.txt'), read(here, copy)]).toEqual([LAPTOPS, DESKTOPS]);

    const { undo } = await laptop.calls.mergeConflict({ ...place, text: 'both\n', was });
    await rest();
    for (const folder of [here, there]) {
      expect(read(folder, 'plan.txt')).toBe('both\n');
      expect(readdirSync(folder).filter((name) => name !== '.onefold')).toEqual(['plan.txt']);
    }
    expect(readdirSync(path.join(here, '.onefold')).filter((name) => name.startsWith('merged-'))).toEqual([]);

    // Taken back, the merged text stays beside the two: somebody may have gone on with it.
    await laptop.calls.undo({ undo });
    await rest();
    expect([read(here, 'plan.txt'), read(here, copy)]).toEqual([LAPTOPS, DESKTOPS]);
    const texts = (await desktop.calls.conflicts()).conflicts.map((one) => read(there, one.path));
    expect(texts.sort()).toEqual(['both\n', DESKTOPS].sort());
  },
);

it('merges nothing that is not plain UTF-8', { timeout: 6 * PATIENCE_MS }, async () => {
  write(here, 'plan.txt', 'before');
  await devices.settle(PATIENCE_MS);
  await desktop.pause();
  writeFileSync(path.join(there, 'plan.txt'), Buffer.from('\ufeffmarked', 'utf8'));
  write(here, 'plan.txt', LAPTOPS);
  expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  await desktop.resume();
  await rest();
  const [found] = (await laptop.calls.conflicts()).conflicts;
  const was = { originalMtimeMs: found!.other!.mtimeMs, copyMtimeMs: found!.copy.mtimeMs };
  await expect(laptop.calls.mergeConflict({ folder: here, path: found!.path, text: 'x', was })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  expect(read(here, 'plan.txt')).toBe(LAPTOPS);
});
