import type { ListedEntry } from '@onefold/control';
import { expect, test } from 'vitest';
import { foldersAbove, EMPTY_TREE, keyOf, opened, rowsOf, withPage } from './file-tree.ts';

function entry(path: string, kind: ListedEntry['kind'] = 'file'): ListedEntry {
  return { path, kind, sizeBytes: 1, mtimeMs: 0, state: 'safe' };
}

test('what an open folder holds follows it, and a closed one keeps its own to itself', () => {
  const root = keyOf('/f', '');
  let tree = withPage(opened(EMPTY_TREE, root, true), root, [entry('a', 'folder'), entry('b')], true);
  tree = withPage(opened(tree, keyOf('/f', 'a'), true), keyOf('/f', 'a'), [entry('a/x')], true);
  expect(rowsOf(tree, ['/f', '/g']).map((row) => [row.entry?.path ?? row.folder, row.level])).toEqual([
    ['/f', 1],
    ['a', 2],
    ['a/x', 3],
    ['b', 2],
    ['/g', 1],
  ]);
  expect(rowsOf(opened(tree, root, false), ['/f']).map((row) => row.key)).toEqual([root]);
});

test('later pages are added, a first page takes the place of what was known', () => {
  const root = keyOf('/f', '');
  const one = withPage(EMPTY_TREE, root, [entry('a')], true);
  expect(withPage(one, root, [entry('b')], false).held.get(root)).toHaveLength(2);
  expect(withPage(one, root, [entry('b')], true).held.get(root)).toEqual([entry('b')]);
});

test('two folders with a path of the same name are two rows', () => {
  expect(keyOf('/f', 'g/a')).not.toBe(keyOf('/f/g', 'a'));
});

test('the folders above a path are told from the top down', () => {
  expect(foldersAbove('a/b c/d.txt')).toEqual(['a', 'a/b c']);
  expect(foldersAbove('d.txt')).toEqual([]);
});
