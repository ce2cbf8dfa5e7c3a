import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256, u64 } from './hashes.ts';

test.each([0, 1, 255, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER])(
  'the eight bytes of %d are those of the number',
  (value) => {
    const bytes = u64(value);
    expect(bytes.length).toBe(8);
    expect(new DataView(bytes.buffer).getBigUint64(0)).toBe(BigInt(value));
  },
);

test('a hash is over the parts one after the other', () => {
  const parts = ['', 'a', 'bc', ''].map((text) => new TextEncoder().encode(text));
  const whole = createHash('sha256').update('abc').digest('hex');
  expect(sha256(...parts)).toBe(whole);
  expect(sha256(new TextEncoder().encode('abc'))).toBe(whole);
  expect(sha256()).toBe(createHash('sha256').digest('hex'));
});
