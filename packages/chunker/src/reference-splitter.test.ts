import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { splitterVectors, vectorInput } from './fixtures/vectors.ts';
import { referenceDigests, splitReference } from './reference-splitter.ts';
import { deriveSplitterKeys, TABLE_BYTES } from './splitter-keys.ts';

const keys = deriveSplitterKeys(Buffer.from(splitterVectors.secret, 'hex'));

test('the keys equal the golden vectors', () => {
  expect(createHash('sha256').update(keys.tables).digest('hex')).toBe(splitterVectors.tablesSha256);
  expect(Buffer.from(keys.aesKey).toString('hex')).toBe(splitterVectors.aesKey);
});

test('digests equal the golden vectors', () => {
  const slots = referenceDigests(keys, Buffer.from(splitterVectors.digests.input, 'hex'));
  expect(splitterVectors.digests.windows.length).toBeGreaterThan(0);
  for (const { start, a, b } of splitterVectors.digests.windows) {
    expect(slots.readBigUInt64LE(16 * start)).toBe(BigInt(`0x${a}`));
    expect(slots.readBigUInt64LE(16 * start + 8)).toBe(BigInt(`0x${b}`));
  }
});

test('rolling digests equal the polynomial they are defined by', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 200 }), (bytes) => {
      const slots = referenceDigests(keys, bytes);
      const last = bytes.length - 64;
      expect(slots.readBigUInt64LE(16 * last)).toBe(
        polynomial(keys.tables.subarray(0, TABLE_BYTES), bytes.subarray(last)),
      );
      expect(slots.readBigUInt64LE(16 * last + 8)).toBe(
        polynomial(keys.tables.subarray(TABLE_BYTES), bytes.subarray(last)),
      );
    }),
    { numRuns: 50 },
  );
});

test('the reference cuts where the golden vectors do', () => {
  for (const { params, input, ends } of splitterVectors.cuts) {
    if (input.length > 1_000_000) continue;
    expect(splitReference(keys, params, vectorInput(input))).toEqual(ends);
  }
});

/** Sum of x^(63-j) T[w_j] without any reduction on the way, and one long division at the end. */
function polynomial(table: Uint8Array, window: Uint8Array): bigint {
  const entries = Buffer.from(table);
  let sum = 0n;
  window.forEach((byte, j) => (sum ^= entries.readBigUInt64LE(8 * byte) << BigInt(63 - j)));
  for (let bit = 127n; bit >= 64n; bit--) {
    if ((sum >> bit) & 1n) sum ^= 0x1_0000_0000_0000_001bn << (bit - 64n);
  }
  return sum;
}
