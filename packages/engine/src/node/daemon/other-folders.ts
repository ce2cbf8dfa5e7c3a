import type { FileStat } from '../../core/tree.ts';
import type { Arrival, Elsewhere } from '../../ports.ts';
import type { FolderRunner, Running } from './folder-runner.ts';

/**
 * The other kept folders as one of them sees them: an entry moved there keeps its inode. A folder that only receives is none, for what stands
 * there may never be sent.
 */
export function createOtherFolders(own: string, runners: () => readonly FolderRunner[]): Elsewhere {
  return {
    async arrivals(stats) {
      const arrivals = stats.map((): Arrival => 'none');
      for (const runner of runners()) {
        const { folderId, mode } = runner.folder;
        const running = folderId === own || mode === 'receive-only' ? null : runner.running();
        if (running === null || running.engine.status().notYetSafe === 0) continue;
        const found = await running.store.localByInodes(stats.map(({ device, inode }) => ({ device, inode })));
        const arrival = isHeld(runner, running) ? 'held' : 'coming';
        found.forEach((rows, i) => {
          if (rows.some(({ local }) => isSame(local!.stat, stats[i]!))) arrivals[i] = arrival;
        });
      }
      return arrivals;
    },
  };
}

function isHeld(runner: FolderRunner, { engine }: Running): boolean {
  const { state } = engine.status();
  return runner.isPaused() || state === 'paused' || state === 'attention';
}

function isSame(a: FileStat, b: FileStat): boolean {
  return a.kind === b.kind && a.birthtimeNs === b.birthtimeNs;
}
