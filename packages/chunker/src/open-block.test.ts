import { hash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { BlockId, CtHash, NamespaceId } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { BlockContext } from './block-keys.ts';
import { MAX_BLOCK_BYTES } from './block-limits.ts';
import { vectorContext as context } from './fixtures/block-context.ts';
import { idOf, sealAnyFrame } from './fixtures/independent-seal.ts';
import { keystream } from './fixtures/keystream.ts';
import { openBlock, type BlockReference } from './open-block.ts';
import { padme } from './padme.ts';
import { sealBlock } from './seal-block.ts';

const corrupt = expect.objectContaining({ code: 'block-corrupt', message: 'a sealed block does not open' });
const TEXT = Buffer.from('a b c d '.repeat(40));
const block = sealBlock(context, TEXT);

describe('bytes damaged under way', () => {
  test.each([
    ['compressed', block],
    ['stored', sealBlock(context, keystream('a-stored-block--', 100))],
  ])('every flipped bit of a %s block is rejected, also when the reference names the damaged bytes', (_, whole) => {
    for (let bit = 0; bit < whole.sealed.length * 8; bit++) {
      const damaged = whole.sealed.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => openBlock(context, whole, damaged)).toThrow(corrupt);
      const ctHash = hash('sha256', damaged, 'hex') as CtHash;
      expect(() => openBlock(context, { ...whole, ctHash }, damaged)).toThrow(corrupt);
    }
  });

  test('every shortened or lengthened block is rejected, whatever the reference says of it', () => {
    for (let length = 0; length <= block.ctLength + 20; length++) {
      if (length === block.ctLength) continue;
      const damaged = new Uint8Array(length);
      damaged.set(block.sealed.subarray(0, length));
      expect(() => openBlock(context, block, damaged)).toThrow(corrupt);
      const ctHash = hash('sha256', damaged, 'hex') as CtHash;
      expect(() => openBlock(context, { ...block, ctHash, ctLength: length }, damaged)).toThrow(corrupt);
    }
  });
});

describe('a block in the wrong place', () => {
  const flip = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
  const flipKey = (key: Uint8Array): Uint8Array => key.map((byte, at) => (at === 0 ? byte ^ 1 : byte));

  test.each<[string, Partial<BlockReference>]>([
    ['block id', { blockId: flip(block.blockId) as BlockId }],
    ['block id of another block', { blockId: idOf(context, Buffer.from('another')) }],
    ['malformed block id', { blockId: block.blockId.toUpperCase() as BlockId }],
    ['longer block id', { blockId: (block.blockId + 'ab') as BlockId }],
    ['ciphertext hash', { ctHash: flip(block.ctHash) as CtHash }],
    ['ciphertext length', { ctLength: block.ctLength + 1 }],
    ['shorter plain length', { plainLength: block.plainLength - 1 }],
    ['longer plain length', { plainLength: block.plainLength + 1 }],
    ['negative plain length', { plainLength: -1 }],
    ['no plain length', { plainLength: Number.NaN }],
    ['plain length beyond any block', { plainLength: MAX_BLOCK_BYTES + 1 }],
  ])('is rejected: %s', (_, wrong) => {
    expect(() => openBlock(context, { ...block, ...wrong }, block.sealed)).toThrow(corrupt);
  });

  test.each<[string, Partial<BlockContext>]>([
    ['namespace', { namespaceId: flip(context.namespaceId) as NamespaceId }],
    ['epoch', { epoch: context.epoch + 1 }],
    ['epoch that agrees in its low 32 bits', { epoch: context.epoch - 2 ** 32 }],
    ['block key', { blockKey: flipKey(context.blockKey) }],
    ['block id key', { blockIdKey: flipKey(context.blockIdKey) }],
  ])('is rejected under another %s', (_, wrong) => {
    const elsewhere = { ...context, ...wrong };
    expect(() => openBlock(elsewhere, { ...block, epoch: elsewhere.epoch }, block.sealed)).toThrow(corrupt);
  });

  test('opens where it belongs', () => {
    expect(Buffer.compare(openBlock(context, block, block.sealed), TEXT)).toBe(0);
  });

  test('keys of another epoch than the reference names are a mistake of the caller', () => {
    const invalid = expect.objectContaining({ code: 'invalid-argument' });
    expect(() => openBlock({ ...context, epoch: context.epoch + 1 }, block, block.sealed)).toThrow(invalid);
  });
});

