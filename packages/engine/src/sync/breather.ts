import type { Clock } from '../ports.ts';

/** A loop held for longer keeps status, pause and the other folders from their turn. */
const HOLD_MS = 8;

/**
 * For long work that waits for nothing: the function it answers is asked between pieces, and says null until the work has held the event loop
 * for eight milliseconds, then what resolves after the loop has turned. Nothing of what the work has read may be believed to be unchanged after that.
 */
export function createBreather(clock: Clock): () => Promise<void> | null {
  let sinceMs = clock.monotonicMs();
  return () => {
    if (clock.monotonicMs() - sinceMs < HOLD_MS) return null;
    return clock.sleep(0).then(() => {
      sinceMs = clock.monotonicMs();
    });
  };
}
