import { createPrivateKey, createPublicKey } from 'node:crypto';
import { concatBytes, OnefoldError } from '@onefold/protocol';

/** DER of a PKCS #8 X25519 private key up to its 32 bytes, and length of a SubjectPublicKeyInfo up to the key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX_BYTES = 12;

/** X25519 public key, 32 bytes, of a 32-byte private key (RFC 7748). Throws `invalid-argument` for any other length. */
export function boxPublicKey(seed: Uint8Array): Uint8Array {
  if (seed.length !== 32) throw new OnefoldError('invalid-argument', 'an X25519 seed has 32 bytes');
  const privateKey = createPrivateKey({
    key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)),
    format: 'der',
    type: 'pkcs8',
  });
  return new Uint8Array(
    createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES),
  );
}
