import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conflictName, isConflictName, readConflictName } from './conflict-name.ts';
import { nameBytes } from './names.ts';

const AT_MS = Date.UTC(2026, 10, 22, 14, 3, 59);
const MARK = ' (conflict, Laptop, 2026-11-22 14.03)';
const of = (name: string, { device = 'Laptop', atMs = AT_MS, attempt = 1, isFolder = false } = {}) =>
  conflictName(name, device, atMs, attempt, isFolder);

test.each([
  ['report.txt', `report${MARK}.txt`],
  ['report', `report${MARK}`],
  ['.hidden', `.hidden${MARK}`],
  ['a.tar.gz', `a.tar${MARK}.gz`],
  ['a.', `a${MARK}.`],
  ['b.c', `b${MARK}.c`],
])('%s is kept as %s', (name, expected) => expect(of(name)).toBe(expected));

test('the dot of a folder is no ending', () => {
  expect(of('photos.2026', { isFolder: true })).toBe(`photos.2026${MARK}`);
});

test('later attempts are numbered, the first is not', () => {
  expect(of('a.b', { attempt: 2 })).toBe('a (conflict, Laptop, 2026-11-22 14.03 2).b');
  expect(of('a.b', { attempt: 0 })).toBe(of('a.b'));
});

describe('a conflict copy in conflict', () => {
  test('keeps one mark', () => {
    for (const attempt of [1, 2, 33]) {
      const before = of('a.b', { device: 'Desk', atMs: 0, attempt });
      expect(of(before)).toBe(`a${MARK}.b`);
    }
    expect(of(of('a'), { atMs: 0 })).toBe('a (conflict, Laptop, 1970-01-01 00.00)');
    expect(of(`line\nbreak${MARK}`)).toBe(`line\nbreak${MARK}`);
  });

  test('is told by its whole mark', () => {
    expect(isConflictName(`a${MARK}.txt`)).toBe(true);
    expect(isConflictName(`a${MARK.replace(')', ' 12)')}`)).toBe(true);
    expect(isConflictName(MARK)).toBe(true);
    for (const name of [
      'a',
      `a${MARK}.b.c`,
      `a${MARK}x`,
      `a${MARK.slice(1)}`,
      `a${MARK.replace('14.03', '14:03')}`,
      `a${MARK.replace('14.03', 'x14.03')}`,
      `a${MARK.replace('2026', '026')}`,
      `a${MARK.replace('-11-', '-1-')}`,
      `a${MARK.replace('-22', '-2')}`,
      `a${MARK.replace('14.', '4.')}`,
      `a${MARK.replace('.03', '.3')}`,
      `a${MARK.replace(')', ' 1x)')}`,
      `a${MARK.replace(')', ' )')}`,
      `a${MARK.replace('Laptop', '')}`,
      `a${MARK.replace('Laptop', 'x'.repeat(65))}`,
    ])
      expect(isConflictName(name), name).toBe(false);
    expect(isConflictName(`a${MARK.replace('Laptop', 'x'.repeat(64))}`)).toBe(true);
  });
});

describe('a conflict copy taken apart', () => {
  test('tells whose it is, of when, and what it is called otherwise', () => {
    const found = readConflictName(of('a.tar.gz', { attempt: 3 }))!;
    expect(found).toMatchObject({ name: 'a.tar.gz', deviceName: 'Laptop', atMs: Date.UTC(2026, 10, 22, 14, 3) });
    expect([1, 2].map(found.plainName)).toEqual([
      'a.tar (Laptop, 2026-11-22 14.03).gz',
      'a.tar (Laptop, 2026-11-22 14.03 2).gz',
    ]);
    expect(readConflictName(of('a'))).toMatchObject({ name: 'a' });
    expect(readConflictName('a.tar (Laptop, 2026-11-22 14.03).gz')).toBeNull();
  });

  test('is of the minute it was made in, whenever that was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (minutes) => {
        expect(readConflictName(of('a', { atMs: minutes * 60_000 + 59_999 }))?.atMs).toBe(minutes * 60_000);
      }),
      { numRuns: 1_000 },
    );
    for (const date of [
      '2000-02-29',
      '2000-03-01',
      '2100-02-28',
      '2100-03-01',
      '1999-12-31',
      '2000-01-01',
      '2399-12-31',
    ])
      expect(readConflictName(`a (conflict, x, ${date} 00.00)`)?.atMs, date).toBe(Date.parse(date));
  });
});

describe('the device', () => {
  test('is written without what a name cannot hold', () => {
    expect(of('a', { device: ' My/Lap\0top\n\udc80 ' })).toBe('a (conflict, MyLaptop, 2026-11-22 14.03)');
    expect(of('a', { device: ' / ' })).toBe('a (conflict, device, 2026-11-22 14.03)');
  });

  test('is cut at 48 bytes, between characters', () => {
    expect(of('a', { device: 'x'.repeat(60) })).toContain(`, ${'x'.repeat(48)}, `);
    expect(of('a', { device: 'é'.repeat(40) })).toContain(`, ${'é'.repeat(24)}, `);
    expect(of('a', { device: '😀'.repeat(40) })).toContain(`, ${'😀'.repeat(12)}, `);
  });
});

test('names stay within what disks hold: the stem is cut, the ending kept as far as 64 bytes', () => {
  expect(nameBytes(of('x'.repeat(255)))).toBe(255);
  expect(of(`${'x'.repeat(251)}.txt`)).toMatch(/^x+ \(conflict, [^)]*\)\.txt$/u);
  expect(nameBytes(of(`${'x'.repeat(251)}.txt`))).toBe(255);
  expect(of(`a.${'y'.repeat(200)}`)).toBe(`a${MARK}.${'y'.repeat(63)}`);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary' }),
      fc.nat(50),
      (name, device, attempt) => {
        expect(nameBytes(of(name, { device, attempt }))).toBeLessThanOrEqual(255);
      },
    ),
  );
});

test('the minute is that of the calendar, in UTC', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      const [date = '', time = ''] = new Date(seconds * 1_000).toISOString().split('T');
      expect(of('', { atMs: seconds * 1_000 })).toBe(
        ` (conflict, Laptop, ${date} ${time.slice(0, 5).replace(':', '.')})`,
      );
    }),
    { numRuns: 3_000 },
  );
  for (const [year, month, day] of [
    [2000, 2, 29],
    [2100, 2, 28],
    [2100, 3, 1],
    [1999, 12, 31],
    [2000, 1, 1],
    [2400, 2, 29],
    [2399, 12, 31],
    [2096, 2, 29],
  ] as const) {
    const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    expect(of('', { atMs: Date.UTC(year, month - 1, day, 23, 59) })).toContain(`${text} 23.59`);
  }
  expect(of('', { atMs: -5_000_000 })).toContain('1970-01-01 00.00');
});
