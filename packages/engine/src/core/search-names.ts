import type { Name } from './tree.ts';

// eslint-disable-next-line no-control-regex -- all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

/** A name as people look for it: in small letters, without accents, composed, so that every way to type it is one. */
export function searchKey(name: Name): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFC').toLowerCase();
}

/** What was typed as the words a name must hold; none for nothing but spaces. */
export function searchWords(text: string): string[] {
  return [...new Set(searchKey(text).split(/\s/u))].filter((word) => word !== '').slice(0, 8);
}

/** Lower is better: the whole name, its beginning, the beginning of a word, anywhere. */
export function matchRank(folded: string, words: readonly string[]): number {
  const [first = ''] = words;
  if (words.length === 1 && (folded === first || folded.startsWith(`${first}.`))) return 0;
  if (folded.startsWith(first)) return 1;
  const before = folded.charAt(folded.indexOf(first) - 1);
  return /[\p{L}\p{N}]/u.test(before) ? 3 : 2;
}
