import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTime, shownTime, writingOf } from './written-time.ts';

test('dates and hours are written as where the person lives', () => {
  expect(writingOf('en-GB')).toMatchObject({ order: ['day', 'month', 'year'], halves: null });
  expect(writingOf('en-US')).toMatchObject({ order: ['month', 'day', 'year'], halves: { am: 'AM', isFirst: false } });
  expect(writingOf('ko')).toMatchObject({
    order: ['year', 'month', 'day'],
    halves: { am: '오전', pm: '오후', isFirst: true },
  });
  expect(writingOf('ko').months[10]).toBe('11월');
  expect(writingOf('en-GB').months[10]).toBe('Nov');
});

test('every time of day comes back from its fields, in each writing', () => {
  const two = (value: number): string => String(value).padStart(2, '0');
  const anyTime = fc
    .tuple(fc.nat(23), fc.nat(59), fc.option(fc.nat(59), { nil: undefined }))
    .map((parts) => parts.flatMap((part) => (part === undefined ? [] : [two(part)])).join(':'));
  for (const writing of ['en-GB', 'en-US', 'ko'].map(writingOf)) {
    fc.assert(
      fc.property(anyTime, (time) => {
        const { text, half } = shownTime(time, writing);
        expect(readTime(text, half, writing)).toBe(time);
      }),
    );
  }
});

test('what is no time is none, and an hour of the whole day is taken as it is meant', () => {
  const korean = writingOf('ko');
  expect(shownTime('18:05', korean)).toEqual({ half: 'pm', text: '6:05' });
  expect(readTime('18:05', 'am', korean)).toBe('18:05');
  expect(readTime('12:00', 'am', korean)).toBe('00:00');
  for (const typed of ['', '9', '9:5', '24:00', '9:60', 'nine', '9:00:61'])
    expect([typed, readTime(typed, 'am', korean)]).toEqual([typed, null]);
});
