import { lastName } from '../core/names.ts';
import type { FileStat, RelPath } from '../core/tree.ts';
import type { Clock } from '../ports.ts';

/*
 * When a file that changed is taken as it is.
 *
 *   (unseen) -- changed just now --> unripe -- stands still long enough --> ripe
 *                                          -- five seconds went by -----> ripe, once the disk's clock has moved on
 *   (unseen) -- changed long ago -------------------------------------> ripe
 */

const LONE_MS = 50;
const BURST_MS = 300;
/** Shrunk to zero, or named like something an editor is about to rename. */
const SUSPECT_MS = 2_000;
const LONGEST_MS = 5_000;
const BURST_FILES = 8;
const TEMPORARY = /^(?:\.~|~|\.#|#.*#$|\.goutputstream-|\.sb-)|(?:~|\.tmp|\.temp|\.swp|\.swx|\.crdownload|\.bak~)$/i;

interface Unripe {
  readonly stat: FileStat;
  readonly firstMs: number;
  readonly sinceMs: number;
  readonly quietMs: number;
  /** Writes closer to each other than this may leave the same times. */
  readonly stepMs: number;
}

export interface Ripeness {
  /** Whether the file may be read now; if not, it is remembered and due again soon. `known` is what was observed last, if anything. */
  isRipe(path: RelPath, stat: FileStat, known: FileStat | null): boolean;
  forget(path: RelPath): void;
  /** A folder was moved by this engine, and with it what is waited for below it. */
  relocate(from: RelPath, to: RelPath): void;
  isUnripe(path: RelPath): boolean;
  /** This very inode is being waited for under some name. */
  isAwaiting(stat: FileStat): boolean;
  /** Paths to look at again by now. */
  due(): RelPath[];
  /** These were looked at: what is still due among them was not met, and is forgotten. */
  settle(paths: readonly RelPath[]): void;
  /** Milliseconds until one is due; null when none waits. */
  nextDueMs(): number | null;
  size(): number;
}

export function createRipeness(clock: Clock, granularityNs: () => bigint): Ripeness {
  const unripe = new Map<RelPath, Unripe>();
  /** How many of them have an inode. */
  const inodes = new Map<string, number>();

  function put(path: RelPath, entry: Unripe): void {
    drop(path);
    unripe.set(path, entry);
    const key = inodeKey(entry.stat);
    inodes.set(key, (inodes.get(key) ?? 0) + 1);
  }

  function drop(path: RelPath): void {
    const entry = unripe.get(path);
    if (entry === undefined) return;
    unripe.delete(path);
    const key = inodeKey(entry.stat);
    const left = (inodes.get(key) ?? 1) - 1;
    if (left > 0) inodes.set(key, left);
    else inodes.delete(key);
  }

  function quietFor(path: RelPath, stat: FileStat, known: FileStat | null, stepMs: number): number {
    const isSuspect = (stat.sizeBytes === 0 && known !== null && known.sizeBytes > 0) || TEMPORARY.test(lastName(path));
    const quietMs = isSuspect ? SUSPECT_MS : stat.sizeBytes === 0 || unripe.size > BURST_FILES ? BURST_MS : LONE_MS;
    return Math.max(quietMs, 2 * stepMs);
  }

  /** A write within one step of the file system's clock would leave the same mtime: however long it waits, nothing is read before that step is over. */
  function dueAtMs({ sinceMs, firstMs, quietMs, stepMs }: Unripe): number {
    return Math.min(sinceMs + quietMs, Math.max(firstMs + LONGEST_MS, sinceMs + stepMs));
  }

  function isDue(entry: Unripe): boolean {
    return clock.monotonicMs() >= dueAtMs(entry);
  }

  return {
    isRipe(path, stat, known) {
      const before = unripe.get(path);
      const stepMs = Number(granularityNs()) / 1e6;
      const quietMs = quietFor(path, stat, known, stepMs);
      const nowMs = clock.monotonicMs();
      if (before === undefined) {
        // A time in the future says nothing: the wall clock was set back, or the file's was set ahead.
        const ageMs = clock.nowMs() - Number(stat.ctimeNs / 1_000_000n);
        if (ageMs >= quietMs) return true;
        put(path, { stat, firstMs: nowMs, sinceMs: nowMs, quietMs, stepMs });
        return false;
      }
      if (!isSameObservation(before.stat, stat)) {
        const entry = { stat, firstMs: before.firstMs, sinceMs: nowMs, quietMs: Math.max(quietMs, BURST_MS), stepMs };
        put(path, entry);
        if (!isDue(entry)) return false;
      } else if (!isDue(before)) {
        return false;
      }
      drop(path);
      return true;
    },
    forget: drop,
    relocate(from, to) {
      for (const [path, entry] of [...unripe]) {
        if (!path.startsWith(`${from}/`)) continue;
        drop(path);
        put(to + path.slice(from.length), entry);
      }
    },
    isUnripe: (path) => unripe.has(path),
    isAwaiting: (stat) => inodes.has(inodeKey(stat)),
    due: () => [...unripe].filter(([, entry]) => isDue(entry)).map(([path]) => path),
    settle(paths) {
      for (const path of paths) {
        const entry = unripe.get(path);
        if (entry !== undefined && isDue(entry)) drop(path);
      }
    },
    nextDueMs() {
      let soonest: number | null = null;
      const nowMs = clock.monotonicMs();
      for (const entry of unripe.values()) soonest = Math.min(soonest ?? Infinity, Math.max(0, dueAtMs(entry) - nowMs));
      return soonest;
    },
    size: () => unripe.size,
  };
}

function inodeKey({ device, inode }: FileStat): string {
  return `${device}:${inode}`;
}

/** Nothing about the file moved between two looks. The volume's number is left out: it may change with every mount. */
export function isSameObservation(a: FileStat, b: FileStat): boolean {
  return (
    a.kind === b.kind &&
    a.inode === b.inode &&
    a.sizeBytes === b.sizeBytes &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.mode === b.mode
  );
}
