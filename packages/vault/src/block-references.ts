import { createHash } from 'node:crypto';
import {
  fromHex,
  isHexId,
  LIMITS,
  MIB,
  OnefoldError,
  toHex,
  type BlockId,
  type ContentId,
  type CtHash,
} from '@onefold/protocol';
import { doesNotOpen } from './committed-aead.ts';

/** Names one sealed block and what must come out of it. Lengths in bytes. */
export interface BlockReference {
  /** Epoch whose block key sealed it. */
  readonly epoch: number;
  readonly blockId: BlockId;
  readonly ctHash: CtHash;
  readonly ctLength: number;
  readonly plainLength: number;
}

/*
 * A list of references is their records, one behind the other, without a header: so that lists which share a stretch share its bytes, and the
 * splitter finds them.
 *
 *   epoch u32 | blockId 32 | ctHash 32 | ctLength u32 | plainLength u32      (76 bytes, integers big endian)
 */
export const REFERENCE_BYTES = 76;
const MAX_PLAIN_BYTES = 4 * MIB;
/** Blocks of one manifest: what fits into a sealed part, and enough for a file of terabytes. */
export const MAX_MANIFEST_BLOCKS = 12_000;

/** Throws `invalid-argument` for a reference no block can have. */
export function encodeReferences(references: readonly BlockReference[]): Uint8Array {
  const bytes = new Uint8Array(references.length * REFERENCE_BYTES);
  const view = new DataView(bytes.buffer);
  references.forEach((reference, i) => {
    if (!isReference(reference)) throw new OnefoldError('invalid-argument', 'not a reference to a block');
    const at = i * REFERENCE_BYTES;
    view.setUint32(at, reference.epoch);
    bytes.set(fromHex(reference.blockId), at + 4);
    bytes.set(fromHex(reference.ctHash), at + 36);
    view.setUint32(at + 68, reference.ctLength);
    view.setUint32(at + 72, reference.plainLength);
  });
  return bytes;
}

/** What a content part says about its list; the list must say the same. */
export interface ReferenceLimits {
  /** Exact size of the whole, in bytes. */
  readonly size: number;
  readonly contentId: ContentId;
  /** No block can have been sealed in a later epoch. */
  readonly epoch: number;
}

/**
 * Reads a list whole: from a content part, or from opened manifest blocks put together. Throws `seal-corrupt` unless every record is sound and the
 * list has exactly the size and content id that were declared.
 */
export function decodeReferences(bytes: Uint8Array, limits: ReferenceLimits): BlockReference[] {
  const references = readRecords(bytes);
  const size = references.reduce((sum, { plainLength }) => sum + plainLength, 0);
  const isSound = references.every((reference) => isReference(reference) && reference.epoch <= limits.epoch);
  if (!isSound || size !== limits.size || contentIdOf(references) !== limits.contentId) throw doesNotOpen();
  return references;
}

/** As `decodeReferences` for the blocks of a manifest, whose content id nobody declares: their bytes are checked block by block. */
export function decodeManifestReferences(bytes: Uint8Array, epoch: number): BlockReference[] {
  const references = readRecords(bytes);
  const size = references.reduce((sum, { plainLength }) => sum + plainLength, 0);
  const isSound = references.every((reference) => isReference(reference) && reference.epoch <= epoch);
  const isFitting = references.length > 0 && references.length <= MAX_MANIFEST_BLOCKS;
  if (!isSound || !isFitting || size % REFERENCE_BYTES !== 0) throw doesNotOpen();
  return references;
}

const CONTENT_DOMAIN = Buffer.from('onefold/content/v1', 'ascii');

/**
 * SHA-256("onefold/content/v1" || for each block in order: blockId (32) || plainLength (u32, big endian)). Cuts are canonical, so equal files of one
 * namespace have equal content ids and no second pass over the file is needed.
 */
export function contentIdOf(blocks: readonly Pick<BlockReference, 'blockId' | 'plainLength'>[]): ContentId {
  const hash = createHash('sha256').update(CONTENT_DOMAIN);
  const length = new Uint8Array(4);
  for (const { blockId, plainLength } of blocks) {
    new DataView(length.buffer).setUint32(0, plainLength);
    hash.update(fromHex(blockId)).update(length);
  }
  return hash.digest('hex') as ContentId;
}

function readRecords(bytes: Uint8Array): BlockReference[] {
  if (bytes.length % REFERENCE_BYTES !== 0) throw doesNotOpen();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const references: BlockReference[] = [];
  for (let at = 0; at < bytes.length; at += REFERENCE_BYTES) {
    references.push({
      epoch: view.getUint32(at),
      blockId: toHex(bytes.subarray(at + 4, at + 36)) as BlockId,
      ctHash: toHex(bytes.subarray(at + 36, at + 68)) as CtHash,
      ctLength: view.getUint32(at + 68),
      plainLength: view.getUint32(at + 72),
    });
  }
  return references;
}

function isReference({ epoch, blockId, ctHash, ctLength, plainLength }: BlockReference): boolean {
  return (
    Number.isInteger(epoch) &&
    epoch >= 0 &&
    epoch < 2 ** 32 &&
    isHexId(blockId, 32) &&
    isHexId(ctHash, 32) &&
    Number.isInteger(ctLength) &&
    ctLength >= 1 &&
    ctLength <= LIMITS.sealedBlockBytes &&
    Number.isInteger(plainLength) &&
    plainLength >= 1 &&
    plainLength <= MAX_PLAIN_BYTES
  );
}
