import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { freeLarge, freeNow } from './free-now.ts';

test('a buffer of its own is emptied, a view of a part is left alone', () => {
  const whole = new Uint8Array(100);
  freeNow(whole);
  expect(whole.length).toBe(0);
  const part = new Uint8Array(100).fill(1).subarray(0, 99);
  freeNow(part);
  expect(part.every((byte) => byte === 1)).toBe(true);
  expect(part.length).toBe(99);
});

test('what a cipher returns is a buffer of its own, so that freeing it has an effect', () => {
  const cipher = createCipheriv('aes-128-ecb', Buffer.alloc(16), null).setAutoPadding(false);
  for (const size of [16, 4096, 65_536]) {
    const output = cipher.update(Buffer.alloc(size));
    expect(output.length).toBe(size);
    freeNow(output);
    expect(output.length).toBe(0);
  }
});

test('of a large buffer a part is enough, and a small one may be a pool', () => {
  const large = new Uint8Array(100_000);
  freeLarge(large.subarray(8, 90_000));
  expect(large.length).toBe(0);
  const pool = new Uint8Array(8_192).fill(1);
  freeLarge(pool);
  expect(pool.length).toBe(8_192);
});
