import fc from 'fast-check';
import { expect, test } from 'vitest';
import { padmeVectors } from './fixtures/vectors.ts';
import { padme } from './padme.ts';

const lengths = fc.oneof(
  fc.nat(70_000),
  fc.nat(2 ** 31),
  fc.maxSafeNat().filter((n) => n <= 2 ** 52),
);

test('padme equals the golden vectors', () => {
  for (const [length, padded] of padmeVectors) expect([length, padme(length)]).toEqual([length, padded]);
});

test('padding adds at most 12 percent, takes nothing away, and is done after one step', () => {
  fc.assert(
    fc.property(lengths, (length) => {
      const padded = padme(length);
      expect(padded).toBeGreaterThanOrEqual(length);
      expect(padded).toBeLessThanOrEqual(length * 1.12);
      expect(padme(padded)).toBe(padded);
    }),
  );
});

test('a longer length never pads to less', () => {
  fc.assert(
    fc.property(lengths, fc.nat(5000), (length, more) => padme(Math.min(length + more, 2 ** 52)) >= padme(length)),
  );
});

test('what is no length is refused', () => {
  for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 52 + 1]) {
    expect(() => padme(wrong)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  }
});
