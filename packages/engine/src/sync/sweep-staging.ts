import { readIntent, stagingOf } from './disk-intent.ts';
import { keptPartial } from './partial-download.ts';
import type { Session } from './session.ts';
import { settleStrays } from './settle.ts';
import { readTaken } from './taken.ts';

/**
 * Clears staging of what nobody answers for any more: the disk may have refused to let it go, or the root was away when it should have gone.
 * Runs between two reconciliations, when nothing is being put in place. False when it is to be tried again.
 */
export async function sweepStaging(session: Session): Promise<boolean> {
  const { files, store } = session.ports;
  if (session.transfers.running().length > 0) return false;
  const inUse = new Set(session.transfers.stagedPaths());
  for (const intent of await store.diskIntents()) for (const path of stagingOf(readIntent(intent))) inUse.add(path);
  const partial = await keptPartial(session);
  if (partial !== null) inUse.add(partial);
  const left = (await files.listStaging()).filter((path) => !inUse.has(path));
  if (left.length === 0) return true;
  if ((await files.checkRoot()).outcome !== 'present') return false;
  const strays = left.filter((path) => readTaken(path) !== null);
  const isExplained = await settleStrays(session, strays);
  const written = left.filter((path) => readTaken(path) === null);
  return (await files.discard(written)).outcome === 'done' && isExplained;
}