describe('a frame no honest client makes', () => {
  const plain = keystream('a-members-block-', 300);
  const zstd = zstdCompressSync(TEXT);

  test('is told from an honest one: handmade honest frames open', () => {
    expect(openFrame(plain, frame({ payload: plain }))).toEqual(plain);
    expect(openFrame(TEXT, frame({ flags: 1, plainLength: TEXT.length, payload: zstd }))).toEqual(new Uint8Array(TEXT));
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ['version 0', plain, frame({ version: 0, payload: plain })],
    ['version 2', plain, frame({ version: 2, payload: plain })],
    ['an unknown flag', plain, frame({ flags: 2, payload: plain })],
    ['an unknown flag beside a known one', TEXT, frame({ flags: 3, plainLength: TEXT.length, payload: zstd })],
    ['another declared length', plain, frame({ plainLength: 299, payload: plain })],
    ['a payload longer than the plaintext', plain, frame({ payload: Buffer.concat([plain, plain]), plainLength: 300 })],
    ['a payload beyond the frame', plain, frame({ payload: plain, payloadLength: 5000 })],
    ['a bit in the padding', plain, withLastByte(frame({ payload: plain }), 1)],
    ['no padding', plain, frame({ payload: plain }).subarray(0, 310)],
    ['more padding', plain, Buffer.concat([frame({ payload: plain }), Buffer.alloc(16)])],
    ['nothing', plain, new Uint8Array(0)],
    ['less than a header', plain, frame({ payload: plain }).subarray(0, 9)],
    ['stored bytes marked as compressed', plain, frame({ flags: 1, payload: plain })],
    ['compressed bytes marked as stored', TEXT, frame({ flags: 0, plainLength: TEXT.length, payload: zstd })],
    [
      'a compressed stream cut short',
      TEXT,
      frame({ flags: 1, plainLength: TEXT.length, payload: zstd.subarray(0, -1) }),
    ],
    ['an empty compressed stream', TEXT, frame({ flags: 1, plainLength: TEXT.length, payload: new Uint8Array(0) })],
    ['other bytes than its name says', plain, frame({ payload: keystream('something-else--', 300) })],
    [
      'less than it declares',
      TEXT,
      frame({ flags: 1, plainLength: 320, payload: zstdCompressSync(TEXT.subarray(0, 319)) }),
    ],
    [
      'more than it declares',
      TEXT,
      frame({ flags: 1, plainLength: 320, payload: zstdCompressSync(Buffer.alloc(321)) }),
    ],
  ])('is rejected: %s', (_, named, bytes) => {
    expect(() => openFrame(named, bytes)).toThrow(corrupt);
  });

  test('is rejected: the right bytes under a length that the name does not have', () => {
    const stored = frame({ payload: plain, plainLength: 301 });
    expect(() => openFrame(plain, stored, 301)).toThrow(corrupt);
    const compressed = frame({ flags: 1, payload: zstd, plainLength: TEXT.length + 1 });
    expect(() => openFrame(TEXT, compressed, TEXT.length + 1)).toThrow(corrupt);
  });

  test('is rejected: an empty block', () => {
    expect(() => openFrame(new Uint8Array(0), frame({ payload: new Uint8Array(0) }))).toThrow(corrupt);
  });

  test('is rejected: an otherwise honest block above the maximum', () => {
    const large = new Uint8Array(MAX_BLOCK_BYTES + 1);
    const bytes = frame({ flags: 1, plainLength: large.length, payload: zstdCompressSync(large) });
    expect(() => openFrame(large, bytes)).toThrow(corrupt);
  });

  test('is rejected: an otherwise honest block whose decoder would need a window above the maximum', () => {
    const asking = (windowLog: number): Uint8Array =>
      frame({ flags: 1, plainLength: TEXT.length, payload: rawZstd(TEXT, windowLog) });
    expect(openFrame(TEXT, asking(22))).toEqual(new Uint8Array(TEXT));
    expect(() => openFrame(TEXT, asking(23))).toThrow(corrupt);
    expect(() => openFrame(TEXT, asking(27))).toThrow(corrupt);
  });
});

test('a bomb is rejected before its output exists', () => {
  // 2 GiB of zeros in 64 KiB: RLE blocks of 128 KiB, a window of 1 MiB, no content size (RFC 8878).
  const rleBlocks = Buffer.alloc(4 * 16_384);
  for (let at = 0; at < rleBlocks.length; at += 4) {
    rleBlocks.writeUIntLE((131_072 << 3) | 2 | (at + 4 === rleBlocks.length ? 1 : 0), at, 3);
  }
  const payload = Buffer.concat([Buffer.from('28b52ffd0050', 'hex'), rleBlocks]);
  const named = new Uint8Array(MAX_BLOCK_BYTES);
  const before = process.resourceUsage().maxRSS;
  expect(() => openFrame(named, frame({ flags: 1, plainLength: named.length, payload }))).toThrow(corrupt);
  const grownKiB = process.resourceUsage().maxRSS - before;
  expect(grownKiB).toBeLessThan(256 * 1024);
});

/** Opens a frame that a member sealed with the right keys under the name of `named`. */
function openFrame(named: Uint8Array, bytes: Uint8Array, plainLength = named.length): Uint8Array {
  const { reference, sealed } = sealAnyFrame(context, idOf(context, named), plainLength, bytes);
  return new Uint8Array(openBlock(context, reference, sealed));
}

interface FrameParts {
  readonly version?: number;
  readonly flags?: number;
  readonly plainLength?: number;
  readonly payloadLength?: number;
  readonly payload: Uint8Array;
}

function frame({
  version = 1,
  flags = 0,
  payload,
  plainLength = payload.length,
  payloadLength = payload.length,
}: FrameParts): Buffer {
  const bytes = Buffer.alloc(padme(10 + payload.length));
  bytes.writeUInt8(version, 0);
  bytes.writeUInt8(flags, 1);
  bytes.writeUInt32BE(plainLength, 2);
  bytes.writeUInt32BE(payloadLength, 6);
  bytes.set(payload, 10);
  return bytes;
}

/** A zstd stream (RFC 8878) of one raw block, with a window of 2^windowLog bytes and no content size. */
function rawZstd(plaintext: Uint8Array, windowLog: number): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 0, 0, 0]);
  header.writeUIntLE((plaintext.length << 3) | 1, 6, 3);
  return Buffer.concat([header, plaintext]);
}

function withLastByte(bytes: Buffer, value: number): Buffer {
  bytes[bytes.length - 1] = value;
  return bytes;
}
