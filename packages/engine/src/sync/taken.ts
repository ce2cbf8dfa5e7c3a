import type { NodeId } from '@onefold/protocol';
import type { FileStat, RelPath } from '../core/tree.ts';

/*
 * What lies in staging was written there by the engine, and may be discarded, or was taken from the folder. The names of the latter say
 * whose it is and how it was, so that nothing of it goes unlooked at even when the state that recorded it is lost or older than the disk.
 *
 *   kept    a second name of a file that was replaced: goes when nobody wrote to it since
 *   parked  on its way to another name: nothing else may hold it
 */

export type TakenAs = 'kept' | 'parked';

export interface Taken {
  readonly as: TakenAs;
  readonly node: NodeId;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
}

const TAKEN = /(?:^|\/)(kept|parked)_([0-9a-f]{32})_(\d+)_(-?\d+)_[^/]*$/;

/** `stat` as it was known when it was taken. */
export function takenLabel(as: TakenAs, node: NodeId, { sizeBytes, mtimeNs }: FileStat): string {
  return `${as}_${node}_${sizeBytes}_${mtimeNs}_`;
}

/** Null for what the engine wrote itself. */
export function readTaken(stagingPath: RelPath): Taken | null {
  const match = TAKEN.exec(stagingPath);
  if (match === null) return null;
  const [, as, node, sizeBytes, mtimeNs] = match;
  return { as: as as TakenAs, node: node as NodeId, sizeBytes: Number(sizeBytes), mtimeNs: BigInt(mtimeNs!) };
}
