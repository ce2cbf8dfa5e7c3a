export interface Pace {
  readonly nowMs: () => number;
  /** @returns a function that calls it off */
  readonly after: (delayMs: number, work: () => void) => () => void;
}

export interface PacerParts extends Pace {
  /** Must not reject. */
  readonly work: () => Promise<void>;
  /** Between the end of a turn and the next lies at least this… */
  readonly leastGapMs: number;
  /** …and as many times what the turn took. */
  readonly gapTimes: number;
}

export interface Pacer {
  /** The first turn, at once. */
  begin(): void;
  /** There is reason for a turn: one follows, as soon as the gap is over. */
  renew(): void;
  /** No turn begins any more; one under way is to tell nothing. */
  close(): void;
  isClosed(): boolean;
}

/**
 * Does the same work again as often as there is reason to, one turn at a time, and the more rarely the longer it takes.
 *
 *   resting --renew, when the gap is over--> working --(done)--> resting
 *   working --renew--> working, and due: this turn goes on to its end, and one more follows
 *
 * However often there is reason for it, every turn comes to its end: none is given up for the next.
 */
export function createPacer({ work, leastGapMs, gapTimes, nowMs, after }: PacerParts): Pacer {
  let isClosed = false;
  let isWorking = false;
  let isDue = false;
  let notBeforeMs = 0;
  let callOff: (() => void) | null = null;

  async function turn(): Promise<void> {
    isDue = false;
    isWorking = true;
    const beganMs = nowMs();
    await work();
    isWorking = false;
    const endedMs = nowMs();
    notBeforeMs = endedMs + Math.max(leastGapMs, gapTimes * (endedMs - beganMs));
    schedule();
  }

  function schedule(): void {
    if (!isDue || isWorking || isClosed || callOff !== null) return;
    callOff = after(Math.max(0, notBeforeMs - nowMs()), () => {
      callOff = null;
      void turn();
    });
  }

  return {
    begin: () => void turn(),
    renew() {
      isDue = true;
      schedule();
    },
    close() {
      isClosed = true;
      callOff?.();
    },
    isClosed: () => isClosed,
  };
}
