import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeName, encodeName, encodePath } from './name-bytes.ts';

describe('names as text', () => {
  it('survive the way through text, whatever their bytes', () => {
    const nearUtf8 = fc.array(
      fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0xf4, 0x90, 0xc0, 0xff),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          nearUtf8.map((bytes) => Uint8Array.from(bytes)),
        ),
        (bytes) => {
          expect(Buffer.compare(encodeName(decodeName(bytes)), bytes)).toBe(0);
        },
      ),
    );
  });

  it('are the plain text where the bytes are UTF-8', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodeName(Buffer.from(text)) === text));
  });

  it('never leave their folder', () => {
    for (const path of ['..', 'a/../b', './a', 'a//b', '/a', 'a/', 'a\0b', 'a/.']) {
      expect(() => encodePath(path), path).toThrow(expect.objectContaining({ code: 'name-illegal' }));
    }
    expect(() => encodeName('half \ud83d')).toThrow(expect.objectContaining({ code: 'name-illegal' }));
  });
});
