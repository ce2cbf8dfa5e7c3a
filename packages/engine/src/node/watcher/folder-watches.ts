import { lstatSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RelPath } from '../../core/tree.ts';
import { errnoOf } from '../disk/errno.ts';
import { decodeName } from '../disk/name-bytes.ts';
import { joinPath, OWN_FOLDER, type RootedPaths } from '../disk/rooted-paths.ts';

/*
 * One system watch a folder and nothing a file: the memory of an idle watcher follows the number of folders, and files are the scanner's.
 * A watch follows its folder's inode, so a folder that leaves its name loses its watch and those below, and gets new ones under its new name.
 */
export interface FolderWatches {
  /** Watches a folder at once and everything below it soon, a few milliseconds at a time. */
  place(folder: RelPath): void;
  /** Resolves when every watch that was asked for is placed. */
  placed(): Promise<void>;
  /** Ends the watches of a folder and of everything below. */
  end(folder: RelPath): void;
  isWatched(folder: RelPath): boolean;
  count(): number;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly children: Set<RelPath>;
}

/** A large tree is walked in turns of this length, so that the control loop is never held up. */
const SLICE_MS = 8;

export function createFolderWatches(
  paths: RootedPaths,
  listener: (folder: RelPath, name: string | null, kind: 'rename' | 'change') => void,
  onLimit: () => void,
): FolderWatches {
  const watched = new Map<RelPath, Watched>();
  const open: RelPath[] = [];
  let walking: Promise<void> = Promise.resolve();
  let isWalking = false;
  let isLimitTold = false;

  function placeOne(folder: RelPath): boolean {
    if (watched.has(folder)) return false;
    try {
      const watcher = watch(paths.absolute(folder), { encoding: 'buffer', persistent: false }, (kind, name) =>
        listener(folder, name === null ? null : decodeName(name), kind === 'rename' ? 'rename' : 'change'),
      );
      // A folder that is removed ends its own watch; the parent's event has told it already.
      watcher.on('error', () => end(folder));
      watched.set(folder, { watcher, children: new Set() });
      return true;
    } catch (error) {
      const errno = errnoOf(error);
      if ((errno === 'ENOSPC' || errno === 'EMFILE') && !isLimitTold) {
        isLimitTold = true;
        onLimit();
      }
      // Otherwise it is gone, or not ours to read: the scanner says what that means.
      return false;
    }
  }

  function subfolders(folder: RelPath): RelPath[] {
    try {
      return readdirSync(paths.absolute(folder), { encoding: 'buffer', withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => joinPath(folder, decodeName(entry.name)))
        .filter((path) => path !== OWN_FOLDER);
    } catch {
      return [];
    }
  }

  /** The watch first, then the listing: what appears in between is told by one of the two. */
  function placeNext(folder: RelPath): void {
    placeOne(folder);
    const parent = watched.get(folder);
    if (parent === undefined) return;
    for (const child of subfolders(folder)) {
      parent.children.add(child);
      open.push(child);
    }
  }

  async function walk(): Promise<void> {
    isWalking = true;
    let sliceStartMs = performance.now();
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      placeNext(folder);
      if (performance.now() - sliceStartMs < SLICE_MS) continue;
      await nextTurn();
      sliceStartMs = performance.now();
    }
    isWalking = false;
  }

  function place(top: RelPath): void {
    placeNext(top);
    if (!isWalking) walking = walk();
  }

  function end(top: RelPath): void {
    const below = [top];
    for (let folder = below.pop(); folder !== undefined; folder = below.pop()) {
      const entry = watched.get(folder);
      if (entry === undefined) continue;
      watched.delete(folder);
      below.push(...entry.children);
      entry.watcher.close();
    }
  }

  return {
    place,
    placed: () => walking,
    end,
    isWatched: (folder) => watched.has(folder),
    count: () => watched.size,
    close() {
      open.length = 0;
      end('');
    },
  };
}

export function isFolder(paths: RootedPaths, path: RelPath): boolean {
  try {
    return lstatSync(paths.absolute(path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}
