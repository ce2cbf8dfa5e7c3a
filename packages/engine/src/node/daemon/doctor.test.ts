import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examineHome, foldsCase } from './doctor.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'onefold-doctor-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test('a home without an account is told how to get one, and looking makes nothing', async () => {
  const home = path.join(scratch, 'nothing-here');
  const checks = await examineHome(home);
  expect(checks).toMatchObject([{ id: 'account', ok: false }]);
  expect(checks[0]!.advice).toContain('onefold login');
  expect(existsSync(home)).toBe(false);
});

test('a volume folds case exactly when both spellings of a folder are the same one', () => {
  const root = path.join(scratch, 'root');
  mkdirSync(path.join(root, '.onefold'), { recursive: true });
  expect(foldsCase(root)).toBe(false);
  // One folder under both names, as such a volume shows it.
  symlinkSync('.onefold', path.join(root, '.ONEFOLD'));
  expect(foldsCase(root)).toBe(true);
  rmSync(path.join(root, '.ONEFOLD'));
  writeFileSync(path.join(root, '.ONEFOLD'), 'another entry');
  expect(foldsCase(root)).toBe(false);
});
