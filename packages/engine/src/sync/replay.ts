import type { NodeId, PlacedEntry } from '@onefold/protocol';
import type { Batch } from '../ports.ts';
import { replayEntry } from './replay-run.ts';
import { startReplay, type Identified } from './replay-state.ts';
import { record, type Session } from './session.ts';
import { rewindFact } from './start-over.ts';

export interface ReplayResult {
  /** Entries of this very device that its own state does not know: the state is a copy or a backup. */
  readonly isStateOld: boolean;
  readonly quarantined: readonly NodeId[];
}

/**
 * Replays entries that follow the cursor, through the same predicate the server ran, into Remote rows; one transaction, with `also` in it. Throws a security
 * error when they do not extend the journal this device knows, or break its rules: then nothing of them is kept.
 */
export async function replay(
  session: Session,
  entries: readonly PlacedEntry[],
  identified: Identified = new Map(),
  also: Pick<Batch, 'inFlight' | 'activity'> = {},
): Promise<ReplayResult> {
  const run = await startReplay(session, identified);
  for (const placed of entries) await replayEntry(run, placed);
  if (run.cursor === null) return { isStateOld: false, quarantined: [] };
  const batch: Batch = {
    rows: run.overlay.touchedRows(),
    references: [...run.overlay.references].map(([node, value]) => ({ node, value })),
    blocks: run.blocks,
    hashes: [...run.overlay.hashes].map(([seq, hash]) => ({ seq, hash })),
    members: JSON.stringify(run.members),
    treeSum: run.sum,
    cursor: run.cursor,
    ...(session.rewind === null ? {} : { facts: rewindFact(session.rewind) }),
    ...also,
  };
  await record(session, batch);
  return { isStateOld: run.isStateOld, quarantined: [...run.quarantined] };
}
