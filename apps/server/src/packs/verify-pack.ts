import { hash, webcrypto } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS, OnefoldError, readPack, type CtHash, type PackIndexEntry } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';

/** Above this a hash goes to the thread pool; below, the way there costs more than the hash. */
const POOL_ABOVE_BYTES = 256 * 1024;
/** Bytes hashed on this thread before others get their turn. */
const SLICE_BYTES = 1024 * 1024;

/** Reads a pack's index and hashes every block. Throws `pack-corrupt` unless every block is what its ctHash says, `block-too-large` for sizes no client makes. */
export async function verifyPack(pack: Uint8Array): Promise<PackIndexEntry[]> {
  const index = readPack(pack);
  const seen = new Set<CtHash>();
  let sinceTurn = 0;
  for (const { ctHash, offset, length } of index) {
    if (length > LIMITS.sealedBlockBytes)
      throw new OnefoldError('block-too-large', 'a block of the pack is larger than any block may be');
    if (seen.has(ctHash)) throw new OnefoldError('pack-corrupt', 'the pack names a block twice');
    seen.add(ctHash);
    const block = pack.subarray(offset, offset + length);
    if ((await ctHashOf(block)) !== ctHash)
      throw new OnefoldError('pack-corrupt', 'a block of the pack is not what its hash says');
    sinceTurn += length > POOL_ABOVE_BYTES ? 0 : length;
    if (sinceTurn > SLICE_BYTES) {
      sinceTurn = 0;
      await nextTurn();
    }
  }
  return index;
}

export async function ctHashOf(block: Uint8Array): Promise<CtHash> {
  if (block.length <= POOL_ABOVE_BYTES) return hash('sha256', block, 'hex') as CtHash;
  return idOf<CtHash>(new Uint8Array(await webcrypto.subtle.digest('SHA-256', block)));
}
