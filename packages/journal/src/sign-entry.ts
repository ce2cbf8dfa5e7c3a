import { concatBytes, encodeWire, headerSchema, type EntryHeader, type SignedEntry } from '@onefold/protocol';
import { ed25519Verify } from './ed25519.ts';

const DOMAIN = new TextEncoder().encode('onefold/entry/v1');

/** `sign` makes an Ed25519 signature with the device's key. `body` is the encoded body whose SHA-256 the header carries. */
export function signEntry(
  sign: (message: Uint8Array) => Uint8Array,
  header: EntryHeader,
  body: Uint8Array,
): SignedEntry {
  const bytes = encodeWire(headerSchema, header);
  return { header: bytes, signature: sign(concatBytes(DOMAIN, bytes)), body };
}

/** True if the device that owns `signingKey` (32 bytes) signed this header. The body is bound by `parseEntry`. */
export function verifyEntrySignature(entry: SignedEntry, signingKey: Uint8Array): boolean {
  return ed25519Verify(signingKey, concatBytes(DOMAIN, entry.header), entry.signature);
}
