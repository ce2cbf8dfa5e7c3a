import type { Activity } from '@onefold/control';

/** One row of the feed: an item, or a run of items of one kind by one device. */
export interface ActivityGroup {
  /** The newest item. */
  readonly item: Activity;
  readonly count: number;
  /** The oldest item's moment. */
  readonly sinceMs: number;
}

/** Two items belong together when they lie no further apart than this. */
const RUN_GAP_MS = 30_000;
/** Fewer are worth a row each. */
const RUN_LENGTH = 3;

/**
 * Folds runs, so that ten thousand photos are one row and not the whole feed. Conflicts and attention are never folded.
 * @param most so many groups are wanted: what is older than they are is not looked at
 */
export function groupActivity(items: readonly Activity[], most = Infinity): readonly ActivityGroup[] {
  const groups: ActivityGroup[] = [];
  let newer: Activity | null = null;
  let run: Activity[] = [];
  for (const item of items) {
    if (newer !== null && !belongTogether(newer, item)) {
      groups.push(...fold(run));
      if (groups.length >= most) return groups.slice(0, most);
      run = [];
    }
    run.push(item);
    newer = item;
  }
  groups.push(...fold(run));
  return groups.slice(0, most);
}

function belongTogether(newer: Activity, older: Activity): boolean {
  return (
    newer.kind === older.kind &&
    newer.kind !== 'conflict' &&
    newer.kind !== 'attention' &&
    newer.device.id === older.device.id &&
    newer.folder === older.folder &&
    Math.abs(newer.atMs - older.atMs) <= RUN_GAP_MS
  );
}

function fold(run: readonly Activity[]): readonly ActivityGroup[] {
  const [newest] = run;
  const oldest = run.at(-1);
  if (newest === undefined || oldest === undefined) return [];
  if (run.length >= RUN_LENGTH) return [{ item: newest, count: run.length, sinceMs: oldest.atMs }];
  return run.map((item) => ({ item, count: 1, sinceMs: item.atMs }));
}
