import type { CallResult, ListedEntry } from '@onefold/control';
import { EMPTY_TREE, isInSight, keyOf, opened, placeOf, withEntries } from '../model/file-tree.ts';
import type { FileTree, TreePlace } from '../model/file-tree.ts';
import { createPacer } from '../parts/pacer.ts';
import type { Pace } from '../parts/pacer.ts';

export interface TreeLoaderParts extends Pace {
  /** One page of what a folder holds. */
  readonly list: (place: TreePlace, after: string | undefined) => Promise<CallResult<'ls'>>;
  readonly onTree: (tree: FileTree) => void;
  readonly onFailure: (thrown: unknown) => void;
}

export interface TreeLoader {
  /** The kept folders: each is open from the start. */
  setFolders(folders: readonly string[]): void;
  setOpen(place: TreePlace, isOpen: boolean): void;
  /** Something has happened: what is open is looked at again, soon, and no more often than it can be. */
  renew(): void;
  close(): void;
}

const LEAST_GAP_MS = 250;
const GAP_TIMES = 10;

/**
 * Loads folders as they are opened, page by page, and keeps the open ones as they are on the disk.
 *
 *   first load: each page is shown as it comes.     looked at again: the new list takes the place of the old one when it is whole, so that
 *   nothing jumps; of several loads of one folder the last begun counts.
 */
export function createTreeLoader(parts: TreeLoaderParts): TreeLoader {
  const known = new Set<string>();
  /** By key: the load that counts. */
  const turns = new Map<string, symbol>();
  let tree = EMPTY_TREE;
  const pacer = createPacer({
    work: lookAgain,
    leastGapMs: LEAST_GAP_MS,
    gapTimes: GAP_TIMES,
    nowMs: parts.nowMs,
    after: parts.after,
  });

  function show(next: FileTree): void {
    if (next === tree || pacer.isClosed()) return;
    tree = next;
    parts.onTree(tree);
  }

  async function load(place: TreePlace): Promise<void> {
    const key = keyOf(place.folder, place.path);
    const turn = Symbol(key);
    turns.set(key, turn);
    const isFirst = !tree.held.has(key);
    const entries: ListedEntry[] = [];
    try {
      let after: string | undefined;
      do {
        const page = await parts.list(place, after);
        if (pacer.isClosed() || turns.get(key) !== turn) return;
        entries.push(...page.entries);
        after = page.next;
        if (isFirst || after === undefined) show(withEntries(tree, key, isFirst ? [...entries] : entries));
      } while (after !== undefined);
    } catch (thrown) {
      // A folder that went away is no row of its parent any more once that is looked at.
      if (!pacer.isClosed() && turns.get(key) === turn && isFirst) parts.onFailure(thrown);
    } finally {
      if (turns.get(key) === turn) turns.delete(key);
    }
  }

  async function lookAgain(): Promise<void> {
    for (const key of tree.open) {
      const place = placeOf(key);
      // What is being loaded comes by itself.
      if (turns.has(key) || !isInSight(tree, place)) continue;
      await load(place);
      if (pacer.isClosed()) return;
    }
  }

  return {
    setFolders(folders) {
      for (const folder of folders) {
        if (known.has(folder)) continue;
        known.add(folder);
        show(opened(tree, keyOf(folder, ''), true));
        void load({ folder, path: '' });
      }
    },
    setOpen(place, isOpen) {
      show(opened(tree, keyOf(place.folder, place.path), isOpen));
      if (isOpen) void load(place);
    },
    renew: () => pacer.renew(),
    close: () => pacer.close(),
  };
}
