import fc from 'fast-check';
import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { computeBlockId } from './block-keys.ts';
import { MAX_BLOCK_BYTES } from './block-limits.ts';
import { vectorContext as context } from './fixtures/block-context.ts';
import { decodeZstdIndependently, idOf, openIndependently } from './fixtures/independent-seal.ts';
import { keystream } from './fixtures/keystream.ts';
import { blockVectors } from './fixtures/vectors.ts';
import { openBlock } from './open-block.ts';
import { padme } from './padme.ts';
import { sealBlock } from './seal-block.ts';

const TEXT = Buffer.from('All work of all devices in one folder, the same everywhere. '.repeat(40));
const HEADER_AND_SEAL = 10 + 28;

/** Plaintexts of 1 byte to 300 KB, from constant to random. */
const plaintext = fc
  .record({
    seed: fc.string({ unit: 'binary-ascii', minLength: 16, maxLength: 16 }),
    length: fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 300_000 })),
    mask: fc.constantFrom(255, 127, 15, 0),
  })
  .map(({ seed, length, mask }) => keystream(seed, length, mask));

describe('the golden vectors', () => {
  test('are sealed byte for byte, where nothing is compressed', () => {
    const stored = blockVectors.blocks.filter((block) => !block.compressed);
    expect(stored.length).toBeGreaterThan(0);
    for (const vector of stored) {
      const sealed = sealBlock(context, fromHex(vector.plaintext), {
        fillRandom: (nonce) => nonce.set(fromHex(vector.nonce)),
      });
      expect(sealed).toEqual({
        epoch: context.epoch,
        blockId: vector.blockId,
        ctHash: vector.ctHash,
        ctLength: vector.sealed.length / 2,
        plainLength: vector.plaintext.length / 2,
        sealed: new Uint8Array(fromHex(vector.sealed)),
      });
    }
  });

  test('open, compressed or not', () => {
    expect(blockVectors.blocks.some((block) => block.compressed)).toBe(true);
    for (const vector of blockVectors.blocks) {
      const sealed = fromHex(vector.sealed);
      const reference = {
        epoch: context.epoch,
        blockId: computeBlockId(context.blockIdKey, fromHex(vector.plaintext)),
        ctHash: hash('sha256', sealed) as never,
        ctLength: sealed.length,
        plainLength: vector.plaintext.length / 2,
      };
      expect(reference.blockId).toBe(vector.blockId);
      expect(Buffer.from(openBlock(context, reference, sealed)).toString('hex')).toBe(vector.plaintext);
    }
  });
});

test('what is sealed opens to the same bytes, at a padded length that fits in a server’s limits', () => {
  fc.assert(
    fc.property(plaintext, (bytes) => {
      const block = sealBlock(context, bytes);
      expect(Buffer.compare(openBlock(context, block, block.sealed), bytes)).toBe(0);
      expect(block.ctLength).toBe(block.sealed.length);
      expect(block.ctLength).toBeLessThanOrEqual(padme(10 + bytes.length) + 28);
      expect(padme(block.ctLength - 28)).toBe(block.ctLength - 28);
    }),
    { numRuns: 60 },
  );
});

test('an independent implementation opens what is sealed', async () => {
  for (const bytes of [
    TEXT,
    keystream('independent-look', 5000),
    Buffer.alloc(MAX_BLOCK_BYTES, 'a large one; '),
    new Uint8Array(1),
  ]) {
    const block = sealBlock(context, bytes);
    expect(block.blockId).toBe(idOf(context, bytes));
    const opened = openIndependently(context, block.blockId, block.sealed);
    expect(opened).toMatchObject({ version: 1, plainLength: bytes.length });
    expect(opened.padding.every((byte) => byte === 0)).toBe(true);
    const decoded = opened.flags === 1 ? await decodeZstdIndependently(opened.payload) : opened.payload;
    expect(Buffer.compare(decoded, bytes)).toBe(0);
  }
});

describe('compression', () => {
  test('is kept where it saves', () => {
    const block = sealBlock(context, TEXT);
    expect(openIndependently(context, block.blockId, block.sealed).flags).toBe(1);
    expect(block.ctLength).toBeLessThan(TEXT.length / 5);
  });

  test('is not kept for less than five percent, nor for data that is dense already, small or large', () => {
    const barely = keystream('hardly-any-slack', 20_000);
    barely.fill(0, 0, 800);
    for (const bytes of [barely, keystream('a-small-one-----', 3000), keystream('a-large-one-----', 1024 * 1024)]) {
      const block = sealBlock(context, bytes);
      expect(openIndependently(context, block.blockId, block.sealed).flags).toBe(0);
      expect(block.ctLength).toBe(padme(bytes.length + 10) + 28);
    }
  });

  test('is tried for a large block of which only a part is dense', () => {
    const bytes = keystream('half-and-half---', 1024 * 1024);
    bytes.fill(7, 512 * 1024);
    const block = sealBlock(context, bytes);
    expect(openIndependently(context, block.blockId, block.sealed).flags).toBe(1);
    expect(block.ctLength).toBeLessThan(600 * 1024);
  });
});

test('sealing the same bytes again gives the same name under a fresh nonce', () => {
  const [first, second] = [sealBlock(context, TEXT), sealBlock(context, TEXT)];
  expect(second.blockId).toBe(first.blockId);
  expect(Buffer.compare(first.sealed.subarray(0, 12), second.sealed.subarray(0, 12))).not.toBe(0);
  expect(second.ctHash).not.toBe(first.ctHash);
});

test.each([
  ['compressed', new Uint8Array(5000)],
  ['stored', keystream('flips-in-memory!', 5000)],
])('a bit that flips in memory after the block was named does not become the only copy (%s)', (_, bytes) => {
  const flipBetweenNameAndSeal = { fillRandom: (): void => void (bytes[2500]! ^= 1) };
  // The nonce is drawn right after the block is named, so this damages exactly what is then compressed and sealed.
  expect(() => sealBlock(context, bytes, flipBetweenNameAndSeal)).toThrow(
    expect.objectContaining({ code: 'block-corrupt' }),
  );
});

test('the largest block seals and opens; a larger or empty one, or malformed keys, are refused', () => {
  const largest = keystream('the-largest-one-', MAX_BLOCK_BYTES);
  const block = sealBlock(context, largest);
  expect(Buffer.compare(openBlock(context, block, block.sealed), largest)).toBe(0);
  expect(block.ctLength).toBe(padme(MAX_BLOCK_BYTES + HEADER_AND_SEAL - 28) + 28);

  expect(() => sealBlock(context, new Uint8Array(MAX_BLOCK_BYTES + 1))).toThrow(
    expect.objectContaining({ code: 'block-too-large' }),
  );
  const invalid = expect.objectContaining({ code: 'invalid-argument' });
  expect(() => sealBlock(context, new Uint8Array(0))).toThrow(invalid);
  expect(() => sealBlock({ ...context, blockKey: new Uint8Array(31) }, TEXT)).toThrow(invalid);
  expect(() => sealBlock({ ...context, blockIdKey: new Uint8Array(33) }, TEXT)).toThrow(invalid);
  expect(() => sealBlock({ ...context, epoch: -1 }, TEXT)).toThrow(invalid);
  expect(() => sealBlock({ ...context, namespaceId: 'ab' as never }, TEXT)).toThrow(invalid);
});

test('a sealed block owns its memory, so that it can be handed to another thread', () => {
  const { sealed, ctLength } = sealBlock(context, Buffer.from('short'));
  expect(sealed.buffer.byteLength).toBe(ctLength);
});

function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
