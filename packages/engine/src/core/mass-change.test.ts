import { describe, expect, test } from 'vitest';
import { bytes, link, rowOf } from './fixtures/rows.ts';
import { destructionOf, findFocus, isMassChange, isPossibleRewrite, MASS_WINDOW_MS } from './mass-change.ts';

describe('what carrying a row on would destroy', () => {
  const theirs = { content: bytes(3), contentVersion: 2 };
  test.each([
    ['deleted here', rowOf({ local: null }), { direction: 'up', what: 'delete' }],
    ['deleted there', rowOf({ remote: { hidden: true } }), { direction: 'down', what: 'delete' }],
    ['edited here', rowOf({ local: { content: bytes(2) } }), { direction: 'up', what: 'rewrite' }],
    ['edited there', rowOf({ remote: theirs }), { direction: 'down', what: 'rewrite' }],
    ['edited on both sides', rowOf({ local: { content: bytes(2) }, remote: theirs }), null],
    ['the same edit on both sides', rowOf({ local: { content: bytes(3) }, remote: theirs }), null],
    ['not read yet', rowOf({ local: { content: null } }), null],
    ['moved here', rowOf({ local: { name: 'b' } }), null],
    ['moved there', rowOf({ remote: { name: 'b', placeVersion: 2 } }), null],
    ['only here', rowOf({ remote: null, synced: null }), null],
    ['only there', rowOf({ local: null, synced: null }), null],
    ['never synced', rowOf({ local: { content: bytes(2) }, synced: null }), null],
    ['brought back', rowOf({ local: { content: bytes(2) }, remote: { hidden: true } }), null],
    ['sent already, and lost there', rowOf({ remote: { content: bytes(5) } }), null],
    ['at rest', rowOf(), null],
  ])('%s', (_name, row, expected) => expect(destructionOf(row)).toEqual(expected));
});

test('an edit whose bytes are not known may be a rewrite', () => {
  const unread = { content: null };
  expect(isPossibleRewrite(rowOf({ local: unread }))).toBe(true);
  expect(isPossibleRewrite(rowOf())).toBe(false);
  expect(isPossibleRewrite(rowOf({ local: null }))).toBe(false);
  expect(isPossibleRewrite(rowOf({ local: unread, synced: null }))).toBe(false);
  expect(isPossibleRewrite(rowOf({ local: unread, remote: { hidden: true } }))).toBe(false);
  const linked = { kind: 'link' } as const;
  expect(
    isPossibleRewrite(
      rowOf({
        local: { ...linked, content: null },
        remote: { ...linked, content: link('x') },
        synced: { ...linked, content: link('x') },
      }),
    ),
  ).toBe(false);
});

test.each([
  [501, 1_000_000, true],
  [500, 1_000_000, false],
  [50, 99, true],
  [50, 100, false],
  [49, 49, false],
  [51, 100, true],
])('%i of %i', (count, total, isMany) => expect(isMassChange(count, total)).toBe(isMany));

test('are counted over ten minutes', () => expect(MASS_WINDOW_MS).toBe(600_000));

describe('where many changes lie', () => {
  const chains = (count: number, ...path: string[]) =>
    Array.from({ length: count }, (_, i) => [...path, `${path.join()}${i}`]);

  test('is the deepest folder that holds four fifths of them', () => {
    expect(findFocus([...chains(8, 'a', 'b', 'c'), ...chains(2, 'x')])).toBe('c');
    expect(findFocus([...chains(7, 'a', 'b'), ...chains(3, 'x')])).toBeNull();
    expect(findFocus([...chains(4, 'a', 'b'), ...chains(4, 'a', 'c'), ...chains(2, 'x')])).toBe('a');
  });

  test('counts only what lies in the folders above', () => {
    expect(findFocus([...chains(8, 'a'), ...chains(2, 'x', 'a0')])).toBe('a');
    expect(findFocus([['a'], ['a'], ['a'], ['a'], ['x', 'c'], ...Array.from({ length: 5 }, () => ['a', 'b'])])).toBe(
      'a',
    );
  });

  test('of one is itself, of none is everything', () => {
    expect(findFocus([['a', 'b']])).toBe('b');
    expect(findFocus([])).toBeNull();
  });
});
