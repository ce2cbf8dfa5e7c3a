import { expect, test } from 'vitest';
import { backOffMs } from './back-off.ts';

test('a delay doubles from a second to five minutes, and stays there however often it fails', () => {
  const longest = [1, 2, 3, 4, 9, 10, 50, 10_000].map((attempts) => backOffMs(attempts, 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000, 300_000]);
});

test('no two devices that failed together come back together: the upper half of a delay is drawn', () => {
  for (const attempts of [1, 5, 99]) {
    const [least, middle, most] = [0, 0.5, 1].map((fraction) => backOffMs(attempts, fraction));
    expect([least! / most!, middle! / most!]).toEqual([0.5, 0.75]);
  }
});
