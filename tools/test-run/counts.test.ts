import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { add, countsIn, countsOfRun, NONE } from './counts.mjs';

const VITEST = { numPassedTests: 4, numFailedTests: 1, numPendingTests: 2, numTodoTests: 3 };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-counts-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function report(text: string): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, text);
  return path;
}

test('a report of vitest is counted', () => {
  expect(countsIn('vitest', VITEST)).toEqual({ passed: 4, failed: 1, skipped: 5 });
});

test('a report of Playwright is counted, and a test that passed at the second try has failed', () => {
  const stats = { expected: 3, unexpected: 1, flaky: 2, skipped: 4 };
  expect(countsIn('playwright', { stats })).toEqual({ passed: 3, failed: 3, skipped: 4 });
});

test('what is no report is refused', () => {
  expect(() => countsIn('vitest', { numPassedTests: 4 })).toThrow('not a report');
});

test('a runner that ended without a report has failed', () => {
  expect(countsOfRun('vitest', join(folder, 'none.json'), true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countsOfRun('vitest', report('{"num'), true)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('a runner that failed though no test of its report did has failed', () => {
  const path = report(JSON.stringify({ ...VITEST, numFailedTests: 0 }));
  expect(countsOfRun('vitest', path, false)).toEqual({ passed: 4, failed: 1, skipped: 5 });
  expect(countsOfRun('vitest', path, true)).toEqual({ passed: 4, failed: 0, skipped: 5 });
});

test('counts add up', () => {
  expect(add({ passed: 1, failed: 2, skipped: 3 }, add(NONE, { passed: 4, failed: 5, skipped: 6 }))).toEqual({
    passed: 5,
    failed: 7,
    skipped: 9,
  });
});
