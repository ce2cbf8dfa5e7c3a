import type { ErrorCode } from '@onefold/protocol';
import type { NameRules } from '../core/local-name.ts';
import type { AttributesValue, FileStat, Name, RelPath } from '../core/tree.ts';

/** The other folders that are kept on this machine, each of another namespace. */
export interface Elsewhere {
  /** What became of each entry that left this folder. */
  arrivals(stats: readonly FileStat[]): Promise<readonly Arrival[]>;
}

/**
 * `coming`: it stands in another folder, of which the server does not hold everything yet. `held`: and nothing more is sent from there until
 * a person does something.
 */
export type Arrival = 'none' | 'coming' | 'held';

export interface DiskEntry {
  readonly name: Name;
  readonly stat: FileStat;
}

/**
 * A complete listing of one folder or nothing: `unreadable` names entries that exist but could not be examined (never a reason for a
 * delete). `self` is the folder's own stat from before the listing. A folder that changes while it is read may be listed before or after
 * any of those changes.
 */
export type Listing =
  | {
      readonly outcome: 'listed';
      readonly self: FileStat;
      readonly entries: readonly DiskEntry[];
      readonly unreadable: readonly { readonly name: Name; readonly code: ErrorCode }[];
    }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export type DiskResult = { readonly outcome: 'done' } | { readonly outcome: 'failed'; readonly code: ErrorCode };

/**
 * One change of the disk that first checks what it is about to change. "Stands" means same kind and inode; for files and links also the
 * same size, mtime and ctime: a change that put size and mtime back would be lost from sight, since renaming a file, or giving it other times,
 * gives it a new ctime that is then taken for known. What we ourselves renamed since it was looked at is told by `isRenamedSince`.
 */
export type DiskChange =
  /** Parent must exist; the path must be free. `mode` null = the system's default. `volume` as of a move. */
  | {
      readonly op: 'create-folder';
      readonly path: RelPath;
      readonly mode: number | null;
      readonly volume?: bigint | undefined;
    }
  /** Parent must exist; the path must be free. The target is verbatim. */
  | { readonly op: 'create-link'; readonly path: RelPath; readonly target: string }
  /**
   * Renames `from` to `to`. `expectFrom` must stand at `from`; `to` must hold exactly `expectTo` (null: nothing). With `keepAs` the
   * displaced file's inode is first linked (else copied) there, to be compared afterwards. Never replaces a folder.
   */
  | {
      readonly op: 'move';
      readonly from: RelPath;
      readonly to: RelPath;
      readonly expectFrom: FileStat;
      readonly expectTo: FileStat | null;
      readonly keepAs: RelPath | null;
      /** Of the source: its ctime says nothing, an earlier change of this engine renamed it. */
      readonly isRenamedSince?: boolean;
      /**
       * Device of the folder that holds `to`. Where another one stands there by now (a disk mounted inside the root is gone, or has come) nothing
       * is put: `volume-missing`. What is put under a mounted disk would be out of sight once that is back, and pass for deleted.
       */
      readonly volume?: bigint | undefined;
    }
  /**
   * Into the local trash, whose entries remember where they came from. Folders only when empty (else `precondition`). `isSent`: a committed
   * version holds it, so that it may go when room is needed.
   */
  | { readonly op: 'trash'; readonly path: RelPath; readonly expect: FileStat; readonly isSent: boolean }
  /** mtime of files, mode of files and folders; null leaves it. */
  | {
      readonly op: 'set-attributes';
      readonly path: RelPath;
      readonly expect: FileStat;
      readonly attributes: AttributesValue;
      readonly isRenamedSince?: boolean;
    };

/** Something in the local trash. */
export interface TrashEntry {
  /** Where it lies, inside the root. */
  readonly at: RelPath;
  /** Where it stood. */
  readonly path: RelPath;
  readonly trashedAtMs: number;
  readonly isSent: boolean;
  readonly stat: FileStat;
}

/**
 * `stat` is what stands at the path (of a move: at `to`) afterwards, null after trash. `found` is what stood in the way (null: nothing stood).
 * A change that failed has changed nothing but, at most, the ctime of the file that was to be moved, replaced or trashed: `touched` is how that
 * is shown by now.
 */
export type ChangeResult =
  | { readonly outcome: 'done'; readonly stat: FileStat | null }
  | { readonly outcome: 'precondition'; readonly found: FileStat | null }
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly touched?: FileStat };

/** `failed`: there is one, and what it says is not known. */
export type SmallFile = Uint8Array | null | { readonly outcome: 'failed'; readonly code: ErrorCode };

/**
 * One root folder. Paths are root-relative and never follow links: a component that is a link fails. `.onefold/` at the root holds
 * marker, staging and trash, and is invisible in listings.
 */
export interface FileSystem {
  /** State of the root: marker and volume are checked against what was recorded when the folder was added. Cheap: asked every cycle. */
  checkRoot(): Promise<
    | { readonly outcome: 'present'; readonly stat: FileStat }
    | { readonly outcome: 'missing' }
    | { readonly outcome: 'replaced'; readonly why: string }
  >;
  list(paths: readonly RelPath[]): Promise<readonly Listing[]>;
  /** lstat of each; null where nothing stands; `failed` where it cannot be said (never a reason for a delete). */
  stat(
    paths: readonly RelPath[],
  ): Promise<readonly (FileStat | null | { readonly outcome: 'failed'; readonly code: ErrorCode })[]>;
  /** Verbatim targets; null where no link stands. */
  readLinks(paths: readonly RelPath[]): Promise<readonly (string | null)[]>;
  /** The bytes of a small file (rules, not content), or null where no file stands or it is longer. */
  readSmall(path: RelPath, maxBytes: number): Promise<SmallFile>;
  /** Smallest step of mtime this volume shows, measured with a probe file. Nanoseconds. */
  mtimeGranularityNs(): bigint;
  /** What the root's volume makes of names. */
  nameRules(): NameRules;
  /** Free bytes of the root's volume, or null where unknown. */
  freeBytes(): Promise<number | null>;

  /**
   * Path of a fresh name inside staging (not created), on the volume that holds `near`, or on the root's own where that one takes none. The name
   * begins with `label`.
   */
  stagingPath(near: RelPath, label?: string): RelPath;
  /**
   * Makes the changes one after the other in the given order. A failed one does not stop the next, but nothing is put below a place that one
   * before was to fill and did not: `precondition`. Results in the same order.
   */
  change(changes: readonly DiskChange[]): Promise<readonly ChangeResult[]>;
  /** Removes things of ours from staging, recursively. Missing is done. */
  discard(stagingPaths: readonly RelPath[]): Promise<DiskResult>;
  /** What lies in the local trash, oldest first. What cannot be looked at is left out. */
  listTrash(): Promise<readonly TrashEntry[]>;
  /** Removes entries of the trash for good. Missing is done. */
  purgeTrash(at: readonly RelPath[]): Promise<DiskResult>;
  /** Everything left in staging, for settling after a crash. */
  listStaging(): Promise<readonly RelPath[]>;
  /** Makes every rename, folder and file written since the last flush durable. One call for a whole batch. */
  flush(paths: readonly RelPath[]): Promise<DiskResult>;
}

export type WatchEvent =
  | { readonly kind: 'changed'; readonly paths: readonly RelPath[] }
  /** Events were lost, or the watcher failed: only a full scan tells. */
  | { readonly kind: 'overflow'; readonly code: ErrorCode | null };

/** Hints only. */
export interface Watcher {
  start(listener: (event: WatchEvent) => void): Promise<void>;
  stop(): Promise<void>;
}
