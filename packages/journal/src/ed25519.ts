import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { concatBytes, OnefoldError, toHex } from '@onefold/protocol';

/** DER of a PKCS #8 Ed25519 private key up to the 32-byte seed (RFC 8410), and of a SubjectPublicKeyInfo up to the key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Importing a key costs about as much as checking a signature, and a journal has few authors. */
const importedKeys = new Map<string, KeyObject>();
const MAX_IMPORTED_KEYS = 256;

/** Public key, 32 bytes, of a 32-byte seed (RFC 8032). Throws `invalid-argument` for any other length. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(importSeed(seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(SPKI_PREFIX.length));
}

/** Signature, 64 bytes, of `message` by a 32-byte seed. Deterministic. */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, importSeed(seed)));
}

/** False for a wrong signature, a key that is none, or a wrong length; never throws. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return verify(null, message, importPublicKey(publicKey), signature);
  } catch {
    return false;
  }
}

function importSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new OnefoldError('invalid-argument', 'an Ed25519 seed has 32 bytes');
  return createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)), format: 'der', type: 'pkcs8' });
}

function importPublicKey(publicKey: Uint8Array): KeyObject {
  const id = toHex(publicKey);
  const known = importedKeys.get(id);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: Buffer.from(concatBytes(SPKI_PREFIX, publicKey)), format: 'der', type: 'spki' });
  const oldest = importedKeys.size >= MAX_IMPORTED_KEYS ? importedKeys.keys().next().value : undefined;
  if (oldest !== undefined) importedKeys.delete(oldest);
  importedKeys.set(id, key);
  return key;
}
