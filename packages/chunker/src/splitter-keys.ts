import { hkdfSync } from 'node:crypto';
import { OnefoldError } from '@onefold/protocol/plain';

/** Bytes of one Toeplitz table: 256 little-endian u64. */
export const TABLE_BYTES = 256 * 8;

/** Secrets of one splitter. Never changed after derivation: prepared forms are cached by identity. */
export interface SplitterKeys {
  /** Table A, then table B, 2,048 bytes each: entry b at byte 8b is T[b], little endian. */
  readonly tables: Uint8Array;
  /** AES-128 key that turns digests into cut decisions. */
  readonly aesKey: Uint8Array;
}

/**
 * HKDF-SHA256 (RFC 5869) without salt from a 32-byte secret: tables = info "onefold/splitter/v1/toeplitz", 4,096 bytes;
 * AES key = info "onefold/splitter/v1/aes", 16 bytes. Throws `invalid-argument` if the secret is not 32 bytes.
 */
export function deriveSplitterKeys(secret: Uint8Array): SplitterKeys {
  if (secret.length !== 32) throw new OnefoldError('invalid-argument', 'a splitter secret has 32 bytes');
  return Object.freeze({
    tables: expand(secret, 'onefold/splitter/v1/toeplitz', 2 * TABLE_BYTES),
    aesKey: expand(secret, 'onefold/splitter/v1/aes', 16),
  });
}

function expand(secret: Uint8Array, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, length));
}
