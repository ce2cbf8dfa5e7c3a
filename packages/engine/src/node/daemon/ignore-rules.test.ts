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

it('rules that an editor of Windows wrote can be changed', { timeout: 2 * PATIENCE_MS }, async () => {
  writeFileSync(path.join(here, '.onefoldignore'), '\ufeff*.o\r\n');
  writeFileSync(path.join(here, 'a.o'), 'content of o');
  await settle();
  expect(existsSync(path.join(there, 'a.o'))).toBe(false);
  const [file] = (await laptop.calls.rules({ folder: here })).files;
  expect(file).toEqual({ in: '', text: '*.o\r\n' });
  await laptop.calls.setRules({ folder: here, text: '*.tmp\n', was: file!.text });
  await settle();
  expect(existsSync(path.join(there, 'a.o'))).toBe(true);
});

it('rules are previewed, written, apply elsewhere, and go again', { timeout: 4 * PATIENCE_MS }, async () => {
  mkdirSync(path.join(here, 'code', 'out'), { recursive: true });
  writeFileSync(path.join(here, 'code', 'a.c'), 'content of a');
  writeFileSync(path.join(here, 'code', 'out', 'a.o'), 'content of o');
  writeFileSync(path.join(here, 'z.o'), 'content of z');
  await settle();

  const text = 'out/\n*.o\n';
  const { effects } = await laptop.calls.previewRules({ folder: here, text });
  expect(effects).toEqual([
    { path: 'code/out', kind: 'folder', sizeBytes: 0, becomes: 'ignored', isTracked: true },
    { path: 'z.o', kind: 'file', sizeBytes: 12, becomes: 'ignored', isTracked: true },
  ]);
  const first = await laptop.calls.previewRules({ folder: here, text, limit: 1 });
  expect(first).toEqual({ effects: effects.slice(0, 1), next: 'code/out' });
  expect(await laptop.calls.previewRules({ folder: here, text, limit: 1, after: first.next })).toEqual({
    effects: effects.slice(1),
  });
  expect(existsSync(path.join(here, '.onefoldignore'))).toBe(false);

  await laptop.calls.setRules({ folder: here, text, was: null });
  await settle();
  expect(readFileSync(path.join(there, '.onefoldignore'), 'utf8')).toBe(text);
  expect(await desktop.calls.rules({ folder: there })).toMatchObject({ files: [{ in: '', text }] });
  await expect(laptop.calls.setRules({ folder: here, text: 'x\n', was: null })).rejects.toMatchObject({
    code: 'precondition-failed',
  });
  expect(await desktop.calls.checkRule({ folder: there, path: 'code/out/a.o' })).toEqual({
    isIgnored: true,
    rule: { in: '', line: 1, pattern: 'out/' },
  });
  expect(await desktop.calls.checkRule({ folder: there, path: 'code/a.c' })).toEqual({ isIgnored: false });

  rmSync(path.join(there, 'z.o'));
  writeFileSync(path.join(there, 'code', 'out', 'a.o'), 'built there');
  writeFileSync(path.join(there, 'code', 'out', 'b.o'), 'built there too');
  await settle();
  expect(readFileSync(path.join(here, 'z.o'), 'utf8')).toBe('content of z');
  expect(readFileSync(path.join(here, 'code', 'out', 'a.o'), 'utf8')).toBe('content of o');
  expect(existsSync(path.join(here, 'code', 'out', 'b.o'))).toBe(false);
  expect((await desktop.calls.explain({ folder: there, path: 'code/out/a.o' })).reasons[0]!.code).toBe('frozen');
  const listed = await desktop.calls.ls({ folder: there, path: 'code' });
  expect(listed.entries.map(({ path: at, state }) => [at, state])).toEqual([
    ['code/a.c', 'safe'],
    ['code/out', 'frozen'],
  ]);

  const back = await desktop.calls.previewRules({ folder: there, text: '' });
  expect(back.effects.map(({ path: at, becomes }) => [at, becomes])).toEqual([
    ['code/out', 'synced'],
    ['z.o', 'synced'],
  ]);
  await desktop.calls.setRules({ folder: there, text: '' });
  await settle();
  expect(existsSync(path.join(here, '.onefoldignore'))).toBe(false);
  expect(readFileSync(path.join(there, 'z.o'), 'utf8')).toBe('content of z');
  expect(readFileSync(path.join(here, 'code', 'out', 'a.o'), 'utf8')).toBe('built there');
  expect(readFileSync(path.join(here, 'code', 'out', 'b.o'), 'utf8')).toBe('built there too');
});
