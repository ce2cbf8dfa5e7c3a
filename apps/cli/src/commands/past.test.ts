import { expect, test } from 'vitest';
import { lookLines, moment } from './past.ts';

test('a moment is a date with time, or how long ago; anything else is refused', () => {
  expect(moment('2026-11-20T09:30:00Z')).toBe(Date.UTC(2026, 10, 20, 9, 30));
  expect(moment('2026-11-20T09:30')).toBe(new Date(2026, 10, 20, 9, 30).getTime());
  expect(Math.abs(moment('2d') - (Date.now() - 2 * 86_400_000))).toBeLessThan(60_000);
  for (const wrong of ['', 'yesterday', '2026-11-20', '12', '3y', '2026-99-99T10:00'])
    expect(() => moment(wrong)).toThrow('expected a moment');
});

test('a look tells each change, how many more there are, and the sums', () => {
  const lines = lookLines({
    asOfMs: 0,
    changes: [{ path: 'a.txt', change: 'changed-back', sizeBytes: 1200 }],
    counts: { addedBack: 3, changedBack: 1, removed: 2 },
    sizeBytes: 5000,
  });
  expect(lines.map((line) => line.replace(/\s+/gu, ' '))).toEqual([
    'changed-back 1.2 kB a.txt',
    'and 5 more',
    'As of 1970-01-01T00:00:00.000Z.',
    '3 come back, 1 get their content of then (5.0 kB), 2 go into the trash.',
  ]);
});
