import type { RelPath } from '../core/tree.ts';
import type { WatchEvent, Watcher } from '../ports.ts';
import type { MemoryDisk } from './memory-disk.ts';
import type { Gate } from './scheduler.ts';

/** How an unreliable watcher misbehaves just now. */
export interface WatcherFaults {
  /** Events are silently lost. */
  isDeaf: boolean;
  /** The next event is an overflow instead. */
  overflowNext: boolean;
}

/** Watcher port over a simulated disk: changes gather until their gate point passes, then come as one event. */
export function createMemoryWatcher(disk: MemoryDisk, gate: Gate, faults: WatcherFaults): Watcher {
  let listener: ((event: WatchEvent) => void) | null = null;
  let gathered: RelPath[] = [];
  let isDelivering = false;

  async function deliver(): Promise<void> {
    isDelivering = true;
    await gate('watch');
    isDelivering = false;
    const paths = [...new Set(gathered)];
    gathered = [];
    if (faults.overflowNext) {
      faults.overflowNext = false;
      return listener?.({ kind: 'overflow', code: null });
    }
    listener?.({ kind: 'changed', paths });
  }

  const hear = (paths: readonly RelPath[]) => {
    if (listener === null || faults.isDeaf) return;
    gathered.push(...paths.filter((path) => !/(^|\/)\.onefold(\/|$)/.test(path)));
    if (gathered.length > 0 && !isDelivering) void deliver();
  };

  return {
    async start(next) {
      await gate('watch-start');
      listener = next;
      disk.onChange = hear;
    },
    async stop() {
      listener = null;
      if (disk.onChange === hear) disk.onChange = null;
    },
  };
}
