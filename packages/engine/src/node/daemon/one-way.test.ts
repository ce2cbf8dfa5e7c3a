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

it('a folder receives only, then sends only, then both', { timeout: 4 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'f'));
  writeFileSync(path.join(here, 'f', 'a'), 'content of a');
  writeFileSync(path.join(here, 'b'), 'content of b');
  await settle();

  await desktop.calls.setOneWay({ folder: there, mode: 'receive-only' });
  writeFileSync(path.join(there, 'f', 'a'), 'edited there');
  writeFileSync(path.join(there, 'mine'), 'made there');
  rmSync(path.join(there, 'b'));
  await settle();
  expect(readFileSync(path.join(here, 'f', 'a'), 'utf8')).toBe('content of a');
  expect(existsSync(path.join(here, 'mine'))).toBe(false);
  expect(existsSync(path.join(here, 'b'))).toBe(true);
  const found = await desktop.calls.oneWay({ folder: there });
  expect(found.mode).toBe('receive-only');
  expect(found.differences.map(({ path: at, difference }) => [at, difference]).sort()).toEqual([
    ['b', 'only-there'],
    ['f/a', 'edited'],
    ['mine', 'only-here'],
  ]);
  expect((await desktop.calls.explain({ folder: there, path: 'mine' })).reasons[0]!.code).toBe('one-way');
  await expect(laptop.calls.settleOneWay({ folder: here })).rejects.toMatchObject({ code: 'precondition-failed' });
  expect(await desktop.calls.settleOneWay({ folder: there })).toEqual({ count: 3 });
  await settle();
  expect(readFileSync(path.join(there, 'f', 'a'), 'utf8')).toBe('content of a');
  expect(readFileSync(path.join(there, 'b'), 'utf8')).toBe('content of b');
  expect(existsSync(path.join(there, 'mine'))).toBe(false);
  const trashed = (await desktop.calls.trash({ folder: there })).entries.map((entry) => entry.path);
  expect(trashed.sort()).toEqual(['f/a', 'mine']);

  await desktop.calls.setOneWay({ folder: there, mode: 'send-only' });
  writeFileSync(path.join(here, 'f', 'a'), 'edited here');
  writeFileSync(path.join(there, 'sent'), 'sent from there');
  await settle();
  expect(readFileSync(path.join(here, 'sent'), 'utf8')).toBe('sent from there');
  expect(readFileSync(path.join(there, 'f', 'a'), 'utf8')).toBe('content of a');
  expect((await desktop.calls.oneWay({ folder: there })).total).toBe(1);
  await desktop.calls.setOneWay({ folder: there, mode: 'two-way' });
  await settle();
  expect(readFileSync(path.join(there, 'f', 'a'), 'utf8')).toBe('edited here');
  expect(await desktop.calls.oneWay({ folder: there })).toEqual({ mode: 'two-way', total: 0, differences: [] });
});
