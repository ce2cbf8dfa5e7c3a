import { expect, test } from 'vitest';
import { besidePath } from './beside-name.ts';

const AT = new Date(2026, 10, 2, 4, 5, 6).getTime();

test('the moment stands before the extension, and names without one stay whole', () => {
  expect(besidePath('a/Budget.v2.xlsx', AT)).toBe('a/Budget.v2 (2026-11-02 04.05.06).xlsx');
  expect(besidePath('a.b/Makefile', AT)).toBe('a.b/Makefile (2026-11-02 04.05.06)');
  expect(besidePath('.profile', AT)).toBe('.profile (2026-11-02 04.05.06)');
});

test('a name that fills all a disk gives it makes room for the moment, and keeps its extension and its letters whole', () => {
  const atMs = new Date(2026, 10, 20, 9, 30, 5).getTime();
  for (const name of [`${'가'.repeat(83)}.docx`, `${'👩'.repeat(62)}.txt`, 'a'.repeat(255), `a.${'b'.repeat(253)}`]) {
    const beside = besidePath(`Photos/${name}`, atMs).slice('Photos/'.length);
    expect(Buffer.byteLength(beside)).toBeLessThanOrEqual(255);
    expect(beside).toContain(' (2026-11-20 09.30.05)');
    expect(beside).not.toContain('�');
    expect(beside.isWellFormed()).toBe(true);
  }
  expect(besidePath(`${'가'.repeat(83)}.docx`, atMs)).toMatch(/^가{70,}.* \(2026-11-20 09\.30\.05\)\.docx$/u);
});
