import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DaemonCore } from './daemon-core.ts';
import { startTwoDevices, until, type TwoDevices } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let devices: TwoDevices;
let here: string;
let there: string;
let desktop: DaemonCore;

beforeEach(async () => {
  devices = await startTwoDevices();
  ({ here, there, desktop } = devices);
}, PATIENCE_MS);

afterEach(() => devices.close(), PATIENCE_MS);

const settle = (): Promise<void> => devices.settle(PATIENCE_MS);

it('a folder leaves one device and comes back, and an edit of it stays', { timeout: 4 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'films', 'old'), { recursive: true });
  writeFileSync(path.join(here, 'films', 'a'), 'content of a');
  writeFileSync(path.join(here, 'films', 'old', 'b'), 'content of b');
  writeFileSync(path.join(here, 'notes'), 'content of notes');
  await settle();
  const { entries } = await desktop.calls.selection({ folder: there });
  expect(entries).toEqual([{ path: 'films', selection: 'ticked', files: 2, sizeBytes: 24, hasFolders: true, kept: 0 }]);

  await desktop.calls.setSelection({ folder: there, untick: ['films/old'] });
  await settle();
  expect(readdirSync(path.join(there, 'films'))).toEqual(['a']);
  expect((await desktop.calls.selection({ folder: there })).entries[0]!.selection).toBe('partly');

  await desktop.calls.setSelection({ folder: there, untick: ['films'] });
  await settle();
  expect(existsSync(path.join(there, 'films'))).toBe(false);
  expect(readFileSync(path.join(here, 'films', 'old', 'b'), 'utf8')).toBe('content of b');
  expect((await desktop.calls.explain({ folder: there, path: 'films/a' })).reasons[0]!.code).toBe('unticked');
  const listed = await desktop.calls.ls({ folder: there });
  expect(listed.entries.map(({ path: at, state }) => [at, state])).toEqual([
    ['films', 'unticked'],
    ['notes', 'safe'],
  ]);

  await desktop.calls.setSelection({ folder: there, tick: ['films/old'] });
  await settle();
  expect(readFileSync(path.join(there, 'films', 'old', 'b'), 'utf8')).toBe('content of b');

  // What the server does not have stays, and is not sent.
  await desktop.pause(there);
  writeFileSync(path.join(there, 'films', 'a'), 'edited here');
  await desktop.calls.setSelection({ folder: there, untick: ['films'] });
  await desktop.resume(there);
  await settle();
  await until(() => !existsSync(path.join(there, 'films', 'old')), PATIENCE_MS);
  expect(readFileSync(path.join(there, 'films', 'a'), 'utf8')).toBe('edited here');
  expect(readFileSync(path.join(here, 'films', 'a'), 'utf8')).toBe('content of a');
  expect((await desktop.calls.explain({ folder: there, path: 'films/a' })).reasons[0]!.code).toBe('kept-unticked');
  expect((await desktop.calls.selection({ folder: there })).entries[0]).toMatchObject({ kept: 1 });
  await desktop.calls.setSelection({ folder: there, tick: ['films'] });
  await settle();
  expect(readFileSync(path.join(here, 'films', 'a'), 'utf8')).toBe('edited here');

  await expect(desktop.calls.setSelection({ folder: there, untick: ['nowhere'] })).rejects.toMatchObject({
    code: 'not-found',
  });
  await expect(desktop.calls.setSelection({ folder: there, untick: ['notes'] })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
});
