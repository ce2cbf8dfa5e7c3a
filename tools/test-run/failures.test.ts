import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failuresOfRun } from './failures.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-failures-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function report(value: unknown): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
}

test('tests of vitest that failed are named by file and title, with the first lines of their messages', () => {
  const passed = { status: 'passed', fullName: 'a works', failureMessages: [] };
  const failed = {
    status: 'failed',
    fullName: 'a fails',
    failureMessages: [`Error: \u001B[31mred\u001B[39m\n${'line\n'.repeat(50)}`],
  };
  const files = [
    { name: '/checkout/x.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] },
    { name: '/checkout/y.test.ts', status: 'failed', message: 'does not load', assertionResults: [] },
    { name: '/checkout/z.test.ts', status: 'passed', message: '', assertionResults: [passed] },
  ];
  expect(failuresOfRun('vitest', report({ testResults: files }), '/checkout/')).toEqual([
    { name: 'x.test.ts > a fails', message: `Error: red\n${'line\n'.repeat(11).trimEnd()}` },
    { name: 'y.test.ts', message: 'does not load' },
  ]);
});

test('specs that failed, or passed only when tried again, are named with the suites they lie in', () => {
  const spec = (title: string, status: string) => ({
    title,
    tests: [{ status, results: [{ errors: [{ message: 'no button' }] }, { errors: [] }] }],
  });
  const inner = { title: 'dark', specs: [spec('opens', 'flaky')] };
  const suite = {
    title: 'a.spec.ts',
    specs: [spec('closes', 'unexpected'), spec('works', 'expected')],
    suites: [inner],
  };
  const value = { errors: [{ message: 'no browser' }], suites: [suite] };
  expect(failuresOfRun('playwright', report(value), '/checkout')).toEqual([
    { name: 'outside of the specs', message: 'no browser' },
    { name: 'a.spec.ts > closes', message: 'no button' },
    { name: 'a.spec.ts > dark > opens', message: 'no button' },
  ]);
});

test('a report that is missing, or none, names nothing', () => {
  expect(failuresOfRun('vitest', join(folder, 'none.json'), '/checkout')).toEqual([]);
  expect(failuresOfRun('playwright', report({}), '/checkout')).toEqual([]);
});
