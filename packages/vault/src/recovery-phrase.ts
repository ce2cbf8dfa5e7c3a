import { ed25519PublicKey } from '@onefold/journal';
import { OnefoldError } from '@onefold/protocol';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { boxPublicKey } from './box-keys.ts';
import { hkdf } from './key-derivation.ts';

/** Entropy of a recovery phrase: 24 words of BIP 39. */
export const PHRASE_BYTES = 32;

/** What the recovery phrase stands for. */
export interface PhraseKeys {
  readonly authKey: Uint8Array;
  readonly box: { readonly seed: Uint8Array; readonly publicKey: Uint8Array };
  readonly signing: { readonly seed: Uint8Array; readonly publicKey: Uint8Array };
}

/** 24 English words for 32 bytes. */
export function formatRecoveryPhrase(entropy: Uint8Array): string {
  if (entropy.length !== PHRASE_BYTES)
    throw new OnefoldError('invalid-argument', 'a recovery phrase stands for 32 bytes');
  return entropyToMnemonic(entropy, wordlist);
}

/** Case, spaces and line breaks do not matter. Throws `invalid-argument` for a wrong word, number of words or checksum. */
export function parseRecoveryPhrase(text: string): Uint8Array {
  try {
    const entropy = mnemonicToEntropy(text.normalize('NFKD').trim().toLowerCase().split(/\s+/).join(' '), wordlist);
    if (entropy.length === PHRASE_BYTES) return entropy;
  } catch {
    // One answer for all that is wrong with it.
  }
  throw new OnefoldError('invalid-argument', 'this is not a recovery phrase of 24 words');
}

/** HKDF-SHA256 of the phrase's 32 bytes (not of the BIP 39 seed), without salt. */
export function derivePhraseKeys(entropy: Uint8Array): PhraseKeys {
  const boxSeed = hkdf(entropy, 'onefold/recovery/v1/box');
  const signingSeed = hkdf(entropy, 'onefold/recovery/v1/sign');
  return {
    authKey: hkdf(entropy, 'onefold/recovery/v1/auth'),
    box: { seed: boxSeed, publicKey: boxPublicKey(boxSeed) },
    signing: { seed: signingSeed, publicKey: ed25519PublicKey(signingSeed) },
  };
}
