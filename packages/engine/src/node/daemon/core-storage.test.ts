import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SizedFile, SizedFolder, Sizes } from '../../sync/usage.ts';
import { mapOf } from './core-storage.ts';

const NOTHING = { sizeBytes: 0, count: 0 };

function nodeOf(name: string): NodeId {
  return name === '' ? ROOT_NODE : (name as NodeId);
}

/** Folders by their path, and the files right in each. */
function sizesOf(tree: Readonly<Record<string, readonly SizedFile[]>>): Sizes {
  const folders = Object.entries(tree).map(([path, files]): [NodeId, SizedFolder] => {
    const at = path.lastIndexOf('/');
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return [
      nodeOf(path),
      {
        name: path.slice(at + 1),
        parent: nodeOf(path.slice(0, Math.max(0, at))),
        sizeBytes,
        count: files.length,
        largest: [...files].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, 40),
        kinds: new Map([['documents', { sizeBytes, count: files.length }]]),
      },
    ];
  });
  return { folders: new Map(folders), deleted: NOTHING, trash: NOTHING };
}

const file = (name: string, sizeBytes: number): SizedFile => ({ name, sizeBytes });

describe('what takes the space', () => {
  test('the parts of a folder are together as large as it is, whatever is too small to be named', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 1e6 }), { maxLength: 60 }), { minLength: 1, maxLength: 6 }),
        (levels) => {
          const paths = levels.map((_, depth) => Array.from({ length: depth }, (__, i) => `f${i}`).join('/'));
          const tree = Object.fromEntries(
            levels.map((sizes, depth) => [paths[depth], sizes.map((size, i) => file(`${i}.txt`, size))]),
          );
          const { parts, kinds } = mapOf(sizesOf(tree), ROOT_NODE, '');
          const all = levels.flat();
          const whole = all.reduce((sum, size) => sum + size, 0);
          expect(parts[0]).toMatchObject({ id: 0, parent: null, sizeBytes: whole, count: all.length });
          expect(kinds.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(whole);
          for (const part of parts) {
            const inside = parts.filter(({ parent }) => parent === part.id);
            if (inside.length === 0) continue;
            expect(inside.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(part.sizeBytes);
            expect(inside.every(({ id }) => id > part.id)).toBe(true);
          }
        },
      ),
    );
  });

  test('a folder inside is asked for by itself, three levels deep, with paths from the kept folder', () => {
    const tree = {
      '': [file('top.txt', 9)],
      a: [],
      'a/b': [],
      'a/b/c': [],
      'a/b/c/d': [],
      'a/b/c/d/e': [file('x', 7)],
    };
    const { parts } = mapOf(sizesOf(tree), nodeOf('a'), 'a');
    expect(parts.map(({ path, sizeBytes, kind }) => [path, sizeBytes, kind])).toEqual([
      ['a', 7, 'folder'],
      ['a/b', 7, 'folder'],
      ['a/b/c', 7, 'folder'],
      ['a/b/c/d', 7, 'folder'],
    ]);
  });

  test('of very many only the largest are named, the rest is one part', () => {
    const many = Array.from({ length: 40 }, (_, i) => file(`${i}.bin`, 1000 + i));
    const { parts } = mapOf(sizesOf({ '': many }), ROOT_NODE, '');
    expect(parts).toHaveLength(26);
    expect(parts[1]).toMatchObject({ name: '39.bin', kind: 'file', sizeBytes: 1039 });
    expect(parts.at(-1)).toMatchObject({ kind: 'rest', name: '', count: 16 });
  });

  test('a folder that holds nothing is one part of nothing', () => {
    expect(mapOf(sizesOf({ '': [] }), ROOT_NODE, '')).toEqual({
      parts: [{ id: 0, parent: null, name: '', path: '', kind: 'folder', ...NOTHING }],
      kinds: [],
    });
  });
});
