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

/** An entry of a kept folder, or, with an empty path, that folder itself. */
export interface TreePlace {
  /** The kept folder's absolute path. */
  readonly folder: string;
  readonly path: string;
}

export interface TreeRow {
  /** The kept folder's absolute path. */
  readonly folder: string;
  /** null for the kept folder itself. */
  readonly entry: ListedEntry | null;
  /** 1 for a kept folder, as aria-level counts. */
  readonly level: number;
  readonly isOpen: boolean;
  readonly setSize: number;
  readonly position: number;
}

/** The rows in the order they are seen: a row is made when it is asked for, so that a hundred thousand cost nothing until they are looked at. */
export interface TreeRows {
  readonly count: number;
  readonly at: (index: number) => TreeRow | null;
  /** -1 for what is not in sight. */
  readonly indexOf: (place: TreePlace) => number;
}

export function keyOf(folder: string, path: string): string {
  return `${folder}\0${path}`;
}

/** The other way round. */
export function placeOf(key: string): TreePlace {
  const end = key.indexOf('\0');
  return { folder: key.slice(0, end), path: key.slice(end + 1) };
}

/** Where in its kept folder a row stands. */
export function placeOfRow({ folder, entry }: TreeRow): TreePlace {
  return { folder, path: entry?.path ?? '' };
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** From the top down, without the kept folder itself. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

export function opened(tree: FileTree, key: string, isOpen: boolean): FileTree {
  if (tree.open.has(key) === isOpen) return tree;
  const open = new Set(tree.open);
  if (isOpen) open.add(key);
  else open.delete(key);
  return { ...tree, open };
}

/** What a folder holds, as far as it is known. The tree stays the same one where nothing in it is another. */
export function withEntries(tree: FileTree, key: string, entries: readonly ListedEntry[]): FileTree {
  const before = tree.held.get(key);
  const kept = before === undefined ? entries : entries.map((entry, index) => sameOr(before[index], entry));
  if (before?.length === kept.length && kept.every((entry, index) => entry === before[index])) return tree;
  return { ...tree, held: new Map(tree.held).set(key, kept) };
}

/** The entry that was known where it says the same: its row need not be made anew. */
function sameOr(before: ListedEntry | undefined, entry: ListedEntry): ListedEntry {
  if (before === entry) return entry;
  return before?.path === entry.path &&
    before.kind === entry.kind &&
    before.sizeBytes === entry.sizeBytes &&
    before.mtimeMs === entry.mtimeMs &&
    before.state === entry.state
    ? before
    : entry;
}

/** Whether a folder is open and so is everything above it. */
export function isInSight(tree: FileTree, { folder, path }: TreePlace): boolean {
  const above = path === '' ? [] : ['', ...foldersAbove(path)];
  return [...above, path].every((one) => tree.open.has(keyOf(folder, one)));
}

/** Rows that follow each other and stand in one folder. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly folder: string;
  readonly level: number;
  readonly parent: string;
  /** null for a kept folder itself. */
  readonly entries: readonly ListedEntry[] | null;
  /** Which of the entries the first row shows; of kept folders, which of them this is. */
  readonly from: number;
}

/** The rows in sight order: each open folder is followed by what it holds. It costs what is open, not how much that holds. */
export function rowsOf(tree: FileTree, folders: readonly string[]): TreeRows {
  const openBelow = Map.groupBy(
    [...tree.open].map(placeOf).filter(({ path }) => path !== ''),
    ({ folder, path }) => keyOf(folder, parentOf(path)),
  );
  const spans: Span[] = [];
  let count = 0;
  const push = (span: Omit<Span, 'start' | 'end'>, length: number): void => {
    if (length === 0) return;
    spans.push({ ...span, start: count, end: count + length });
    count += length;
  };
  const visit = (folder: string, path: string, level: number): void => {
    const key = keyOf(folder, path);
    const entries = tree.held.get(key) ?? [];
    const open = new Set(openBelow.get(key)?.map((place) => place.path));
    const span = { folder, level, parent: path, entries };
    let from = 0;
    if (open.size > 0)
      entries.forEach((entry, index) => {
        if (entry.kind !== 'folder' || !open.has(entry.path)) return;
        push({ ...span, from }, index + 1 - from);
        from = index + 1;
        visit(folder, entry.path, level + 1);
      });
    push({ ...span, from }, entries.length - from);
  };
  folders.forEach((folder, index) => {
    push({ folder, level: 1, parent: '', entries: null, from: index }, 1);
    if (tree.open.has(keyOf(folder, ''))) visit(folder, '', 2);
  });

  function at(index: number): TreeRow | null {
    const span = spans[spanAt(spans, index)];
    if (span === undefined) return null;
    const { folder, level, entries, from, start } = span;
    const place = from + index - start;
    if (entries === null) {
      const isOpen = tree.open.has(keyOf(folder, ''));
      return { folder, entry: null, level, isOpen, setSize: folders.length, position: place + 1 };
    }
    const entry = entries[place];
    if (entry === undefined) return null;
    const isOpen = entry.kind === 'folder' && tree.open.has(keyOf(folder, entry.path));
    return { folder, entry, level, isOpen, setSize: entries.length, position: place + 1 };
  }

  function indexOf({ folder, path }: TreePlace): number {
    const parent = parentOf(path);
    for (const span of spans) {
      if (span.folder !== folder) continue;
      if (span.entries === null && path === '') return span.start;
      if (span.entries === null || path === '' || span.parent !== parent) continue;
      for (let row = span.start; row < span.end; row++)
        if (span.entries[span.from + row - span.start]?.path === path) return row;
    }
    return -1;
  }

  return { count, at, indexOf };
}

/** Which span holds a row: the last that begins no later. -1 for a row that is none. */
function spanAt(spans: readonly Span[], index: number): number {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span === undefined) return -1;
    if (index < span.start) high = middle - 1;
    else if (index >= span.end) low = middle + 1;
    else return middle;
  }
  return -1;
}
