import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keystream } from './fixtures/keystream.ts';
import { splitterVectors, vectorInput } from './fixtures/vectors.ts';
import { splitReference } from './reference-splitter.ts';
import { deriveSplitterKeys, type SplitterKeys } from './splitter-keys.ts';
import { cutMaskBits, DEFAULT_SPLITTER, MANIFEST_SPLITTER, type SplitterParams } from './splitter-parameters.ts';
import { createSplitter } from './splitter.ts';

const KIB = 1024;
const keys = deriveSplitterKeys(Buffer.from(splitterVectors.secret, 'hex'));
const SMALL: SplitterParams = { min: 128, mean: 512, max: 2048 };

const params = fc
  .tuple(fc.integer({ min: 64, max: 6000 }), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 9000 }))
  .map(([min, toMean, toMax]) => ({ min, mean: min + toMean, max: min + toMean + toMax }));
const content = fc
  .record({
    seed: fc.string({ unit: 'binary-ascii', minLength: 16, maxLength: 16 }),
    length: fc.nat(30_000),
    mask: fc.constantFrom(255, 3, 1, 0),
  })
  .map(({ seed, length, mask }) => keystream(seed, length, mask));
const sliceSizes = fc
  .array(fc.oneof(fc.nat(70), fc.nat(9000)), { minLength: 1, maxLength: 20 })
  .filter((sizes) => sizes.some((n) => n > 0));

describe('cuts', () => {
  test('equal the golden vectors', () => {
    expect(splitterVectors.cuts.length).toBeGreaterThan(0);
    for (const { params, input, ends } of splitterVectors.cuts) {
      expect(split(params, vectorInput(input))).toEqual(ends);
    }
  });

  test('equal the scalar reference and do not depend on how the input is sliced', () => {
    fc.assert(
      fc.property(params, content, sliceSizes, (sizes, bytes, slices) => {
        const expected = splitReference(keys, sizes, bytes);
        expect(split(sizes, bytes)).toEqual(expected);
        expect(splitInSlices(sizes, bytes, slices)).toEqual(expected);
      }),
    );
  });

  test('are the same when the bytes come one at a time', () => {
    const bytes = keystream('one-at-a-time-ok', 20_000);
    expect(splitInSlices(SMALL, bytes, [1])).toEqual(split(SMALL, bytes));
  });

  test('make blocks of min to max bytes, the last one perhaps shorter', () => {
    fc.assert(
      fc.property(params, content, (sizes, bytes) => {
        const lengths = blockLengths(split(sizes, bytes));
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length);
        for (const [at, length] of lengths.entries()) {
          expect(length).toBeLessThanOrEqual(sizes.max);
          expect(length).toBeGreaterThan(0);
          if (at < lengths.length - 1) expect(length).toBeGreaterThanOrEqual(sizes.min);
        }
      }),
    );
  });

  test('are known soon enough that less than max bytes are ever waiting', () => {
    fc.assert(
      fc.property(params, content, sliceSizes, (sizes, bytes, slices) => {
        const splitter = createSplitter(keys, sizes);
        let known = 0;
        for (const [slice, end] of slicesOf(bytes, slices)) {
          known = splitter.push(slice).at(-1) ?? known;
          expect(end - known).toBeLessThan(sizes.max);
        }
      }),
    );
  });
});

test('an empty file has no block and a file below min has one', () => {
  expect(split(DEFAULT_SPLITTER, new Uint8Array(0))).toEqual([]);
  expect(split(DEFAULT_SPLITTER, new Uint8Array(1))).toEqual([1]);
  expect(split(DEFAULT_SPLITTER, new Uint8Array(DEFAULT_SPLITTER.min - 1))).toEqual([DEFAULT_SPLITTER.min - 1]);
});

test('two splitters of the same keys may take turns', () => {
  const first = keystream('taking-turns-one', 30_000);
  const second = keystream('taking-turns-two', 30_000);
  const [a, b] = [createSplitter(keys, SMALL), createSplitter(keys, SMALL)];
  const [endsOfA, endsOfB]: [number[], number[]] = [[], []];
  for (let at = 0; at < 30_000; at += 500) {
    endsOfA.push(...a.push(first.subarray(at, at + 500)));
    endsOfB.push(...b.push(second.subarray(at, at + 500)));
  }
  expect([...endsOfA, ...a.finish()]).toEqual(split(SMALL, first));
  expect([...endsOfB, ...b.finish()]).toEqual(split(SMALL, second));
});

test('a cut starts the splitter anew: splitting from any cut on finds the cuts that follow it', () => {
  const bytes = keystream('start-at-any-cut', 200_000);
  const ends = split(SMALL, bytes);
  for (const from of ends.filter((_, at) => at % 20 === 0)) {
    const rest = split(SMALL, bytes.subarray(from)).map((end) => end + from);
    expect(rest).toEqual(ends.filter((end) => end > from));
  }
});

