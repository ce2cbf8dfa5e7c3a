import { createPacer } from './pacer.ts';
import type { Pace, Pacer } from './pacer.ts';

export interface AskerParts<R> extends Pace {
  readonly ask: () => Promise<R>;
  readonly onAnswer: (result: R) => void;
  readonly onFailure: (thrown: unknown) => void;
}

/** `renew`: what was asked may have another answer now. `close`: nothing is told any more. */
export type Asker = Pick<Pacer, 'renew' | 'close'>;

const LEAST_GAP_MS = 1_000;
const GAP_TIMES = 4;

/** Asks at once, and again as often as there is reason to, in the steps of a pacer. */
export function createAsker<R>({ ask, onAnswer, onFailure, nowMs, after }: AskerParts<R>): Asker {
  async function work(): Promise<void> {
    try {
      const result = await ask();
      if (!pacer.isClosed()) onAnswer(result);
    } catch (thrown) {
      if (!pacer.isClosed()) onFailure(thrown);
    }
  }

  const pacer = createPacer({ work, leastGapMs: LEAST_GAP_MS, gapTimes: GAP_TIMES, nowMs, after });
  pacer.begin();
  return pacer;
}
