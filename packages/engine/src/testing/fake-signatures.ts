import { hash } from 'node:crypto';
import { concatBytes } from '@onefold/protocol';

/*
 * Signatures that cost a hash, and what else a world leaves out with them: sums of trees that are none of a cryptographer's, a store that does not freeze what it
 * is given. Only in processes that replaced the journal's check by one that knows them (speedup/); elsewhere every signature is real.
 */

let isReplaced = false;
let isFaking = false;

export function noteReplaced(): void {
  isReplaced = true;
}

/** From now on devices sign with fakes, where that is possible, or for real. */
export function setFaking(wanted: boolean): void {
  isFaking = wanted && isReplaced;
}

export function isFakingSignatures(): boolean {
  return isFaking;
}

/** 64 bytes that say which key is meant to have signed which message. */
export function fakeSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha512', concatBytes(publicKey, message), 'buffer'));
}
