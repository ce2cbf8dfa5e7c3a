import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { EMPTY_TREE, foldersAbove, rowsOf } from '../model/file-tree.ts';
import type { TreePlace, TreeRows } from '../model/file-tree.ts';
import type { Model } from '../model/model.ts';
import { after } from '../parts/after.ts';
import { toFailure, useFolderPaths, useModelPart, useSession } from '../parts/session-context.tsx';
import type { Failure } from '../parts/session-context.tsx';
import { createTreeLoader } from './tree-loader.ts';
import type { TreeLoader } from './tree-loader.ts';

/** So much of a list is read and checked in one go; the page answers in between. */
export const PAGE_LENGTH = 500;

interface Tree {
  readonly rows: TreeRows;
  readonly setOpen: (place: TreePlace, isOpen: boolean) => void;
  readonly failure: Failure | null;
  readonly dismiss: () => void;
}

/** Another text whenever an entry may stand otherwise than before. */
function standOf({ activity, status }: Model): string {
  const folders = status?.folders.map(({ head, pending, state }) => `${head} ${pending} ${state}`) ?? [];
  return [activity[0]?.id, status?.notYetSafe, status?.attention.length, ...folders].join('\0');
}

/** The tree of all kept folders, loaded as it is opened; what is open is looked at again when something happened. */
export function useFileTree(shown: TreePlace | null): Tree {
  const session = useSession();
  const isLineOpen = useModelPart(({ line }) => line === 'open');
  const folders = useFolderPaths();
  const [tree, setTree] = useState(EMPTY_TREE);
  const [failure, setFailure] = useState<Failure | null>(null);
  const loader = useRef<TreeLoader | null>(null);

  useEffect(() => {
    const created = createTreeLoader({
      list: ({ folder, path }, next) => session.call('ls', { folder, path, limit: PAGE_LENGTH, after: next }),
      nowMs: () => performance.now(),
      after,
      onTree: setTree,
      onFailure: (thrown) => setFailure(toFailure(thrown)),
    });
    loader.current = created;
    return () => created.close();
  }, [session]);

  useEffect(() => {
    if (!isLineOpen) return undefined;
    loader.current?.setFolders(folders);
    // What happened while there was no line.
    loader.current?.renew();
    let stand = standOf(session.model());
    return session.subscribe(() => {
      const now = standOf(session.model());
      if (now !== stand) loader.current?.renew();
      stand = now;
    });
  }, [session, folders, isLineOpen]);

  const shownFolder = shown?.folder ?? '';
  const shownPath = shown?.path ?? '';
  useEffect(() => {
    if (!isLineOpen || shownFolder === '') return;
    for (const path of foldersAbove(shownPath)) loader.current?.setOpen({ folder: shownFolder, path }, true);
  }, [shownFolder, shownPath, isLineOpen]);

  const setOpen = useCallback((place: TreePlace, isOpen: boolean) => loader.current?.setOpen(place, isOpen), []);
  const rows = useMemo(() => rowsOf(tree, folders), [tree, folders]);
  return { rows, setOpen, failure, dismiss: () => setFailure(null) };
}
