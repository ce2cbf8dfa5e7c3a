import type { FSWatcher } from 'chokidar';
import path from 'node:path';
import type { Watcher, WatchEvent } from '../../ports.ts';
import { OWN_FOLDER, type RootPlace } from '../disk/rooted-paths.ts';

const POLL_MS = 5_000;
const POLL_BINARY_MS = 15_000;
const GATHER_MS = 50;

/** Network file systems tell nobody what others change there: chokidar asks again and again. */
export function createPollingWatcher(place: RootPlace): Watcher {
  let handle: FSWatcher | null = null;
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  return {
    async start(listener: (event: WatchEvent) => void) {
      // Loaded where a folder is on a network: most daemons never poll, and all of them rest.
      const { watch } = await import('chokidar');
      const own = path.join(place.path, OWN_FOLDER);
      const next = watch(place.path, {
        persistent: true,
        ignoreInitial: true,
        followSymlinks: false,
        usePolling: true,
        interval: POLL_MS,
        binaryInterval: POLL_BINARY_MS,
        ignored: (candidate) => candidate === own,
        ignorePermissionErrors: true,
        atomic: false,
        awaitWriteFinish: false,
      });
      handle = next;
      next.on('all', (_event, absolute) => {
        changed.add(path.relative(place.path, absolute).split(path.sep).join('/'));
        timer ??= setTimeout(() => {
          timer = null;
          const paths = [...changed];
          changed = new Set();
          listener({ kind: 'changed', paths });
        }, GATHER_MS);
      });
      next.on('error', () => listener({ kind: 'overflow', code: null }));
      await new Promise<void>((resolve) => next.once('ready', () => resolve()));
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      await handle?.close();
      handle = null;
    },
  };
}
