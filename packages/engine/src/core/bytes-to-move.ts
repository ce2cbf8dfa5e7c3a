import { isAlive, sameContent } from './settled.ts';
import type { NodeRow } from './tree.ts';

/** Bytes of a file that have to go up or come down, as far as the three states tell; 0 where a file is the same on both sides. */
export function bytesToMove({ local, remote, synced }: NodeRow): number {
  if (remote?.unticked === true) return 0;
  const base = synced?.content ?? null;
  const theirs = isAlive(remote) ? remote.content : null;
  if (local?.kind === 'file' && (local.content === null || !sameContent(local.content, base)))
    return local.content !== null && sameContent(local.content, theirs) ? 0 : local.stat.sizeBytes;
  return theirs?.kind === 'file' && !sameContent(theirs, base) ? theirs.sizeBytes : 0;
}
