import { expect, test } from 'vitest';
import { restartDelayMs } from './restart-delay.ts';

test('an engine that keeps ending is started ever later, and never given up', () => {
  const quick = (times: number) => Array.from({ length: times }, () => 100);
  expect([1, 2, 3, 4, 7, 8, 9, 32].map((times) => restartDelayMs(quick(times)))).toEqual([
    500, 1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000,
  ]);
});

test('one that ran well for a while is started again at once', () => {
  expect(restartDelayMs([100, 100, 100, 3_600_000])).toBe(500);
  expect(restartDelayMs([100, 100, 3_600_000, 100])).toBe(500);
  expect(restartDelayMs([100, 100, 3_600_000, 100, 100])).toBe(1000);
});
