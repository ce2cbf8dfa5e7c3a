import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, decodeName, encodeName, isLegalName, joinPath, lastName, nameBytes, parentPath } from './names.ts';

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  // Pieces of characters, so that what is nearly UTF-8 is met.
  fc
    .array(
      fc.constantFrom(0x41, 0x7f, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0x80, 0xff),
      { maxLength: 16 },
    )
    .map((list) => Uint8Array.from(list)),
);

describe('names as text', () => {
  test('bytes come back as they were, whatever they are', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const name = decodeName(bytes);
        expect(encodeName(name)).toEqual(bytes);
        expect(nameBytes(name)).toBe(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    [[0x61], 'a'],
    [[0xc3, 0xa9], 'é'],
    [[0xe2, 0x82, 0xac], '€'],
    [[0xf0, 0x9f, 0x98, 0x80], '😀'],
    [[0xff, 0x61], '\udcffa'],
    [[0x61, 0xff, 0xc3, 0xa9], 'a\udcffé'],
    [[0xff, 0xe2, 0x82, 0xac], '\udcff€'],
    [[0xff, 0xf0, 0x9f, 0x98, 0x80], '\udcff😀'],
    [[0xe2, 0x82], '\udce2\udc82'],
    [[0xed, 0xa0, 0x80], '\udced\udca0\udc80'],
    [[0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    [[0xff, 0xef, 0xbb, 0xbf], '\udcff\ufeff'],
    [[0xff, 0xe0, 0xa0, 0x80], '\udcff\u0800'],
    [[0xff, 0xc2, 0x80], '\udcff\u0080'],
    [[0xff, 0xc3, 0xa9, 0xff], '\udcffé\udcff'],
    [[0xff, 0xe2, 0x82, 0xac, 0xff], '\udcff€\udcff'],
    [[0x80], '\udc80'],
    [[0xff, 0xc3, 0x28], '\udcff\udcc3('],
  ])('%j is %j', (bytes, name) => {
    expect(decodeName(Uint8Array.from(bytes))).toBe(name);
    expect([...encodeName(name)]).toEqual(bytes);
  });

  test('a text that no bytes give is refused', () => {
    for (const name of ['\ud800', '\udc7f', '\udd00', 'a\udbff', '\udcc3\udca9', '\udc41'])
      expect(() => encodeName(name), JSON.stringify(name)).toThrow(
        expect.objectContaining({ code: 'name-illegal', message: 'a name in a form that no disk gives' }),
      );
  });

  test.each([
    ['', 0],
    ['\u007f', 1],
    ['\u0080', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\uffff', 3],
    ['\u{10000}', 4],
    ['\udc80\udcff', 2],
    ['aé€😀', 10],
    ['\ue000', 3],
  ])('%j takes %i bytes', (name, count) => expect(nameBytes(name)).toBe(count));
});

test('what would climb out of its folder, or into the product’s own, is no name', () => {
  for (const name of ['', '.', '..', 'a/b', '/', 'a\0b', '\ud800']) {
    expect(isLegalName(name, false), name).toBe(false);
    expect(isLegalName(name, true), name).toBe(false);
  }
  for (const name of ['.onefold', '.ONEFOLD', '.Ｏnefold', '．onefold']) {
    expect(isLegalName(name, true), name).toBe(false);
    expect(isLegalName(name, false), name).toBe(true);
  }
  for (const name of ['...', '.a', 'a..', 'onefold', '.onefolder', 'n\udc80'])
    expect(isLegalName(name, true), name).toBe(true);
});

test('paths are put together and taken apart', () => {
  expect([joinPath('', 'a'), joinPath('a/b', 'c')]).toEqual(['a', 'a/b/c']);
  expect(['', 'ab', 'a/b', 'a/b/c'].map(parentPath)).toEqual(['', '', 'a', 'a/b']);
  expect(['', 'a', 'a/b', 'a/b/c'].map(lastName)).toEqual(['', 'a', 'b', 'c']);
  expect(parentPath('/a')).toBe('');
});

test('a text is cut between characters, where it just fits not at all', () => {
  expect(
    ['', 'a', 'aé', 'aé€', 'aé€😀', 'aé€😀'].map((text, i) => clip(text, [0, 1, 2, 5, 9, 10][i]!, nameBytes)),
  ).toEqual(['', 'a', 'a', 'aé', 'aé€', 'aé€😀']);
  expect(clip('a😀b', 3, (text) => text.length)).toBe('a😀');
});
