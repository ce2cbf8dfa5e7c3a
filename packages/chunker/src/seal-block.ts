import { createCipheriv, createSecretKey, hash, randomFillSync } from 'node:crypto';
import { freeLarge, freeNow, OnefoldError, type CtHash } from '@onefold/protocol/plain';
import { planFrame, writeFrame } from './block-frame.ts';
import {
  associatedData,
  computeBlockId,
  deriveSealingKey,
  requireBlockContext,
  type BlockContext,
} from './block-keys.ts';
import { MAX_BLOCK_BYTES } from './block-limits.ts';
import { requireZstd } from './compression.ts';
import { NONCE_BYTES, TAG_BYTES, unseal, type BlockReference } from './open-block.ts';

/** A block ready to travel, and the reference that opens it. */
export interface SealedBlock extends BlockReference {
  /** `nonce (12) | AES-256-GCM ciphertext of the frame | tag (16)`, `ctLength` bytes in a buffer of their own. */
  readonly sealed: Uint8Array;
}

export interface SealOptions {
  /** Fills the nonce in place. Only golden vectors replace the system's source. */
  readonly fillRandom?: (target: Uint8Array) => void;
}

/**
 * Seals 1 byte to 4 MiB of plaintext under the context's epoch: compress if worthwhile, frame, pad, encrypt, hash; then the sealed
 * bytes are opened again and re-hashed with keys derived afresh, so that a bit flipped in memory cannot become the only copy.
 *
 * Throws `block-too-large`, `invalid-argument` (no bytes, malformed context) or `block-corrupt` (the seal did not open again; the
 * plaintext in the caller's hands may be damaged as well and has to be read anew).
 */
export function sealBlock(context: BlockContext, plaintext: Uint8Array, options: SealOptions = {}): SealedBlock {
  requireBlockContext(context);
  requireZstd();
  if (plaintext.length === 0) throw new OnefoldError('invalid-argument', 'a block has at least one byte');
  if (plaintext.length > MAX_BLOCK_BYTES) throw new OnefoldError('block-too-large', 'a block has at most 4 MiB');

  const blockId = computeBlockId(context.blockIdKey, plaintext);
  const nonce = new Uint8Array(NONCE_BYTES);
  (options.fillRandom ?? randomFillSync)(nonce);
  const plan = planFrame(plaintext);
  const sealed = Buffer.allocUnsafeSlow(NONCE_BYTES + plan.frameLength + TAG_BYTES);
  sealed.set(nonce);
  const frame = sealed.subarray(NONCE_BYTES, NONCE_BYTES + plan.frameLength);
  writeFrame(plan, frame);
  if (plan.compressed) freeLarge(plan.payload);
  encryptInPlace(context, Buffer.from(blockId, 'hex'), sealed, frame);

  // Hashed before it is opened: damage before the hash fails the opening, damage after it fails the server's check of ctHash.
  const ctHash = hash('sha256', sealed, 'hex') as CtHash;
  const opened = unseal(context, blockId, plaintext.length, sealed);
  if (opened === undefined) {
    throw new OnefoldError('block-corrupt', 'a block just sealed does not open again');
  }
  freeLarge(opened);
  return {
    epoch: context.epoch,
    blockId,
    ctHash,
    ctLength: sealed.length,
    plainLength: plaintext.length,
    sealed: new Uint8Array(sealed.buffer),
  };
}

function encryptInPlace(context: BlockContext, blockId: Uint8Array, sealed: Buffer, frame: Buffer): void {
  const key = createSecretKey(deriveSealingKey(context.blockKey, blockId));
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(context.namespaceId, context.epoch, blockId));
  const ciphertext = cipher.update(frame);
  frame.set(ciphertext);
  freeNow(ciphertext);
  cipher.final();
  sealed.set(cipher.getAuthTag(), sealed.length - TAG_BYTES);
}
