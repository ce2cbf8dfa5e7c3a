import { hash } from 'node:crypto';
import {
  concatBytes,
  fromHex,
  type Hash,
  type NamespaceId,
  type RootBody,
  type SignedEntry,
  type SignedLink,
  type UserId,
} from '@onefold/protocol';

/** SHA-256 over the concatenation of `parts`. */
export function sha256(...parts: readonly Uint8Array[]): Hash {
  return hash('sha256', parts.length === 1 ? parts[0]! : concatBytes(...parts), 'hex') as Hash;
}

/** SHA-256(header || signature). The body is bound through the header's changesHash. */
export function entryHash(entry: Pick<SignedEntry, 'header' | 'signature'>): Hash {
  return sha256(entry.header, entry.signature);
}

/** H_n = SHA-256(H_(n-1) || n as u64 big endian || entryHash). `seq` is n, at least 1; H_0 is the namespace id. */
export function nextHash(previous: Hash, seq: number, entry: Hash): Hash {
  return sha256(fromHex(previous), u64(seq), fromHex(entry));
}

/** The id of the namespace a genesis opens, which is its entry hash and H_0. */
export function namespaceIdOf(genesis: Pick<SignedEntry, 'header' | 'signature'>): NamespaceId {
  return entryHash(genesis) as string as NamespaceId;
}

const USER_DOMAIN = Buffer.from('onefold/user/v1', 'ascii');

/**
 * The id of the user whose chain begins with this root: the first 16 bytes of SHA-256("onefold/user/v1" || phraseSigningKey || phraseBoxKey ||
 * boxKey || signingKey of generation 1). Whoever knows the id knows the root: nobody can plant other keys under it. The login box key
 * stays out, because it is derived from the id; the root is signed by the phrase's key, which covers it.
 */
export function userIdOf(root: Pick<RootBody, 'phraseSigningKey' | 'phraseBoxKey' | 'keys'>): UserId {
  const { phraseSigningKey, phraseBoxKey, keys } = root;
  return sha256(USER_DOMAIN, phraseSigningKey, phraseBoxKey, keys.boxKey, keys.signingKey).slice(0, 32) as UserId;
}

/** SHA-256(link || signatures in order). */
export function linkHash(link: SignedLink): Hash {
  return sha256(link.link, ...link.signatures.map(({ signature }) => signature));
}

/** Eight bytes, big endian, of an integer from 0 to 2^53 - 1. */
export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(value, bytes, 0);
  return bytes;
}

/** Writes what `u64` says where there is room for it, and answers where it ends. */
export function writeU64(value: number, into: Uint8Array, at: number): number {
  let rest = value;
  for (let i = at + 7; i >= at; i--) {
    into[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + 8;
}
