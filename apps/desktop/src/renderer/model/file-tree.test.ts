import type { ListedEntry } from '@onefold/control';
import { expect, test } from 'vitest';
import {
  EMPTY_TREE,
  foldersAbove,
  isInSight,
  keyOf,
  opened,
  parentOf,
  placeOf,
  placeOfRow,
  rowsOf,
  withEntries,
} from './file-tree.ts';
import type { TreeRow, TreeRows } from './file-tree.ts';

function entry(path: string, kind: ListedEntry['kind'] = 'file'): ListedEntry {
  return { path, kind, sizeBytes: 1, mtimeMs: 0, state: 'safe' };
}

function all(rows: TreeRows): readonly TreeRow[] {
  return Array.from({ length: rows.count }, (_, index) => rows.at(index)!);
}

const ROOT = keyOf('/f', '');

/** /f holds a (a/x, a/y), b and c (c/z); a and c are open. */
function grown() {
  let tree = withEntries(opened(EMPTY_TREE, ROOT, true), ROOT, [
    entry('a', 'folder'),
    entry('b'),
    entry('c', 'folder'),
  ]);
  tree = withEntries(opened(tree, keyOf('/f', 'a'), true), keyOf('/f', 'a'), [entry('a/x'), entry('a/y')]);
  return withEntries(opened(tree, keyOf('/f', 'c'), true), keyOf('/f', 'c'), [entry('c/z')]);
}

test('what an open folder holds follows it, and a closed one keeps its own to itself', () => {
  const rows = rowsOf(grown(), ['/f', '/g']);
  expect(all(rows).map((row) => [row.entry?.path ?? row.folder, row.level, row.position, row.setSize])).toEqual([
    ['/f', 1, 1, 2],
    ['a', 2, 1, 3],
    ['a/x', 3, 1, 2],
    ['a/y', 3, 2, 2],
    ['b', 2, 2, 3],
    ['c', 2, 3, 3],
    ['c/z', 3, 1, 1],
    ['/g', 1, 2, 2],
  ]);
  expect([rows.at(-1), rows.at(8)]).toEqual([null, null]);
  expect(all(rowsOf(opened(grown(), ROOT, false), ['/f']))).toMatchObject([{ entry: null, isOpen: false }]);
  expect(rowsOf(EMPTY_TREE, []).count).toBe(0);
});

test('a row is found by its place, and one that is out of sight is not', () => {
  const rows = rowsOf(grown(), ['/f', '/g']);
  all(rows).forEach((row, index) => expect(rows.indexOf(placeOfRow(row))).toBe(index));
  expect(rows.indexOf({ folder: '/f', path: 'a/z' })).toBe(-1);
  expect(rows.indexOf({ folder: '/g', path: 'a' })).toBe(-1);
  expect(rowsOf(opened(grown(), keyOf('/f', 'a'), false), ['/f']).indexOf({ folder: '/f', path: 'a/x' })).toBe(-1);
});

test('a hundred thousand entries are not gone through to show a few of them', () => {
  let looks = 0;
  const many = new Proxy(
    Array.from({ length: 100_000 }, (_, index) => entry(`file-${index}`)),
    {
      get(target, key, receiver) {
        if (typeof key === 'string' && /^\d+$/u.test(key)) looks++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    },
  );
  const tree = { held: new Map([[ROOT, many]]), open: new Set([ROOT]) };
  const rows = rowsOf(tree, ['/f']);
  expect(rows.count).toBe(100_001);
  expect(rows.at(70_001)?.entry?.path).toBe('file-70000');
  expect(looks).toBe(1);
});

test('entries that say what was known stay the same ones, and a tree with nothing new in it too', () => {
  const tree = withEntries(EMPTY_TREE, ROOT, [entry('a'), entry('b')]);
  expect(withEntries(tree, ROOT, [entry('a'), entry('b')])).toBe(tree);
  const changed = withEntries(tree, ROOT, [entry('a'), { ...entry('b'), state: 'waiting' }]);
  expect(changed.held.get(ROOT)?.[0]).toBe(tree.held.get(ROOT)?.[0]);
  expect(changed.held.get(ROOT)?.[1]?.state).toBe('waiting');
  expect(withEntries(tree, ROOT, [entry('a')]).held.get(ROOT)).toEqual([entry('a')]);
  expect(withEntries(tree, ROOT, []).held.get(ROOT)).toEqual([]);
  expect(opened(tree, ROOT, false)).toBe(tree);
});

test('what stands below a closed folder is out of sight', () => {
  const tree = grown();
  expect(isInSight(tree, { folder: '/f', path: 'a' })).toBe(true);
  expect(isInSight(opened(tree, ROOT, false), { folder: '/f', path: 'a' })).toBe(false);
  expect(isInSight(tree, { folder: '/f', path: 'a/deep' })).toBe(false);
});

test('two folders with a path of the same name are two rows, and a key tells its place', () => {
  expect(keyOf('/f', 'g/a')).not.toBe(keyOf('/f/g', 'a'));
  expect(placeOf(keyOf('/f', 'g/a'))).toEqual({ folder: '/f', path: 'g/a' });
  expect([parentOf('a/b c/d'), parentOf('a')]).toEqual(['a/b c', '']);
});

test('the folders above a path are told from the top down', () => {
  expect(foldersAbove('a/b c/d.txt')).toEqual(['a', 'a/b c']);
  expect(foldersAbove('d.txt')).toEqual([]);
});
