import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentText, readMomentText } from './moment-text.ts';

test('a moment comes back from its field as the end of its second', () => {
  fc.assert(
    // Up to the year 9999. An hour that comes twice, when clocks go back, is read as its first.
    fc.property(fc.integer({ min: 0, max: 253_402_000_000_000 }), (atMs) => {
      const read = readMomentText(momentText(atMs)) ?? -1;
      const twice = momentText(read) === momentText(atMs);
      expect(twice).toBe(true);
      expect(read % 1000).toBe(999);
    }),
  );
});

test('what is half typed is no moment; minutes alone are', () => {
  expect(readMomentText('')).toBeNull();
  expect(readMomentText('2026-11-2')).toBeNull();
  expect(readMomentText('2026-13-45T25:00')).toBeNull();
  expect(readMomentText('2026-11-20T09:30')).toBe(new Date(2026, 10, 20, 9, 30).getTime() + 999);
});
