import type { ConflictCopy } from './core-conflicts.ts';
import type { ActivityEntry, CoreStatus } from './shapes.ts';

const MARK = '(conflict,';

/*
 * The list of conflicts is gone through when something happened that may be about them, one look at a time, and told of when it is another one: so
 * nobody has to ask again and again.
 */
export interface ConflictNews {
  /** What stands in the feed since the last call. */
  happened(items: readonly ActivityEntry[]): void;
  /** Folders that are opened are told by no feed. */
  statusIs(status: CoreStatus): void;
  close(): void;
}

/** @param tell called with how many wait, whenever the list is another one than before */
export function createConflictNews(parts: {
  readonly list: () => Promise<readonly ConflictCopy[]>;
  readonly tell: (count: number) => void;
}): ConflictNews {
  let known: readonly ConflictCopy[] = [];
  let knownText = '[]';
  let statusText = '';
  let isLooking = false;
  let isDue = false;
  let isClosed = false;

  async function look(): Promise<void> {
    isDue = true;
    if (isLooking) return;
    isLooking = true;
    while (isDue && !isClosed) {
      isDue = false;
      // A folder that is closed meanwhile is told by the next status.
      const found = await parts.list().catch(() => null);
      const text = JSON.stringify(found);
      if (found === null || text === knownText) continue;
      known = found;
      knownText = text;
      parts.tell(found.length);
    }
    isLooking = false;
  }

  function isAbout({ kind, folder, path, previousPath }: ActivityEntry): boolean {
    if (kind === 'conflict') return true;
    const places = previousPath === undefined ? [path] : [path, previousPath];
    return places.some(
      (place) =>
        place.includes(MARK) ||
        known.some((one) => one.folder === folder && (one.original === place || one.path.startsWith(`${place}/`))),
    );
  }

  return {
    happened(items) {
      if (items.some(isAbout)) void look();
    },
    statusIs({ folders, pending }) {
      const states = folders.map(({ path, state }) => [path, state === 'syncing']);
      const text = JSON.stringify([states, pending === 0]);
      if (text === statusText) return;
      statusText = text;
      void look();
    },
    close() {
      isClosed = true;
    },
  };
}
