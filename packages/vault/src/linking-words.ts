import { OnefoldError } from '@onefold/protocol';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { hkdf, type RandomBytes } from './key-derivation.ts';

/** Eight words of 11 bits: 88 bits, good for one linking and five minutes. */
export const LINKING_WORDS = 8;
const WORD_BITS = 11;
const SECRET_BYTES = (LINKING_WORDS * WORD_BITS) / 8;
/** Four words of 11 bits say that both devices took part in one and the same exchange. */
const CHECK_WORDS = 4;

/** What the eight words stand for. */
export interface LinkingSecret {
  /** Where the two devices find each other; tells nothing of the words. 16 bytes. */
  readonly rendezvous: Uint8Array;
  /** Seals what the old device says. */
  readonly oldKey: Uint8Array;
  /** Seals what the new device says. */
  readonly newKey: Uint8Array;
}

export function createLinkingWords(random: RandomBytes): string {
  return toWords(random(SECRET_BYTES), LINKING_WORDS);
}

/** Case, commas, dashes and line breaks do not matter. Throws `invalid-argument`, naming the word that is none. */
export function parseLinkingWords(text: string): string {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
  const unknown = words.find((word) => !wordlist.includes(word));
  if (unknown !== undefined) throw new OnefoldError('invalid-argument', `"${unknown}" is none of the words`);
  if (words.length !== LINKING_WORDS)
    throw new OnefoldError('invalid-argument', `these are ${words.length} words, not ${LINKING_WORDS}`);
  return words.join(' ');
}

/** Throws `invalid-argument` as `parseLinkingWords`. */
export function deriveLinkingSecret(words: string): LinkingSecret {
  const secret = fromWords(parseLinkingWords(words).split(' '));
  return {
    rendezvous: hkdf(secret, 'onefold/linking/v1/rendezvous', { length: 16 }),
    oldKey: hkdf(secret, 'onefold/linking/v1/old'),
    newKey: hkdf(secret, 'onefold/linking/v1/new'),
  };
}

/** Words of a transcript's hash for two people, or one with two screens, to compare. */
export function checkWordsOf(transcript: Uint8Array): string {
  return toWords(hkdf(transcript, 'onefold/linking/v1/check'), CHECK_WORDS);
}

/** The leading `count` groups of 11 bits. */
function toWords(bytes: Uint8Array, count: number): string {
  return Array.from({ length: count }, (_, word) => {
    let index = 0;
    for (let bit = WORD_BITS * word; bit < WORD_BITS * (word + 1); bit++)
      index = index * 2 + (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    return wordlist[index];
  }).join(' ');
}

function fromWords(words: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(SECRET_BYTES);
  words.forEach((word, at) => {
    const index = wordlist.indexOf(word);
    for (let k = 0; k < WORD_BITS; k++) {
      const bit = WORD_BITS * at + k;
      const isSet = (index >> (WORD_BITS - 1 - k)) & 1;
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (isSet << (7 - (bit & 7)));
    }
  });
  return bytes;
}
