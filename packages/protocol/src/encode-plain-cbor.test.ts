import { encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCbor } from './cbor.ts';
import { encodePlainCbor } from './encode-plain-cbor.ts';

/** As the library has it. */
function reference(value: unknown): Uint8Array {
  return new Uint8Array(encode(value, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true }));
}

const key = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).filter((text) => text !== '__proto__');

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
    fc.constantFrom(
      0,
      23,
      24,
      255,
      256,
      65_535,
      65_536,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 53 - 1,
      -1,
      -24,
      -25,
      -(2 ** 32) - 1,
    ),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(key, fc.oneof(tie('value'), fc.constant(undefined)), { maxKeys: 30 }),
  ),
}));

test('what it encodes is what the library makes of it', () => {
  fc.assert(
    fc.property(value, (item) => {
      expect(encodePlainCbor(item)).toEqual(reference(item));
    }),
    { numRuns: 1_000 },
  );
});

test.each(
  [1, 2, 3, 4].flatMap((bytes) =>
    [22, 23, 24, 39, 40, 60, 85, 86, 127, 128, 255, 256, 22_000, 70_000].map((count) => [bytes, count] as const),
  ),
)('text of letters of %d bytes, %d of them', (bytes, count) => {
  const text = ['a', 'é', '€', '😀'][bytes - 1]!.repeat(count);
  const odd = `${text}\ud800`;
  for (const one of [text, odd, [text, odd, 1], { text, odd }]) expect(encodePlainCbor(one)).toEqual(reference(one));
  expect(decodeCbor(encodePlainCbor(text)!)).toBe(text);
});

test('bytes of any size, after much and after little, and never in the same memory', () => {
  for (const size of [0, 23, 24, 255, 256, 65_535, 65_536, 3_000_000, 10]) {
    const item = { a: new Uint8Array(size).fill(7), b: 'x' };
    const first = encodePlainCbor(item)!;
    const kept = first.slice();
    expect(kept).toEqual(reference(item));
    expect(encodePlainCbor([Buffer.from('abc'), size])).toEqual(reference([Buffer.from('abc'), size]));
    expect(first).toEqual(kept);
    expect(first.byteLength).toBe(first.buffer.byteLength);
  }
});

class Thing {
  readonly a = 1;
}

let deep: unknown = 1;
for (let i = 0; i < 70; i++) deep = [deep];

test.each([
  ['undefined', undefined],
  ['undefined in an array', [undefined]],
  ['a fraction', 1.5],
  ['minus zero', -0],
  ['no number', NaN],
  ['too much', 2 ** 53],
  ['a bigint', 1n],
  ['a map', new Map([['a', 1]])],
  ['a thing', new Thing()],
  ['other numbers', new Uint16Array(2)],
  ['a function', () => 1],
  ['a key of other letters', { é: 1 }],
  ['what is nested deeply', deep],
])('%s is left to the library', (_, odd) => {
  expect(encodePlainCbor(odd)).toBeNull();
  expect(encodePlainCbor([1])).toEqual(Uint8Array.of(0x81, 1));
});
