import { z } from 'zod';
import { concatBytes, decodeCanonicalCbor, encodeCbor } from './cbor.ts';
import { OnefoldError } from './errors.ts';
import type { CtHash } from './hex-ids.ts';
import { ctHashCodec } from './ids.ts';
import { LIMITS } from './limits.ts';

/** Where one sealed block lies inside a pack. Offsets and lengths in bytes. */
export interface PackIndexEntry {
  readonly ctHash: CtHash;
  readonly offset: number;
  readonly length: number;
}

/** "OFP1" */
const MAGIC: readonly number[] = [0x4f, 0x46, 0x50, 0x31];
const FOOTER_LENGTH = 8;

const indexSchema = z
  .array(z.tuple([ctHashCodec, z.int().min(0), z.int().min(1)]))
  .min(1)
  .max(LIMITS.blocksPerPack);

/**
 * Lays sealed blocks into one pack: `block... | index | index length (u32 big endian) | "OFP1"`.
 * The index is deterministic CBOR, an array of [ctHash, offset, length] in the order of the blocks; offsets start at 0 and leave no gap.
 * Lies in `room` where that is large enough, else in memory of its own.
 */
export function buildPack(
  blocks: readonly { readonly ctHash: CtHash; readonly sealed: Uint8Array }[],
  room?: Uint8Array,
): Uint8Array {
  if (blocks.length === 0) throw new OnefoldError('invalid-argument', 'a pack holds at least one block');
  let offset = 0;
  const index = blocks.map(({ ctHash, sealed }) => {
    const row = [ctHash, offset, sealed.length] as [CtHash, number, number];
    offset += sealed.length;
    return row;
  });
  const indexBytes = encodeCbor(z.encode(indexSchema, index));
  const footer = new Uint8Array(FOOTER_LENGTH);
  new DataView(footer.buffer).setUint32(0, indexBytes.length);
  footer.set(MAGIC, 4);
  const parts = [...blocks.map((block) => block.sealed), indexBytes, footer];
  const length = offset + indexBytes.length + footer.length;
  if (room === undefined || room.length < length) return concatBytes(...parts);
  const pack = room.subarray(0, length);
  let at = 0;
  for (const part of parts) {
    pack.set(part, at);
    at += part.length;
  }
  return pack;
}

/** Number of bytes at the end of a pack that are footer: enough to learn where the index begins. */
export const PACK_FOOTER_LENGTH = FOOTER_LENGTH;

/** Length of the index from a pack's last PACK_FOOTER_LENGTH bytes. Throws `pack-corrupt`. */
export function readPackFooter(footer: Uint8Array, packLength: number): { readonly indexLength: number } {
  if (footer.length !== FOOTER_LENGTH || MAGIC.some((byte, i) => footer[4 + i] !== byte)) throw corrupt();
  const indexLength = new DataView(footer.buffer, footer.byteOffset, 4).getUint32(0);
  if (indexLength > packLength - FOOTER_LENGTH) throw corrupt();
  return { indexLength };
}

/**
 * Reads the index of a pack of `packLength` bytes. Checks that blocks lie end to end from 0 to the index, without gap or overlap.
 * Says nothing about the blocks' hashes. Throws `pack-corrupt`.
 */
export function readPackIndex(indexBytes: Uint8Array, packLength: number): PackIndexEntry[] {
  let rows: [CtHash, number, number][];
  try {
    rows = z.decode(indexSchema, decodeCanonicalCbor(indexBytes) as never);
  } catch (cause) {
    throw new OnefoldError('pack-corrupt', 'the pack index cannot be read', { cause });
  }
  let expected = 0;
  const entries = rows.map(([ctHash, offset, length]) => {
    if (offset !== expected) throw corrupt();
    expected += length;
    return { ctHash, offset, length };
  });
  if (expected !== packLength - FOOTER_LENGTH - indexBytes.length) throw corrupt();
  return entries;
}

/** The index of a whole pack in memory. Throws `pack-corrupt`. */
export function readPack(pack: Uint8Array): PackIndexEntry[] {
  if (pack.length < FOOTER_LENGTH) throw corrupt();
  const { indexLength } = readPackFooter(pack.subarray(pack.length - FOOTER_LENGTH), pack.length);
  const start = pack.length - FOOTER_LENGTH - indexLength;
  return readPackIndex(pack.subarray(start, start + indexLength), pack.length);
}

function corrupt(): OnefoldError {
  return new OnefoldError('pack-corrupt', 'the pack is not laid out as a pack');
}
