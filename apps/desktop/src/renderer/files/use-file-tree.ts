import { useCallback, useEffect, useMemo, useState } from 'react';
import { EMPTY_TREE, foldersAbove, keyOf, opened, rowsOf, withPage } from '../model/file-tree.ts';
import type { TreeRow } from '../model/file-tree.ts';
import { toFailure, useModel, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';

/** The most that one call gives. */
const PAGE_LENGTH = 10_000;

/** What the address asks to be shown: the folders above it are opened. */
export interface ShownEntry {
  readonly folder: string;
  readonly path: string;
}

interface Tree {
  readonly rows: readonly TreeRow[];
  readonly setOpen: (row: TreeRow, isOpen: boolean) => void;
  readonly failure: Failure | null;
  readonly dismiss: () => void;
}

/** The tree of all kept folders, loaded as it is opened; what is open is looked at again when something happened in it. */
export function useFileTree(shown: ShownEntry | null): Tree {
  const session = useSession();
  const { status, line, activity } = useModel();
  const [tree, setTree] = useState(EMPTY_TREE);
  const [failure, setFailure] = useState<Failure | null>(null);
  const folders = useMemo(() => (status?.folders ?? []).map(({ path }) => path), [status?.folders]);
  const folderList = folders.join('\0');

  const load = useCallback(
    async (folder: string, path: string): Promise<void> => {
      try {
        let after: string | undefined;
        do {
          const page = await session.call('ls', { folder, path, limit: PAGE_LENGTH, after });
          const isFirst = after === undefined;
          setTree((before) => withPage(before, keyOf(folder, path), page.entries, isFirst));
          after = page.next;
        } while (after !== undefined);
      } catch (thrown) {
        setFailure(toFailure(thrown));
      }
    },
    [session],
  );

  useEffect(() => {
    if (line !== 'open') return;
    for (const folder of folderList === '' ? [] : folderList.split('\0')) {
      setTree((before) => opened(before, keyOf(folder, ''), true));
      void load(folder, '');
    }
  }, [folderList, line, load]);

  const shownFolder = shown?.folder ?? '';
  const shownPath = shown?.path ?? '';
  useEffect(() => {
    if (line !== 'open' || shownFolder === '') return;
    for (const path of foldersAbove(shownPath)) {
      setTree((before) => opened(before, keyOf(shownFolder, path), true));
      void load(shownFolder, path);
    }
  }, [shownFolder, shownPath, line, load]);

  const newest = activity[0];
  useEffect(() => {
    if (newest === undefined) return;
    const parent = newest.path.includes('/') ? newest.path.slice(0, newest.path.lastIndexOf('/')) : '';
    setTree((before) => {
      if (before.held.has(keyOf(newest.folder, parent))) void load(newest.folder, parent);
      return before;
    });
  }, [newest, load]);

  const setOpen = useCallback(
    (row: TreeRow, isOpen: boolean) => {
      setTree((before) => opened(before, row.key, isOpen));
      if (isOpen) void load(row.folder, row.entry?.path ?? '');
    },
    [load],
  );
  const rows = useMemo(() => rowsOf(tree, folders), [tree, folders]);
  return { rows, setOpen, failure, dismiss: () => setFailure(null) };
}
