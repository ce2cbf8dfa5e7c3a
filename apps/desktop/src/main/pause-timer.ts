/** A timer of a sleeping machine stands still, so the clock is looked at this often. */
const LOOK_EVERY_MS = 60_000;

export interface PauseTimer {
  /** Null: until somebody resumes. */
  set(untilMs: number | null): void;
  /** Whether anything is paused, as the engine says. A pause that somebody ended elsewhere is over: the next one is another. */
  follow(isPaused: boolean): void;
  clear(): void;
}

/** An engine that is only just starting is asked again after this long. */
const RETRY_MS = 1_000;

/**
 * Resumes when a pause is over, by the wall clock: "until tomorrow" holds through a night of sleep, and one that ran out while the app was
 * closed is over at its next start. `resume` answers whether the engine has heard it; until it has, it is asked again.
 */
export function createPauseTimer(
  nowMs: () => number,
  resume: () => Promise<boolean>,
  onOver: () => void = () => undefined,
): PauseTimer {
  let timer: NodeJS.Timeout | null = null;
  /** What was set last: an answer to an earlier resume changes nothing about a later pause. */
  let turn = 0;
  let wasPaused = false;

  function clear(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    turn++;
  }

  async function wait(untilMs: number): Promise<void> {
    const mine = turn;
    const leftMs = untilMs - nowMs();
    if (leftMs <= 0 && (await resume())) return;
    if (mine !== turn) return;
    timer = setTimeout(() => void wait(untilMs), leftMs <= 0 ? RETRY_MS : Math.min(leftMs, LOOK_EVERY_MS));
  }

  return {
    set(untilMs) {
      clear();
      if (untilMs !== null) void wait(untilMs);
    },
    follow(isPaused) {
      const isOver = wasPaused && !isPaused;
      wasPaused = isPaused;
      if (!isOver || timer === null) return;
      clear();
      onOver();
    },
    clear,
  };
}
