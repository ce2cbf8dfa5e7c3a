import { ROOT_NODE } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import { withPlanner } from './fixtures/plan-rows.ts';
import { file, folder } from './fixtures/plan-stories.ts';
import { here, named, nodeId, rowOf } from './fixtures/rows.ts';
import {
  chainHere,
  chainSent,
  chainThere,
  freeConflictName,
  isAdoptable,
  isUntickedGround,
  parentSent,
  putAside,
  rescuerOf,
  whyLeftAlone,
  type Planner,
} from './planner.ts';
import type { NodeRow } from './tree.ts';

const [A, F, G] = [nodeId('a'), nodeId('f'), nodeId('g')];
const MARK = '(conflict, Laptop, 1970-01-01 00.00';

describe('the name of a conflict copy', () => {
  test('is one that nobody has here or there, and that was not given away before', () => {
    const rows = [file('b', `x ${MARK})`, '-', '-'), file('c', '-', `x ${MARK} 2)`, '-')];
    const two = withPlanner(rows, (planner) => [1, 2].map(() => freeConflictName(planner, ROOT_NODE, 'x', false)));
    expect(two).toEqual([`x ${MARK} 3)`, `x ${MARK} 4)`]);
  });

  test('is free in another folder', () => {
    const rows = [file('b', `x ${MARK})`, '-', '-')];
    expect(withPlanner(rows, (planner) => freeConflictName(planner, F, 'x', false))).toBe(`x ${MARK})`);
  });
});

describe('what is put aside', () => {
  const put = (row: NodeRow, before: (planner: Planner) => void = () => undefined): Planner =>
    withPlanner([row], (planner) => {
      before(planner);
      putAside(planner, row);
      return planner;
    });

  test('waits for its new name, and does nothing else', () => {
    const { setAside, waiting, down, up } = put(file('a', 'x.d', '-', '-'), ({ down, up }) => {
      down.set(A, { op: 'trash', node: A });
      up.set(A, { node: A, place: 'create', after: [] });
    });
    expect([...setAside]).toEqual([[A, `x ${MARK}).d`]]);
    expect([[...waiting], down.size, up.size]).toEqual([[[A, 'next']], 0, 0]);
  });

  test('keeps the ending of its name, unless it is a folder', () => {
    expect([...put(folder('a', 'x.d', '-', '-')).setAside.values()]).toEqual([`x.d ${MARK})`]);
  });

  test('is put aside once, and only if it is here', () => {
    const once = put(file('a', 'x', '-', '-'), ({ setAside }) => setAside.set(A, 'y'));
    expect([[...once.setAside], once.waiting.size]).toEqual([[[A, 'y']], 0]);
    expect(put(file('a', '-', 'x', 'x')).setAside.size).toBe(0);
  });
});

describe('made here and there under one name', () => {
  const mine = file('a', 'x', '-', '-');
  const theirs = file('b', '-', 'x', '-');
  test('they may be one', () => expect(isAdoptable(mine, theirs)).toBe(true));
  test.each([
    ['the journal knows mine', file('a', 'x', 'y', '-'), theirs],
    ['mine was synced', file('a', 'x', '-', 'x'), theirs],
    ['mine is not here', file('a', '-', '-', '-'), theirs],
    ['theirs is here', mine, file('b', 'y', 'x', '-')],
    ['theirs is deleted', mine, file('b', '-', 'x!', '-')],
    ['theirs is another kind of thing', mine, folder('b', '-', 'x', '-')],
    ['theirs does not open', mine, rowOf({ local: null, remote: { quarantined: true }, synced: null })],
    ['theirs is not to be here', mine, file('b', '-', 'x~', '-')],
  ])('not where %s', (_name, a, b) => expect(isAdoptable(a, b)).toBe(false));
});

describe('the way up from a folder', () => {
  const rows = [folder('f', 'f', 'g/f', 'g/f'), folder('g', 'g', 'g', 'g'), folder('a', 'f/a', 'a', 'a')];
  const ids = (chain: readonly NodeRow[] | null): unknown => chain?.map(({ node }) => node) ?? null;
  const ways = (
    from: typeof A,
    to: typeof A,
    about: readonly NodeRow[] = rows,
    before: (planner: Planner) => void = () => undefined,
  ): unknown[] =>
    withPlanner(about, (planner) => {
      before(planner);
      return [chainHere, chainThere, chainSent].map((way) => ids(way(planner, from, to)));
    });

  test('leads to what it lies in: here, in the journal with all that moved here, and with what is sent so far', () => {
    expect(ways(F, G)).toEqual([null, null, [F, G]]);
    expect(ways(A, F)).toEqual([[A, F], [A, F], null]);
    expect(ways(F, F)).toEqual([[F], [F], [F]]);
    expect(ways(ROOT_NODE, F)).toEqual([null, null, null]);
  });

  test('goes by what the plan has placed', () => {
    expect(
      ways(A, G, rows, ({ down, up }) => {
        down.set(F, { op: 'move', node: F, parent: G, name: 'f' });
        up.set(A, { node: A, place: 'place', after: [] });
      }),
    ).toEqual([[A, F, G], null, [A, F, G]]);
    // What only leaves says nothing of a new place.
    expect(
      ways(A, F, rows, ({ down, up }) => {
        down.set(A, { op: 'trash', node: A });
        up.set(A, { node: A, place: 'hide', after: [] });
      }),
    ).toEqual([[A, F], [A, F], null]);
  });

  test('goes by the other side where one has nothing', () => {
    expect(ways(A, F, [folder('a', '-', 'f/a', '-'), folder('f', 'f', '-', '-')])).toEqual([
      [A, F],
      [A, F],
      [A, F],
    ]);
    expect(ways(A, F, [folder('a', 'f/a', '-', '-'), folder('f', 'f', 'f', 'f')])).toEqual([[A, F], [A, F], null]);
    expect(ways(A, F, [folder('a', '-', '-', 'f/a'), folder('f', 'f', 'f', 'f')])).toEqual([null, null, null]);
  });

  test('ends in a circle, and where nothing is known', () => {
    expect(ways(F, A, [folder('f', 'g/f', 'g/f', 'g/f'), folder('g', 'f/g', 'f/g', 'f/g')])).toEqual([
      null,
      null,
      null,
    ]);
    expect(ways(F, A, [])).toEqual([null, null, null]);
  });
});

