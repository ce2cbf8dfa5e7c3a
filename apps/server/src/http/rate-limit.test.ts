import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('a burst passes, then one at a time, each key for itself', () => {
  const limit = createRateLimit(600);
  for (let i = 0; i < 60; i++) expect(limit.take('a', 1_000)).toBe(0);
  expect(limit.take('a', 1_000)).toBe(100);
  expect(limit.take('b', 1_000)).toBe(0);
  expect(limit.take('a', 1_100)).toBe(0);
  expect(limit.take('a', 1_100)).toBeGreaterThan(0);
  // A clock that goes back gives nothing and takes nothing.
  expect(limit.take('a', 500)).toBeGreaterThan(0);
});
