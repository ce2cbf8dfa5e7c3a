import { expect, test } from 'vitest';
import { fromHex, toHex, writeHex } from './hex-ids.ts';

test('every byte comes back, from lowercase and from uppercase', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(fromHex(toHex(bytes))).toEqual(bytes);
  expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
  expect(fromHex('')).toEqual(new Uint8Array(0));
});

test.each(['a', 'abc', '0g', 'g0', ' 0', '0x', '-1', '+1', '1.', 'é0', '0é', '０0', '0\u0000', '\ud83d\ude00'])(
  '%j is no hex',
  (text) => {
    expect(() => fromHex(text)).toThrow('not a hex text');
  },
);

test('writes where it is told, and nothing besides', () => {
  const into = new Uint8Array(6).fill(7);
  expect(writeHex('01fF', into, 2)).toBe(4);
  expect(into).toEqual(Uint8Array.of(7, 7, 1, 255, 7, 7));
  expect(() => writeHex('0g', into, 0)).toThrow('not a hex text');
});
