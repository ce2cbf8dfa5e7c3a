import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLog } from './log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (file = 'daemon.log'): Record<string, unknown>[] =>
  readFileSync(path.join(folder, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

it('names no file above debug', () => {
  const log = openLog(folder, { level: 'debug' });
  log.write('info', 'applied', { path: 'tax/2026.ods', count: 3n, cause: new Error('x') });
  log.write('debug', 'applied', { path: 'tax/2026.ods' });
  log.close();
  expect(lines()[0]).toMatchObject({ level: 30, event: 'applied', count: '3', cause: { message: 'x' } });
  expect(lines()[0]).not.toHaveProperty('path');
  expect(lines()[1]).toMatchObject({ level: 20, path: 'tax/2026.ods' });
});

it('starts a new file when one is full, and keeps a few', () => {
  for (let round = 0; round < 7; round++) {
    const log = openLog(folder);
    for (let i = 0; i < 6; i++) log.write('error', 'round', { round, filler: 'x'.repeat(1024 * 1024) });
    log.close();
  }
  expect(readdirSync(folder).sort()).toEqual([
    'daemon.1.log',
    'daemon.2.log',
    'daemon.3.log',
    'daemon.4.log',
    'daemon.log',
  ]);
  expect(lines()[0]).toMatchObject({ round: 6 });
});

it('never stops the work it tells about', () => {
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const log = openLog(path.join(file, 'logs'));
  log.write('error', 'lost');
  log.close();
  expect(readdirSync(folder)).toEqual(['file']);
});
