import { ROOT_NODE } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import { inputOf } from './fixtures/plan-rows.ts';
import { bytes, named, nodeId, rowOf } from './fixtures/rows.ts';
import { childKey, createPlanView, MAX_DEPTH, verdictOf, weightier } from './plan-view.ts';
import type { NodeRow } from './tree.ts';

const A = nodeId('a');
const inFolder = (name: string, parent: string): NodeRow => named(name, { kind: 'folder', parent: nodeId(parent) });

describe('what was not loaded', () => {
  test('is asked for once it is looked up, and absent until then', () => {
    const view = createPlanView(inputOf([]));
    expect([
      view.row(A),
      view.localChild(ROOT_NODE, 'a'),
      view.remoteChild(A, 'b'),
      view.localChildren(A),
      view.movers(A),
      view.verdict(A),
    ]).toEqual([undefined, undefined, undefined, [], [], 'waits']);
    expect(view.needs).toEqual([
      { kind: 'row', node: A },
      { kind: 'local-child', parent: ROOT_NODE, name: 'a' },
      { kind: 'remote-child', parent: A, name: 'b' },
      { kind: 'local-children', parent: A },
      { kind: 'verdict', folder: A },
    ]);
  });

  test('is not asked for where it is known that there is nothing', () => {
    const input = inputOf([]);
    input.rows.set(A, undefined);
    input.localChild.set(childKey(ROOT_NODE, 'a'), undefined);
    input.remoteChild.set(childKey(A, 'b'), undefined);
    input.verdicts.set(A, 'held');
    const view = createPlanView(input);
    expect([view.row(A), view.localChild(ROOT_NODE, 'a'), view.remoteChild(A, 'b'), view.verdict(A)]).toEqual([
      undefined,
      undefined,
      undefined,
      'held',
    ]);
    expect(view.needs).toEqual([]);
  });

  test('among the children of a folder is left out', () => {
    const input = inputOf([named('x')]);
    input.localChildren.set(ROOT_NODE, [A, nodeId('x')]);
    const view = createPlanView(input);
    expect(view.localChildren(ROOT_NODE).map(({ node }) => node)).toEqual([nodeId('x')]);
    expect(view.needs).toEqual([{ kind: 'row', node: A }]);
  });
});

test('a row is compared and decided about once', () => {
  const edit = { content: bytes(2) };
  const view = createPlanView(inputOf([named('a', { local: edit, remote: { ...edit, contentVersion: 2 } })]));
  const row = view.row(A)!;
  expect(row.synced!.contentVersion).toBe(2);
  expect(view.row(A)).toBe(row);
  expect(view.decision(row)).toBe(view.decision(row));
});

describe('paths', () => {
  test('are those of either side', () => {
    const view = createPlanView(
      inputOf([inFolder('f', ROOT_NODE), named('a', { parent: nodeId('f'), local: { name: 'b', parent: ROOT_NODE } })]),
    );
    const row = view.row(A)!;
    for (let twice = 0; twice < 2; twice++) expect([view.localPath(row), view.remotePath(row)]).toEqual(['b', 'f/a']);
  });

  test('are none of what is not there, has no name that can be read, or lies in such', () => {
    const sealed = named('f', { kind: 'folder', remote: { name: null }, local: null, synced: null });
    const input = inputOf([
      sealed,
      named('a', { parent: nodeId('f') }),
      named('b', { parent: nodeId('g') }),
      inFolder('h', ROOT_NODE),
      named('c', { parent: nodeId('h'), remote: { name: null } }),
    ]);
    input.rows.set(nodeId('g'), undefined);
    const view = createPlanView(input);
    expect(view.remotePath(view.row(nodeId('c'))!)).toBeNull();
    const [folder, a, b] = [view.row(nodeId('f'))!, view.row(A)!, view.row(nodeId('b'))!];
    expect([view.localPath(folder), view.remotePath(folder)]).toEqual([null, null]);
    expect([view.localPath(a), view.remotePath(a), view.localPath(b)]).toEqual([null, null, null]);
  });

  test('end where folders go round in a circle, and not before any that a system takes', () => {
    const circle = createPlanView(inputOf([inFolder('f', 'g'), inFolder('g', 'f')]));
    expect(circle.localPath(circle.row(nodeId('f'))!)).toBeNull();
    const deep = Array.from({ length: MAX_DEPTH + 2 }, (_, i) => inFolder(`n${i}`, i === 0 ? ROOT_NODE : `n${i - 1}`));
    const depthOf = (i: number): number | undefined => {
      const view = createPlanView(inputOf(deep));
      return view.remotePath(view.row(nodeId(`n${i}`))!)?.split('/').length;
    };
    expect([depthOf(MAX_DEPTH), depthOf(MAX_DEPTH + 1)]).toEqual([MAX_DEPTH + 1, undefined]);
  });
});

describe('what deleting a folder there would take along', () => {
  const gone = { local: null };
  test.each([
    ['what was deleted there already', rowOf({ remote: { hidden: true } }), false, false, 'deletable'],
    ['an entry that does not open', rowOf({ ...gone, remote: { quarantined: true } }), false, false, 'kept'],
    ['a mount', rowOf({ ...gone, remote: { kind: 'mount' } }), false, false, 'kept'],
    ['such an entry under an ignored name', rowOf({ ...gone, remote: { quarantined: true } }), false, true, 'kept'],
    ['a mount under an ignored name', rowOf({ ...gone, remote: { kind: 'mount' } }), false, true, 'kept'],
    ['what is not to be here', rowOf({ ...gone, remote: { unticked: true } }), false, false, 'held'],
    ['what is ignored', rowOf(gone), false, true, 'held'],
    ['what was deleted here', rowOf(gone), false, false, 'deletable'],
    ['what was deleted here, and waits for an answer', rowOf(gone), true, false, 'waits'],
    ['what was edited there meanwhile', rowOf({ ...gone, remote: { content: bytes(2) } }), false, false, 'kept'],
    ['what was moved out of it', rowOf({ local: { name: 'b' } }), false, false, 'waits'],
    ['what the journal moved', rowOf({ remote: { name: 'b' } }), false, false, 'kept'],
    ['what was edited here', rowOf({ local: { content: bytes(2) } }), false, false, 'kept'],
    ['what is only there', rowOf({ ...gone, synced: null }), false, false, 'kept'],
  ] as const)('%s', (_name, row, isParked, isIgnored, verdict) =>
    expect(verdictOf(row, isParked, isIgnored)).toBe(verdict),
  );

  test('is the weightiest of what is in it', () => {
    const order = ['deletable', 'waits', 'held', 'kept'] as const;
    for (const [i, a] of order.entries())
      for (const [j, b] of order.entries()) expect(weightier(a, b)).toBe(order[Math.max(i, j)]);
  });
});
