import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCbor, encodeCbor, equalBytes } from './cbor.ts';
import { isDeterministicCbor } from './deterministic-cbor.ts';
import { fromHex, toHex } from './hex-ids.ts';

const item = fc.letrec((tie) => ({
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
      -(2 ** 53) + 1,
    ),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: 'grapheme' }),
    // A byte order mark is a character like any other.
    fc.string({ unit: 'grapheme' }).map((text) => `\ufeff${text}`),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ),
  ),
})).value;

/** The definition that the scanner is a faster form of. */
function reencodesToItself(bytes: Uint8Array): boolean {
  try {
    return equalBytes(encodeCbor(decodeCbor(bytes)), bytes);
  } catch {
    return false;
  }
}

describe('deterministic CBOR', () => {
  it('comes back as it was, with a byte order mark where there was one', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(decodeCbor(encodeCbor(value))).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
    for (const length of [0, 20, 30, 300, 70_000]) {
      const text = `\ufeff${'a'.repeat(length)}`;
      expect(decodeCbor(encodeCbor({ [text]: [text, `a${text}`] }))).toEqual({ [text]: [text, `a${text}`] });
    }
  });

  it('accepts whatever the encoder writes', () => {
    fc.assert(
      fc.property(item, (value) => isDeterministicCbor(encodeCbor(value))),
      { numRuns: 1_000 },
    );
  });

  it('accepts nothing that does not re-encode to itself, after any edit of the bytes', () => {
    let accepted = 0;
    fc.assert(
      fc.property(item, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), (value, edits) => {
        const bytes = encodeCbor(value);
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        if (!isDeterministicCbor(bytes)) return true;
        accepted++;
        return reencodesToItself(bytes);
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it.each([
    ['an integer with a longer form than needed', '1817'],
    ['a two-byte integer with a longer form than needed', '190017'],
    ['an eight-byte integer that fits in four', '1b00000000ffffffff'],
    ['an unsafe integer', '1b0020000000000000'],
    ['an unsafe negative integer', '3b001fffffffffffff'],
    ['map keys out of order', 'a2616201616102'],
    ['a longer key before a shorter one', 'a262616101616202'],
    ['a key twice', 'a2616101616102'],
    ['a map with a key that is not text', 'a10102'],
    ['an indefinite array', '9fff'],
    ['a tag', 'c100'],
    ['a float', 'f93e00'],
    ['undefined', 'f7'],
    ['text that is not UTF-8', '61ff'],
    ['an item that ends early', '4401'],
    ['an array that ends early', '8201'],
    ['a byte behind the item', '0000'],
    ['nothing', ''],
  ])('refuses %s', (_what, hex) => {
    expect(isDeterministicCbor(fromHex(hex))).toBe(false);
  });

  it('judges UTF-8 as a strict decoder does', () => {
    const edges = fc.constantFrom(
      0x00,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc1,
      0xc2,
      0xe0,
      0xed,
      0xef,
      0xf0,
      0xf4,
      0xf5,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(edges, fc.nat(255)), { minLength: 1, maxLength: 5 }), (content) => {
        let isText = true;
        try {
          decodeURIComponent(content.map((byte) => `%${toHex(Uint8Array.of(byte))}`).join(''));
        } catch {
          isText = false;
        }
        expect(isDeterministicCbor(Uint8Array.from([0x60 + content.length, ...content]))).toBe(isText);
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses a key that would become the prototype of the decoded object', () => {
    expect(isDeterministicCbor(fromHex('a1695f5f70726f746f5f5fa0'))).toBe(false);
  });

  it('refuses nesting deeper than any format has', () => {
    expect(isDeterministicCbor(fromHex('81'.repeat(60) + '80'))).toBe(true);
    expect(isDeterministicCbor(fromHex('81'.repeat(100_000) + '80'))).toBe(false);
  });
});
