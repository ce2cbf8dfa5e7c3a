import type { StoreContext } from '../context.ts';
import { condemnBlocks, PER_RUN } from './condemn.ts';
import { deleteCondemned } from './delete-blocks.ts';
import { repack, type PackPlace } from './repack.ts';
import { removeDeadObjects, sweepStrayObjects } from './sweep-objects.ts';

/** Runs of one step in one collection: the rest waits for the next. */
const MAX_RUNS = 200;

/**
 * Everything that collection does, in its order. Losing a run, or dying within one, costs delay only. `all-packs` looks at every pack for dead space, not
 * only at those that just lost blocks.
 */
export async function collect(
  context: StoreContext,
  look: 'thinned-packs' | 'all-packs' = 'thinned-packs',
): Promise<void> {
  const thinned: PackPlace[] = [];
  await untilDone(() => condemnBlocks(context));
  await untilDone(() => deleteCondemned(context, thinned));
  await repack(context, look === 'all-packs' ? undefined : thinned);
  await untilDone(() => removeDeadObjects(context));
  await sweepStrayObjects(context);
}

async function untilDone(step: () => Promise<number>): Promise<void> {
  for (let run = 0; run < MAX_RUNS; run++) if ((await step()) < PER_RUN) return;
}
