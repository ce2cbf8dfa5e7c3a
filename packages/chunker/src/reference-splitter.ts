import { createCipheriv } from 'node:crypto';
import { TABLE_BYTES, type SplitterKeys } from './splitter-keys.ts';
import { cutMaskBits, requireSplitterParams, WINDOW_BYTES, type SplitterParams } from './splitter-parameters.ts';

/** A 64-bit value as two signed 32-bit halves. */
interface Halves {
  high: number;
  low: number;
}

/**
 * The splitting rule in plain scalar code over a whole buffer: the yardstick the fast splitter must equal bit for bit. Returns the ends of
 * all blocks. Not used where speed matters.
 */
export function splitReference(keys: SplitterKeys, params: SplitterParams, bytes: Uint8Array): number[] {
  requireSplitterParams(params);
  const encrypted = encryptDigests(keys, referenceDigests(keys, bytes));
  const mask = 2 ** cutMaskBits(params) - 1;
  const ends: number[] = [];
  let blockStart = 0;
  for (let end = 1; end <= bytes.length; end++) {
    const size = end - blockStart;
    const decides = size >= params.min && (encrypted.readUInt32LE(16 * (end - WINDOW_BYTES)) & mask) === 0;
    if (decides || size === params.max || end === bytes.length) {
      ends.push(end);
      blockStart = end;
    }
  }
  return ends;
}

/** Digests of all windows of 64 bytes, 16 bytes each: table A then table B, little endian. Entry k is the window of bytes k to k + 63. */
export function referenceDigests(keys: SplitterKeys, bytes: Uint8Array): Buffer {
  const windows = Math.max(0, bytes.length - WINDOW_BYTES + 1);
  const slots = Buffer.alloc(16 * windows);
  writeDigests(readTable(keys.tables.subarray(0, TABLE_BYTES)), bytes, slots, 0);
  writeDigests(readTable(keys.tables.subarray(TABLE_BYTES)), bytes, slots, 8);
  return slots;
}

function writeDigests(table: readonly Halves[], bytes: Uint8Array, slots: Buffer, lane: number): void {
  const leavingTable = table.map(timesX64);
  let digest: Halves = { high: 0, low: 0 };
  for (let at = 0; at < bytes.length; at++) {
    digest = add(timesX(digest), table[bytes[at] as number] as Halves);
    if (at >= WINDOW_BYTES) digest = add(digest, leavingTable[bytes[at - WINDOW_BYTES] as number] as Halves);
    if (at < WINDOW_BYTES - 1) continue;
    const slot = 16 * (at - WINDOW_BYTES + 1) + lane;
    slots.writeInt32LE(digest.low, slot);
    slots.writeInt32LE(digest.high, slot + 4);
  }
}

function encryptDigests(keys: SplitterKeys, slots: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ecb', keys.aesKey, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(slots), cipher.final()]);
}

function readTable(raw: Uint8Array): Halves[] {
  const view = Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  return Array.from({ length: 256 }, (_, byte) => ({
    low: view.readInt32LE(8 * byte),
    high: view.readInt32LE(8 * byte + 4),
  }));
}

function add(a: Halves, b: Halves): Halves {
  return { high: a.high ^ b.high, low: a.low ^ b.low };
}

/** Multiplication by x modulo x^64 + x^4 + x^3 + x + 1. */
function timesX({ high, low }: Halves): Halves {
  return { high: (high << 1) | (low >>> 31), low: (low << 1) ^ (high < 0 ? 0x1b : 0) };
}

/** Multiplication by x^64 = x^4 + x^3 + x + 1. */
function timesX64(value: Halves): Halves {
  const x1 = timesX(value);
  const x3 = timesX(timesX(x1));
  return add(add(value, x1), add(x3, timesX(x3)));
}