test('the folder of a node is that which is sent, if its place is', () => {
  const row = folder('a', 'f/a', 'g/a', 'g/a');
  const parent = (about: NodeRow, place?: 'place' | 'hide'): unknown =>
    withPlanner([], (planner) => {
      if (place !== undefined) planner.up.set(about.node, { node: about.node, place, after: [] });
      return parentSent(planner, about);
    });
  expect([parent(row), parent(row, 'place'), parent(row, 'hide')]).toEqual([G, F, G]);
  expect([parent(folder('a', '-', '-', 'a')), parent(folder('a', '-', 'g/a', '-'), 'place')]).toEqual([
    ROOT_NODE,
    ROOT_NODE,
  ]);
});

test('what only waits for its turn is not left alone', () => {
  const rows = [named('a'), named('f'), named('g')];
  const why = (...waiting: (readonly [typeof A, 'next' | 'covered' | 'parked' | 'ignored'])[]): unknown =>
    withPlanner([], (planner) => {
      for (const [node, reason] of waiting) planner.waiting.set(node, reason);
      return whyLeftAlone(planner, rows);
    });
  expect([why(), why([A, 'next'], [F, 'covered']), why([A, 'next'], [G, 'parked'])]).toEqual([null, null, 'parked']);
  expect(why([F, 'ignored'], [G, 'parked'])).toBe('ignored');
});

test('a place is of a folder that is not to be here if the nearest folder that the journal knows is', () => {
  const rows = [
    folder('f', 'f', 'f~', 'f'),
    folder('g', 'f/g', '-', '-'),
    folder('h', 'h', 'h', 'h'),
    folder('i', 'h/i', '-', '-'),
    folder('j', 'j', '-', '-'),
    rowOf({ node: nodeId('k'), local: here({ kind: 'folder', parent: nodeId('l') }), remote: null, synced: null }),
    rowOf({ node: nodeId('l'), local: here({ kind: 'folder', parent: nodeId('k') }), remote: null, synced: null }),
    folder('m', '-', '-', '-'),
  ];
  const of = (id: string): boolean => withPlanner(rows, (planner) => isUntickedGround(planner, nodeId(id)));
  expect(['f', 'g', 'h', 'i', 'j', 'k', 'm', 'nobody'].map(of)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(withPlanner(rows, (planner) => isUntickedGround(planner, ROOT_NODE))).toBe(false);
});

describe('what is hidden with a folder above that was moved here', () => {
  const rescuer = (...rows: NodeRow[]): unknown => withPlanner(rows, (planner) => rescuerOf(planner, rows[0]!)?.node);
  const inside = file('a', 'f/a', 'f/a^', 'f/a');
  test('is brought back with it', () => {
    expect(rescuer(inside, folder('f', 'z', 'f!', 'f'))).toBe(F);
    expect(
      rescuer(file('a', 'g/a', 'g/a^', 'g/a'), folder('g', 'f/g', 'f/g^', 'f/g'), folder('f', 'z', 'f!', 'f')),
    ).toBe(F);
  });
  test.each([
    ['was not moved', [inside, folder('f', 'f', 'f!', 'f')]],
    ['is not here', [inside, folder('f', '-', 'f!', 'f')]],
    ['was never synced', [inside, folder('f', 'z', 'f!', '-')]],
    ['is not known', [inside]],
    [
      'has nothing to do with it, since it was deleted itself',
      [file('a', 'f/a', 'f/a!', 'f/a'), folder('f', 'z', 'f!', 'f')],
    ],
    ['is none, since it moved itself', [file('a', 'z', 'a^', 'a'), folder('f', 'z', 'f!', 'f')]],
    [
      'lies above one that was deleted itself',
      [file('a', 'g/a', 'g/a^', 'g/a'), folder('g', 'f/g', 'f/g!', 'f/g'), folder('f', 'z', 'f!', 'f')],
    ],
    ['is not in the journal', [file('a', 'f/a', '-', 'f/a')]],
  ])('not where that %s', (_name, rows) => expect(rescuer(...rows)).toBe(undefined));
});
