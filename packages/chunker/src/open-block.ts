import { createDecipheriv, createSecretKey, hash } from 'node:crypto';
import { freeLarge, isHexId, OnefoldError, type BlockId, type CtHash } from '@onefold/protocol/plain';
import { readFrame } from './block-frame.ts';
import {
  associatedData,
  computeBlockId,
  deriveSealingKey,
  requireBlockContext,
  type BlockContext,
} from './block-keys.ts';
import { MAX_BLOCK_BYTES } from './block-limits.ts';
import { requireZstd } from './compression.ts';

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** What a manifest says about a block. Lengths in bytes. Members write it, so it is untrusted. */
export interface BlockReference {
  readonly epoch: number;
  readonly blockId: BlockId;
  readonly ctHash: CtHash;
  readonly ctLength: number;
  readonly plainLength: number;
}

/**
 * The plaintext of a sealed block, proved to be the one `reference` names: length and hash of the ciphertext, seal, frame, declared
 * length, padding and blockId are checked, and no more than `plainLength` bytes are ever decompressed. The result may be a view into a
 * larger buffer that nothing else uses.
 *
 * Throws `block-corrupt` for whatever does not open, without saying why; `invalid-argument` if `context` is malformed or is not that
 * of the reference's epoch.
 */
export function openBlock(context: BlockContext, reference: BlockReference, sealed: Uint8Array): Uint8Array {
  requireBlockContext(context);
  requireZstd();
  if (reference.epoch !== context.epoch) {
    throw new OnefoldError('invalid-argument', 'a block is opened with the keys of its own epoch');
  }
  const named =
    isHexId(reference.blockId, 32) &&
    sealed.length === reference.ctLength &&
    reference.plainLength >= 1 &&
    reference.plainLength <= MAX_BLOCK_BYTES &&
    hash('sha256', sealed, 'hex') === reference.ctHash;
  const plaintext = named ? unseal(context, reference.blockId, reference.plainLength, sealed) : undefined;
  if (plaintext === undefined) throw new OnefoldError('block-corrupt', 'a sealed block does not open');
  return plaintext;
}

/** Opens without looking at the ciphertext's own hash; undefined for whatever does not open. */
export function unseal(
  context: BlockContext,
  blockId: BlockId,
  plainLength: number,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const frame = decrypt(context, Buffer.from(blockId, 'hex'), sealed);
  if (frame === undefined) return undefined;
  const plaintext = readFrame(frame, plainLength);
  if (plaintext?.buffer !== frame.buffer) freeLarge(frame);
  if (plaintext === undefined || computeBlockId(context.blockIdKey, plaintext) !== blockId) return undefined;
  return plaintext;
}

function decrypt(context: BlockContext, blockId: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  const key = createSecretKey(deriveSealingKey(context.blockKey, blockId));
  const tagStart = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(context.namespaceId, context.epoch, blockId));
  decipher.setAuthTag(sealed.subarray(tagStart));
  const frame = decipher.update(sealed.subarray(NONCE_BYTES, tagStart));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return frame;
}
