import type { StoreContext } from '../context.ts';
import { condemnBlocks, PER_RUN } from './condemn.ts';
import { deleteCondemned } from './delete-blocks.ts';
import { restartFutureClocks } from './future-clocks.ts';
import { createRepacker, type Look } from './repack.ts';
import { removeDeadObjects, sweepStrayObjects } from './sweep-objects.ts';

/** Runs of one step in one collection: the rest waits for the next. */
const MAX_RUNS = 200;
const SWEEPS_PER_GRACE = 16;
const NEVER = new AbortController().signal;

/**
 * Everything that collection does, in its order, as often as it is asked. Losing a run, or dying within one, costs delay only. `all-packs` looks at every pack
 * for dead space, not only at those that lost blocks. Once `isOver` aborts it ends after the transaction or object it is at. `clock` tells each step the time that
 * ages are judged by; undefined: nothing may go by its age now.
 */
export function createCollector(
  context: StoreContext,
  clock: () => Promise<number | undefined> = () => Promise.resolve(context.nowMs()),
): (isOver?: AbortSignal, look?: Look) => Promise<void> {
  const repacker = createRepacker(context);
  let sweptAtMs = -Infinity;

  /** False: it may be wrong, or there is no more to be done. */
  async function step(isOver: AbortSignal, work: (context: StoreContext) => Promise<unknown>): Promise<boolean> {
    const nowMs = isOver.aborted ? undefined : await clock();
    if (nowMs === undefined) return false;
    await work({ ...context, nowMs: () => nowMs });
    return true;
  }

  async function untilDone(isOver: AbortSignal, work: (context: StoreContext) => Promise<number>): Promise<void> {
    let count = PER_RUN;
    for (let run = 0; run < MAX_RUNS && count >= PER_RUN; run++)
      if (!(await step(isOver, async (at) => (count = await work(at))))) return;
  }

  return async (isOver = NEVER, look = 'thinned-packs') => {
    await untilDone(isOver, (at) => restartFutureClocks(at, isOver));
    await untilDone(isOver, (at) => condemnBlocks(at, isOver));
    await untilDone(isOver, (at) => deleteCondemned(at, isOver));
    if (!isOver.aborted) await repacker.run(look, isOver);
    await untilDone(isOver, (at) => removeDeadObjects(at, isOver));
    await step(isOver, async (at) => {
      // The whole store is listed for it, and a stray one is no hurry: it has waited for a grace.
      const sinceMs = at.nowMs() - sweptAtMs;
      if (sinceMs >= 0 && sinceMs < context.config.collection.graceMs / SWEEPS_PER_GRACE) return;
      await sweepStrayObjects(at, isOver);
      if (!isOver.aborted) sweptAtMs = at.nowMs();
    });
  };
}

/** One run of it. */
export function collect(context: StoreContext, look: Look, isOver: AbortSignal = NEVER): Promise<void> {
  return createCollector(context)(isOver, look);
}
