import type { ListedEntry } from '@onefold/control';

/*
 * The namespace as far as it was opened. Nothing is loaded that nobody looks into.
 *
 *   a folder: closed --open--> loading --(a page)--> loading --(the last page)--> open --close--> closed
 */
export interface FileTree {
  /** By `folder` and path, joined by a NUL: what each opened folder holds. */
  readonly held: ReadonlyMap<string, readonly ListedEntry[]>;
  readonly open: ReadonlySet<string>;
}

export const EMPTY_TREE: FileTree = { held: new Map(), open: new Set() };

export interface TreeRow {
  readonly key: string;
  /** The kept folder's absolute path. */
  readonly folder: string;
  /** null for the kept folder itself. */
  readonly entry: ListedEntry | null;
  /** 1 for a kept folder, as aria-level counts. */
  readonly level: number;
  readonly isOpen: boolean;
  readonly isLoaded: boolean;
  readonly setSize: number;
  readonly position: number;
}

export function keyOf(folder: string, path: string): string {
  return `${folder}\0${path}`;
}

/** From the top down, without the kept folder itself. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

export function opened(tree: FileTree, key: string, isOpen: boolean): FileTree {
  const open = new Set(tree.open);
  if (isOpen) open.add(key);
  else open.delete(key);
  return { ...tree, open };
}

/** A page of what a folder holds; the first takes the place of what was known. */
export function withPage(tree: FileTree, key: string, entries: readonly ListedEntry[], isFirst: boolean): FileTree {
  const held = new Map(tree.held);
  held.set(key, isFirst ? entries : [...(held.get(key) ?? []), ...entries]);
  return { ...tree, held };
}

/** The rows in sight order: each open folder is followed by what it holds. */
export function rowsOf(tree: FileTree, folders: readonly string[]): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (folder: string, path: string, level: number): void => {
    const entries = tree.held.get(keyOf(folder, path)) ?? [];
    entries.forEach((entry, index) => {
      const key = keyOf(folder, entry.path);
      const isOpen = entry.kind === 'folder' && tree.open.has(key);
      rows.push({
        key,
        folder,
        entry,
        level,
        isOpen,
        isLoaded: tree.held.has(key),
        setSize: entries.length,
        position: index + 1,
      });
      if (isOpen) visit(folder, entry.path, level + 1);
    });
  };
  folders.forEach((folder, index) => {
    const key = keyOf(folder, '');
    const isOpen = tree.open.has(key);
    rows.push({
      key,
      folder,
      entry: null,
      level: 1,
      isOpen,
      isLoaded: tree.held.has(key),
      setSize: folders.length,
      position: index + 1,
    });
    if (isOpen) visit(folder, '', 2);
  });
  return rows;
}
