/** A timer of a sleeping machine stands still, so the clock is looked at this often. */
const LOOK_EVERY_MS = 60_000;

export interface PauseTimer {
  /** Null: until somebody resumes. */
  set(untilMs: number | null): void;
  clear(): void;
}

/** Resumes when a pause is over, by the wall clock: "until tomorrow" holds through a night of sleep. */
export function createPauseTimer(nowMs: () => number, resume: () => void): PauseTimer {
  let timer: NodeJS.Timeout | null = null;

  function clear(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function wait(untilMs: number): void {
    const leftMs = untilMs - nowMs();
    if (leftMs <= 0) {
      timer = null;
      resume();
      return;
    }
    timer = setTimeout(() => wait(untilMs), Math.min(leftMs, LOOK_EVERY_MS));
  }

  return {
    set(untilMs) {
      clear();
      if (untilMs !== null) wait(untilMs);
    },
    clear,
  };
}