describe('after a change', () => {
  const EDITS = 60;
  const bytes = keystream('an-edited-file-!', 1024 * KIB);
  const oldBlocks = blocksOf(MANIFEST_SPLITTER, bytes);

  test.each([
    [
      'an insertion',
      (at: number) => Buffer.concat([bytes.subarray(0, at), Buffer.from('inserted'), bytes.subarray(at)]),
    ],
    ['a deletion', (at: number) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1000)])],
    [
      'an overwrite',
      (at: number) => Buffer.concat([bytes.subarray(0, at), Buffer.alloc(100), bytes.subarray(at + 100)]),
    ],
  ])('the cuts fall in step again: %s costs two blocks or fewer as a rule', (_, edit) => {
    const news = Array.from({ length: EDITS }, (__, n) => {
      const edited = edit(Math.floor(((n + 0.5) * bytes.length) / EDITS));
      return [...blocksOf(MANIFEST_SPLITTER, edited)].filter((block) => !oldBlocks.has(block)).length;
    }).sort((a, b) => a - b);
    expect(news[0]).toBeGreaterThanOrEqual(1);
    expect(news[EDITS / 2]).toBeLessThanOrEqual(2);
    expect(news.reduce((sum, count) => sum + count, 0) / EDITS).toBeLessThanOrEqual(2);
    expect(news.at(-1)).toBeLessThanOrEqual(8);
  });
});

describe('block sizes', () => {
  test('follow the mean of their parameters', () => {
    const bytes = keystream('the-mean-of-many', 24 * 1024 * KIB);
    const sizes: SplitterParams = { min: 1 * KIB, mean: 5 * KIB, max: 40 * KIB };
    const lengths = blockLengths(split(sizes, bytes));
    const mean = bytes.length / lengths.length;
    expect(mean / (5 * KIB)).toBeGreaterThan(0.95);
    expect(mean / (5 * KIB)).toBeLessThan(1.05);
    const beyond = lengths.filter((length) => length > 5 * KIB).length / lengths.length;
    expect(beyond).toBeGreaterThan(Math.exp(-1) - 0.03);
    expect(beyond).toBeLessThan(Math.exp(-1) + 0.03);
  });

  test('come from a mask nearest to mean minus min', () => {
    expect(cutMaskBits(DEFAULT_SPLITTER)).toBe(19);
    expect(cutMaskBits(MANIFEST_SPLITTER)).toBe(14);
    for (let distance = 1; distance < 5000; distance++) {
      const bits = Math.round(Math.log2(distance));
      expect(cutMaskBits({ min: 64, mean: 64 + distance, max: 10_000 })).toBe(bits);
    }
  });
});

describe('without the key', () => {
  const bytes = keystream('known-plaintext!', 8 * 1024 * KIB);
  const ends = split(MANIFEST_SPLITTER, bytes).slice(0, -1);
  const other = deriveSplitterKeys(new Uint8Array(32).fill(9));

  test.each<[string, SplitterKeys]>([
    ['another secret', other],
    ['another AES key alone', { ...keys, aesKey: other.aesKey }],
    [
      'another first table alone',
      { ...keys, tables: Buffer.concat([other.tables.subarray(0, 2048), keys.tables.subarray(2048)]) },
    ],
    [
      'another second table alone',
      { ...keys, tables: Buffer.concat([keys.tables.subarray(0, 2048), other.tables.subarray(2048)]) },
    ],
  ])('the cuts of a known file are unrelated: %s', (_, otherKeys) => {
    const otherEnds = new Set(split(MANIFEST_SPLITTER, bytes, otherKeys).slice(0, -1));
    expect(otherEnds.size).toBeGreaterThan(300);
    // About 400 * 400 / 8 Mi = 0.02 coincide by chance.
    expect(ends.filter((end) => otherEnds.has(end)).length).toBeLessThanOrEqual(1);
  });
});

test('sizes no splitter can work with are refused', () => {
  const wrong: SplitterParams[] = [
    { min: 63, mean: 100, max: 200 },
    { min: 100, mean: 100, max: 200 },
    { min: 100, mean: 200, max: 200 },
    { min: 100, mean: 200.5, max: 300 },
    { min: Number.NaN, mean: 200, max: 300 },
    { min: 100, mean: 200, max: 4 * 1024 * KIB + 1 },
  ];
  for (const sizes of wrong) {
    expect(() => createSplitter(keys, sizes)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  }
  expect(() => deriveSplitterKeys(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

test('a finished splitter takes nothing more', () => {
  const splitter = createSplitter(keys, SMALL);
  splitter.finish();
  expect(() => splitter.push(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  expect(() => splitter.finish()).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

function split(sizes: SplitterParams, bytes: Uint8Array, used: SplitterKeys = keys): number[] {
  const splitter = createSplitter(used, sizes);
  return [...splitter.push(bytes), ...splitter.finish()];
}

function splitInSlices(sizes: SplitterParams, bytes: Uint8Array, slices: readonly number[]): number[] {
  const splitter = createSplitter(keys, sizes);
  const ends = slicesOf(bytes, slices).flatMap(([slice]) => splitter.push(slice));
  return [...ends, ...splitter.finish()];
}

/** Slices of the given sizes, over and over; each with its end offset. */
function slicesOf(bytes: Uint8Array, sizes: readonly number[]): [slice: Uint8Array, end: number][] {
  const slices: [Uint8Array, number][] = [];
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = Math.min(bytes.length, at + sizes[n % sizes.length]!);
    // A copy with its own memory: a splitter that kept a view would see later pushes overwrite it.
    slices.push([bytes.slice(at, end), end]);
    at = end;
  }
  return slices;
}

function blockLengths(ends: readonly number[]): number[] {
  return ends.map((end, at) => end - (ends[at - 1] ?? 0));
}

function blocksOf(sizes: SplitterParams, bytes: Uint8Array): Set<string> {
  const ends = split(sizes, bytes);
  return new Set(ends.map((end, at) => Buffer.from(bytes.subarray(ends[at - 1] ?? 0, end)).toString('latin1')));
}
