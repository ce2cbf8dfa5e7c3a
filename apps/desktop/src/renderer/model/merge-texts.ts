import type { LineChanges } from './line-changes.ts';

/** A stretch of two texts: the same in both, or what each has there. */
export type MergePart =
  | { readonly kind: 'same'; readonly text: string }
  | { readonly kind: 'differs'; readonly left: string; readonly right: string };

export type Taken = 'left' | 'right' | 'both';

/** More places nobody decides on one by one. */
const MOST_PLACES = 100;

/** Cuts two texts at the lines where they differ; null where there is nothing that differs, or too much of it. @param changes from the left one to the right one */
export function mergeParts(changes: LineChanges): readonly MergePart[] | null {
  const parts: MergePart[] = [];
  let place: { kind: 'differs'; left: string; right: string } | null = null;
  for (const { value, added, removed } of changes) {
    if (!added && !removed) {
      place = null;
      parts.push({ kind: 'same', text: value });
      continue;
    }
    if (place === null) {
      place = { kind: 'differs', left: '', right: '' };
      parts.push(place);
    }
    if (removed) place.left += value;
    else place.right += value;
  }
  const places = parts.filter(({ kind }) => kind === 'differs').length;
  return places === 0 || places > MOST_PLACES ? null : parts;
}

/** The text that comes of one choice for each place, in their order; where none was made both sides stand in it. */
export function mergedText(parts: readonly MergePart[], taken: readonly Taken[]): string {
  let place = 0;
  return parts.map((part) => (part.kind === 'same' ? part.text : takenOf(part, taken[place++] ?? 'both'))).join('');
}

function takenOf({ left, right }: Extract<MergePart, { kind: 'differs' }>, taken: Taken): string {
  if (taken === 'left') return left;
  if (taken === 'right') return right;
  // The last line of a text may have no end; what follows begins a line of its own all the same.
  const isOpen = left !== '' && right !== '' && !left.endsWith('\n');
  return left + (isOpen ? (left.includes('\r\n') || right.includes('\r\n') ? '\r\n' : '\n') : '') + right;
}

/** How lines end in both texts; `mixed` where that differs, and a field for typing would make them all alike. */
export function lineEnds(...texts: readonly string[]): 'lf' | 'crlf' | 'mixed' {
  const all = texts.join('');
  const hasPlain = /(?:^|[^\r])\n/u.test(all);
  if (!all.includes('\r')) return 'lf';
  return hasPlain || /\r(?!\n)/u.test(all) ? 'mixed' : 'crlf';
}
