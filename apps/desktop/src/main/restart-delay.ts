/** An engine that ran this long was well: the next end starts the counting anew. */
const WELL_AFTER_MS = 60_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;

/**
 * When an engine that ended by itself is started again: at once-ish the first time, ever later while it keeps ending. It is never given
 * up: files wait for it.
 *
 * @param ranMs how long each engine ran, oldest first, the one that just ended last
 * @returns the wait before the next start
 */
export function restartDelayMs(ranMs: readonly number[]): number {
  const lastWell = ranMs.findLastIndex((ran) => ran >= WELL_AFTER_MS);
  const quickEnds = ranMs.length - 1 - lastWell;
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, quickEnds - 1), LONGEST_DELAY_MS);
}
