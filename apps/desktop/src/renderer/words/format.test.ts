import { describe, expect, test } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatDay,
  formatDuration,
  formatMoment,
  formatPercent,
  formatSpeed,
  regionOf,
} from './format.ts';

describe('format', () => {
  test('bytes in decimal units, one digit more while it tells something', () => {
    expect(formatBytes('en', 0)).toBe('0 B');
    expect(formatBytes('en', 999)).toBe('999 B');
    expect(formatBytes('en', 1000)).toBe('1 kB');
    expect(formatBytes('en', 2_440_000)).toBe('2.4 MB');
    expect(formatBytes('en', 999_600_000)).toBe('1 GB');
    expect(formatBytes('en', 48_213_000_000)).toBe('48 GB');
    expect(formatBytes('ko', 48_213_000_000)).toBe('48GB');
    expect(formatBytes('ko', 812)).toBe('812B');
  });

  test('speeds are never told in bytes', () => {
    expect(formatSpeed('en', 0)).toBe('0 kB/s');
    expect(formatSpeed('en', 420)).toBe('0.4 kB/s');
    expect(formatSpeed('en', 38_000_000)).toBe('38 MB/s');
    expect(formatSpeed('ko', 38_000_000)).toBe('38MB/s');
  });

  test('durations in one unit, rounded up', () => {
    expect(formatDuration('en', 0)).toBe('1 sec');
    expect(formatDuration('en', 59)).toBe('59 sec');
    expect(formatDuration('en', 61)).toBe('2 min');
    expect(formatDuration('en', 59 * 60)).toBe('59 min');
    expect(formatDuration('en', 3601)).toBe('2 hr');
    expect(formatDuration('en', 3 * 86_400)).toBe('3 days');
    expect(formatDuration('ko', 61)).toBe('2분');
  });

  test('moments are told from now, and one that seems to lie ahead is now', () => {
    expect(formatAgo('en', 10_000, 10_500)).toBeNull();
    expect(formatAgo('en', 90_000, 10_500)).toBeNull();
    expect(formatAgo('en', 0, 3000)).toBe('3s ago');
    expect(formatAgo('ko', 0, 3000)).toBe('3초 전');
    expect(formatAgo('en', 0, 3_600_000 * 5)).toBe('5h ago');
    expect(formatAgo('ko', 0, 86_400_000 * 2)).toBe('2일 전');
  });

  test('dates are written as where the person lives', () => {
    expect(regionOf('en', ['ko-KR', 'en-GB', 'en-US'])).toBe('en-GB');
    expect(regionOf('en', ['ko-KR'])).toBe('en');
    const day = new Date(2026, 10, 27, 14, 5);
    expect(formatDay('en', day, ['en-GB'])).toBe('27 November 2026');
    expect(formatDay('en', day, ['en-US'])).toBe('November 27, 2026');
    expect(formatMoment('en', day.getTime(), ['ko-KR', 'en-GB'])).toContain('27 Nov 2026, 14:05');
    expect(formatMoment('ko', day.getTime(), ['en-GB'])).toContain('2026. 11. 27. 오후 2:05');
  });

  test('a hundred per cent is only said when it is done', () => {
    expect(formatPercent('en', 0.999)).toBe('99%');
    expect(formatPercent('en', 1)).toBe('100%');
  });
});
