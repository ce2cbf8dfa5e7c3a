import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { concatBytes, OnefoldError } from '@onefold/protocol';
import { isEqualSecret, type RandomBytes } from './key-derivation.ts';

/*
 *   0x01 | nonce (24) | commitment (32) | AES-256-GCM ciphertext | tag (16)
 *
 *   key (32) || commitment (32) = HKDF-Expand-SHA512(secret, info = "onefold/sealed/v1" || nonce || associated data, 64); the iv is 12 zero bytes
 *
 * The secret is itself derived and uniform, so that HKDF's first step is left out (RFC 5869, section 3.3); what remains is one HMAC. The key is
 * fresh for every nonce, so that no counter of messages per key is needed. The commitment names secret and associated data: one
 * ciphertext cannot be made to open under two keys, as it could with GCM alone (eprint 2022/268 calls the property CMT-4).
 */
const FORMAT = 1;
const LABEL = Buffer.from('onefold/sealed/v1', 'ascii');
const FIRST_BLOCK = Uint8Array.of(1);
const IV = new Uint8Array(12);
const NONCE_BYTES = 24;
const COMMITMENT_BYTES = 32;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + NONCE_BYTES + COMMITMENT_BYTES;

/** Bytes that sealing adds. */
export const SEAL_OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

/** The one error for everything that does not open, whatever the reason: it tells an attacker nothing. */
export function doesNotOpen(): OnefoldError {
  return new OnefoldError('seal-corrupt', 'a sealed part does not open');
}

export function sealCommitted(
  secret: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
  random: RandomBytes,
): Uint8Array {
  const nonce = random(NONCE_BYTES);
  const { key, commitment } = deriveKeys(secret, nonce, associatedData);
  const cipher = createCipheriv('aes-256-gcm', key, IV).setAAD(associatedData);
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final());
  return concatBytes(Uint8Array.of(FORMAT), nonce, commitment, ciphertext, cipher.getAuthTag());
}

/** Throws `seal-corrupt` for anything but what `sealCommitted` made with the same secret and associated data. */
export function openCommitted(secret: Uint8Array, associatedData: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < SEAL_OVERHEAD_BYTES || sealed[0] !== FORMAT) throw doesNotOpen();
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const { key, commitment } = deriveKeys(secret, nonce, associatedData);
  if (!isEqualSecret(commitment, sealed.subarray(1 + NONCE_BYTES, HEADER_BYTES))) throw doesNotOpen();
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, IV, { authTagLength: TAG_BYTES }).setAAD(associatedData);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const plaintext = decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES));
    return concatBytes(plaintext, decipher.final());
  } catch {
    throw doesNotOpen();
  }
}

/** Few secrets seal many parts, and making a key object costs as much as using it. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

function deriveKeys(secret: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array) {
  let key = keyObjects.get(secret);
  if (key === undefined) keyObjects.set(secret, (key = createSecretKey(secret)));
  const info = createHmac('sha512', key).update(LABEL).update(nonce).update(associatedData).update(FIRST_BLOCK);
  const bytes = new Uint8Array(info.digest());
  // Handed over as raw bytes, the key would cost each cipher three times as much.
  return { key: createSecretKey(bytes.subarray(0, 32)), commitment: bytes.subarray(32) };
}
