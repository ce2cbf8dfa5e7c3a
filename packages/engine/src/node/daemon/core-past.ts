import { placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';

export interface PastArgs {
  readonly folder: string;
  readonly path: string;
  readonly atMs: number;
}

interface PastChange {
  path: string;
  change: 'added-back' | 'changed-back' | 'removed';
  sizeBytes: number;
}

const MOST_TOLD = 5_000;

export async function lookBackAt(
  runners: readonly FolderRunner[],
  { folder, path, atMs }: PastArgs,
): Promise<{
  asOfMs: number | null;
  changes: PastChange[];
  counts: { addedBack: number; changedBack: number; removed: number };
  sizeBytes: number;
}> {
  const place = placeOf(runners, { folder, path });
  const { asOfMs, changes } = await place.running.engine.lookBack(place.path, atMs);
  const count = (wanted: PastChange['change']): number => changes.filter(({ change }) => change === wanted).length;
  return {
    asOfMs,
    changes: changes.slice(0, MOST_TOLD),
    counts: { addedBack: count('added-back'), changedBack: count('changed-back'), removed: count('removed') },
    sizeBytes: changes.reduce((sum, { change, sizeBytes }) => sum + (change === 'removed' ? 0 : sizeBytes), 0),
  };
}

export async function goBackAt(
  runners: readonly FolderRunner[],
  { folder, path, atMs }: PastArgs,
): Promise<{ beforeMs: number; done: number; skipped: { path: string; code: string }[] }> {
  const place = placeOf(runners, { folder, path });
  const { beforeMs, done, skipped } = await place.running.engine.goBack(place.path, atMs);
  return { beforeMs, done, skipped: skipped.slice(0, MOST_TOLD) };
}
