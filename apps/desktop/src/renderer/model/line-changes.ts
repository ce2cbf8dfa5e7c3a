import { diffLines } from 'diff';

/** Stretches of lines in order: in both texts, in the first alone (`removed`), in the second alone (`added`). */
export type LineChanges = readonly { readonly value: string; readonly added: boolean; readonly removed: boolean }[];

const MOST_EDITS = 2_000;
/** So long the page may be busy with it in one go: most texts are done by then. */
const AT_ONCE_MS = 30;
/** So long it is tried in small steps, between which the page answers. */
const LONGEST_MS = 6_000;

/**
 * What differs between two texts, by lines (Myers 1986, by the diff package).
 * @returns null for too little in common for a comparison that anyone would read, or for one in good time
 */
export async function lineChanges(
  before: string,
  after: string,
  { atOnceMs = AT_ONCE_MS, longestMs = LONGEST_MS } = {},
): Promise<LineChanges | null> {
  const atOnce = diffLines(before, after, { maxEditLength: MOST_EDITS, timeout: atOnceMs });
  if (atOnce !== undefined) return atOnce;
  return new Promise((resolve) => {
    diffLines(before, after, {
      maxEditLength: MOST_EDITS,
      timeout: longestMs,
      callback: (changes) => resolve(changes ?? null),
    });
  });
}
