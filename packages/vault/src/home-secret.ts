import { randomBytes } from 'node:crypto';
import { concatBytes } from '@onefold/protocol';
import { openCommitted, sealCommitted } from './committed-aead.ts';

/*
 * A file of secrets of a device whose key lies in the system's key store: the four letters, then what sealCommitted makes, bound to the file's name. Files that
 * are not sealed are CBOR maps and never begin with these letters.
 */
const MAGIC = Buffer.from('OFH1', 'ascii');
const LABEL = Buffer.from('onefold/home/v1', 'ascii');
export const HOME_KEY_BYTES = 32;

export function isHomeSecretSealed(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) === 0;
}

/** `key` has HOME_KEY_BYTES; `name` says which file it is. */
export function sealHomeSecret(key: Uint8Array, name: string, plain: Uint8Array): Uint8Array {
  return concatBytes(
    MAGIC,
    sealCommitted(key, bindingOf(name), plain, (length) => new Uint8Array(randomBytes(length))),
  );
}

/** Throws `seal-corrupt` for another key, another file, or altered bytes. */
export function openHomeSecret(key: Uint8Array, name: string, sealed: Uint8Array): Uint8Array {
  return openCommitted(key, bindingOf(name), sealed.subarray(MAGIC.length));
}

function bindingOf(name: string): Uint8Array {
  return concatBytes(LABEL, Uint8Array.of(0), Buffer.from(name, 'utf8'));
}
