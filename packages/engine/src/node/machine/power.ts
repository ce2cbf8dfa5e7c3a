import type { Power } from '../../ports.ts';

const TICK_MS = 5_000;
/** A timer this late was not late: the machine slept. A busy machine delays timers by seconds, not by half a minute. */
const SLEPT_MS = 30_000;

export interface WatchedPower extends Power {
  close(): void;
}

/**
 * Tells of the machine's waking up by the gap it leaves in the wall clock. A clock that was set forward looks the same, and costs no more
 * than a needless look around. Electron's own power events may be given to `resumed` besides.
 */
export function watchPower(nowMs: () => number = Date.now): WatchedPower & { resumed(): void } {
  const listeners = new Set<() => void>();
  let lastMs = nowMs();
  const timer = setInterval(() => {
    const gapMs = nowMs() - lastMs - TICK_MS;
    lastMs = nowMs();
    if (gapMs > SLEPT_MS) resumed();
  }, TICK_MS);
  timer.unref();

  function resumed(): void {
    for (const listener of [...listeners]) listener();
  }

  return {
    onResume(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resumed,
    close() {
      clearInterval(timer);
      listeners.clear();
    },
  };
}
