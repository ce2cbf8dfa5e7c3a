import type { Clock } from '../ports.ts';

/*
 * Calls the cycle, and nothing else.
 *
 *   asleep -- wake, or the delay is over --> running -- done --> asleep for as long as the cycle says
 *                                                   \-- woken meanwhile --> running again
 */
export interface Schedule {
  start(): void;
  wake(): void;
  /** Resolves when the cycle that is running has ended. */
  stop(): Promise<void>;
}

/** Given as the reason, since the standard one is an error with a stack, made anew each time. */
const WOKEN = 'woken';

/** `run` answers the delay in milliseconds until it wants to be called again. It must not reject. */
export function createSchedule(clock: Clock, run: () => Promise<number>): Schedule {
  const state = { isStopped: false, isWoken: false };
  let sleeping: AbortController | null = null;
  let loop: Promise<void> | null = null;

  async function go(): Promise<void> {
    while (!state.isStopped) {
      state.isWoken = false;
      const delayMs = await run();
      if (isCalled()) continue;
      sleeping = new AbortController();
      await clock.sleep(delayMs, sleeping.signal);
      sleeping = null;
    }
  }

  /** Somebody spoke while the cycle ran. */
  function isCalled(): boolean {
    return state.isStopped || state.isWoken;
  }

  return {
    start() {
      loop ??= go();
    },
    wake() {
      state.isWoken = true;
      sleeping?.abort(WOKEN);
    },
    async stop() {
      state.isStopped = true;
      sleeping?.abort(WOKEN);
      await loop;
    },
  };
}
