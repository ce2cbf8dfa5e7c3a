import type { StoreContext } from '../context.ts';
import { condemnBlocks, PER_RUN } from './condemn.ts';
import { deleteCondemned } from './delete-blocks.ts';
import { createRepacker, type Look, type Repacker } from './repack.ts';
import { removeDeadObjects, sweepStrayObjects } from './sweep-objects.ts';

/** Runs of one step in one collection: the rest waits for the next. */
const MAX_RUNS = 200;
const SWEEPS_PER_GRACE = 16;
const NEVER = new AbortController().signal;

/**
 * Everything that collection does, in its order, as often as it is asked. Losing a run, or dying within one, costs delay only. `all-packs` looks at every pack
 * for dead space, not only at those that lost blocks. Once `isOver` aborts it ends after the transaction or object it is at.
 */
export function createCollector(context: StoreContext): (isOver?: AbortSignal, look?: Look) => Promise<void> {
  const repacker = createRepacker(context);
  let sweptAtMs = -Infinity;
  return async (isOver = NEVER, look = 'thinned-packs') => {
    await run(context, repacker, look, isOver);
    // The whole store is listed for it, and a stray one is no hurry: it has waited for a grace.
    const nowMs = context.nowMs();
    if (isOver.aborted || nowMs - sweptAtMs < context.config.collection.graceMs / SWEEPS_PER_GRACE) return;
    await sweepStrayObjects(context, isOver);
    sweptAtMs = nowMs;
  };
}

/** One run of it. */
export function collect(context: StoreContext, look: Look, isOver: AbortSignal = NEVER): Promise<void> {
  return createCollector(context)(isOver, look);
}

async function run(context: StoreContext, repacker: Repacker, look: Look, isOver: AbortSignal): Promise<void> {
  const untilDone = async (step: () => Promise<number>): Promise<void> => {
    for (let run = 0; run < MAX_RUNS && !isOver.aborted; run++) if ((await step()) < PER_RUN) return;
  };
  await untilDone(() => condemnBlocks(context, isOver));
  await untilDone(() => deleteCondemned(context, isOver));
  if (!isOver.aborted) await repacker.run(look, isOver);
  await untilDone(() => removeDeadObjects(context, isOver));
}
