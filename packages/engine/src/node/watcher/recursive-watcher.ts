import { watch, type FSWatcher } from 'node:fs';
import { OnefoldError } from '@onefold/protocol';
import type { Watcher, WatchEvent } from '../../ports.ts';
import { createRootedPaths, OWN_FOLDER, type RootPlace } from '../disk/rooted-paths.ts';

const GATHER_MS = 10;

/** macOS and Windows watch a whole tree with one handle (FSEvents, ReadDirectoryChangesW). An event without a name, or an error, means that some were lost. */
export function createRecursiveWatcher(place: RootPlace): Watcher {
  const root = createRootedPaths(place).absolute('');
  let handle: FSWatcher | null = null;
  let changed = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  return {
    async start(listener: (event: WatchEvent) => void) {
      function flush(): void {
        timer = null;
        const paths = [...changed];
        changed = new Set();
        listener({ kind: 'changed', paths });
      }
      try {
        handle = watch(root, { recursive: true, persistent: false }, (_kind, name) => {
          if (name === null) return listener({ kind: 'overflow', code: null });
          const path = name.replaceAll('\\', '/');
          if (path === OWN_FOLDER || path.startsWith(`${OWN_FOLDER}/`)) return;
          changed.add(path);
          timer ??= setTimeout(flush, GATHER_MS);
        });
        handle.on('error', () => listener({ kind: 'overflow', code: null }));
      } catch (cause) {
        throw new OnefoldError('disk-error', 'the folder cannot be watched', { cause });
      }
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      handle?.close();
      handle = null;
    },
  };
}
