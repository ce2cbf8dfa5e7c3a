import { readFileSync } from 'node:fs';
import type { RelPath } from '../../core/tree.ts';
import type { Watcher, WatchEvent } from '../../ports.ts';
import { createRootedPaths, joinPath, OWN_FOLDER, type RootPlace } from '../disk/rooted-paths.ts';
import { createFolderWatches, isFolder, type FolderWatches } from './folder-watches.ts';

/** Events of a burst travel together. */
const GATHER_MS = 10;
/** More paths than this in one burst are told as "look at everything". */
const MOST_PATHS = 20_000;
const FALLBACK_QUEUE = 16_384;

/*
 * stopped --start--> watching --events--> gathering (10 ms) --hints--> watching
 *                        '--the system's queue was full, or no watch is left--> overflow, and on
 *
 * Linux drops events when its queue is full, and Node does not pass the notice on. A full queue is read in one turn of the event loop, so as
 * many events in one turn as the queue holds mean that some may be missing.
 */
export function createInotifyWatcher(place: RootPlace): Watcher {
  const paths = createRootedPaths(place);
  const queueLength = readQueueLength();
  let listener: (event: WatchEvent) => void = () => undefined;
  let watches: FolderWatches | null = null;
  let changed = new Set<RelPath>();
  let vacatedOrNew = new Set<RelPath>();
  let inThisTurn = 0;
  let hasOverflowed = false;
  let timer: NodeJS.Timeout | null = null;

  function onEvent(folder: RelPath, name: string | null, kind: 'rename' | 'change'): void {
    if (inThisTurn++ === 0) setImmediate(() => (inThisTurn = 0));
    if (inThisTurn === queueLength) hasOverflowed = true;
    const path = name === null ? folder : joinPath(folder, name);
    if (path === OWN_FOLDER) return;
    changed.add(path);
    if (kind === 'rename') vacatedOrNew.add(path);
    timer ??= setTimeout(flush, GATHER_MS);
  }

  function flush(): void {
    timer = null;
    const told = changed;
    const renamed = vacatedOrNew;
    changed = new Set();
    vacatedOrNew = new Set();
    const isLost = hasOverflowed || told.size > MOST_PATHS;
    hasOverflowed = false;
    // What was lost may have been a folder's move, so every watch is in doubt.
    if (isLost) replaceAll();
    else for (const path of renamed) follow(path);
    // Told when the watches stand: whoever looks then sees what came before them, and hears what comes after.
    void watches
      ?.placed()
      .then(() => listener(isLost ? { kind: 'overflow', code: null } : { kind: 'changed', paths: [...told] }));
  }

  function replaceAll(): void {
    watches?.close();
    watches = createFolderWatches(paths, onEvent, () => listener({ kind: 'overflow', code: 'watch-limit' }));
    watches.place('');
  }

  /** A name was taken or vacated: the watch that stood for it may now follow a folder that went elsewhere. */
  function follow(path: RelPath): void {
    watches?.end(path);
    if (isFolder(paths, path)) watches?.place(path);
  }

  return {
    async start(next) {
      listener = next;
      replaceAll();
      await watches?.placed();
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      watches?.close();
      watches = null;
    },
  };
}

function readQueueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || FALLBACK_QUEUE;
  } catch {
    return FALLBACK_QUEUE;
  }
}
