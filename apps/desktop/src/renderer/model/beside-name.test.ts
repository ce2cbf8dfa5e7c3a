import { expect, test } from 'vitest';
import { besidePath } from './beside-name.ts';

const AT = new Date(2026, 10, 2, 4, 5, 6).getTime();

test('the moment stands before the extension, and names without one stay whole', () => {
  expect(besidePath('a/Budget.v2.xlsx', AT)).toBe('a/Budget.v2 (2026-11-02 04.05.06).xlsx');
  expect(besidePath('a.b/Makefile', AT)).toBe('a.b/Makefile (2026-11-02 04.05.06)');
  expect(besidePath('.profile', AT)).toBe('.profile (2026-11-02 04.05.06)');
});
