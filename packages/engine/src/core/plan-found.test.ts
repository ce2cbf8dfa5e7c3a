/* Rows that random trees found, each with what was wrong with the plan for them. */
import { expect, test } from 'vitest';
import { bringToRest, createGround } from './fixtures/carry-out.ts';
import { planRows } from './fixtures/plan-rows.ts';
import { bytes, named, nodeId, rowOf } from './fixtures/rows.ts';
import { isAlive, isSettled } from './settled.ts';
import type { NodeRow } from './tree.ts';

const fresh = { local: null, synced: null } as const;

/** Brings it all to rest and answers the names here, in the order of ids. */
function namesAtRest(...rows: readonly NodeRow[]): string[] {
  const disk = new Map(rows.flatMap(({ node, local }) => (local?.kind === 'file' ? [[node, bytes(1)] as const] : [])));
  const ground = createGround({ rows, disk });
  bringToRest(ground);
  const found = ground.rows();
  expect(found.filter((row) => !isSettled(row))).toEqual([]);
  for (const { local, remote } of found) expect(local?.name ?? null).toBe(isAlive(remote) ? remote.name : null);
  return found.flatMap(({ local }) => local?.name ?? []).sort();
}

test('a folder that is only renamed there does not go to the trash to make room', () => {
  const folder = named('c', { kind: 'folder', remote: { name: 'a', placeVersion: 2 } });
  const ours = named('a', { remote: null, synced: null });
  const theirs = rowOf({ node: nodeId('theirs'), ...fresh, remote: { name: 'c' } });
  const { down } = planRows([folder, ours, theirs]);
  expect(down.filter(({ op }) => op === 'trash')).toEqual([]);
  expect(namesAtRest(folder, ours, theirs)).toHaveLength(3);
});

test('what gives up a name in a circle is in the changeset of the circle', () => {
  const folder = named('folder', {
    kind: 'folder',
    local: { name: 'c' },
    remote: { name: 'a' },
    synced: { name: 'a' },
  });
  const inside = { parent: folder.node };
  const one = named('one', { local: { ...inside, name: 'a' }, remote: { name: 'c' }, synced: { name: 'c' } });
  const two = named('two', {
    local: { ...inside, name: 'c' },
    remote: { ...inside, name: 'a' },
    synced: { ...inside, name: 'a' },
  });
  const { up } = planRows([folder, one, two]);
  expect(up.map(({ node, joined }) => [node, joined])).toEqual([
    [folder.node, false],
    [one.node, true],
    [two.node, true],
  ]);
  expect(namesAtRest(folder, one, two)).toEqual(['a', 'c', 'c']);
});

test('a name held by what was deleted along with a folder does not keep the folder from coming back', () => {
  const folder = named('b', { kind: 'folder', local: { name: 'a' }, remote: { hidden: true, placeVersion: 2 } });
  const file = named('file', {
    local: { parent: folder.node, name: 'b' },
    remote: { name: 'a' },
    synced: { name: 'a' },
  });
  const theirs = rowOf({
    node: nodeId('theirs'),
    ...fresh,
    remote: { parent: folder.node, name: 'b', hiddenAbove: true },
  });
  expect(namesAtRest(folder, file, theirs)).toEqual(['a', 'b', 'b (conflict, Laptop, 1970-01-01 00.00)']);
});

test('a folder that takes the name of the deleted one it was in takes it in one changeset', () => {
  const outer = named('outer', { kind: 'folder', local: null, remote: { name: 'a' }, synced: { name: 'a' } });
  const was = { parent: outer.node, name: 'a' };
  const inner = named('inner', { kind: 'folder', local: { name: 'a' }, remote: was, synced: was });
  expect(planRows([outer, inner]).up).toEqual([
    { node: inner.node, place: 'place', content: false, attributes: false, joined: false },
    { node: outer.node, place: 'hide', content: false, attributes: false, joined: true },
  ]);
  expect(namesAtRest(outer, inner)).toEqual(['a']);
});

test('a deleted folder waits for what leaves it with bytes to be sent', () => {
  const outer = named('outer', { kind: 'folder', local: null, remote: { name: 'a' }, synced: { name: 'a' } });
  const was = { parent: outer.node, name: 'f' };
  const edited = named('edited', { local: { name: 'a', content: null }, remote: was, synced: was });
  const { up, waiting } = planRows([outer, edited]);
  expect(up).toEqual([{ node: edited.node, place: null, content: true, attributes: false, joined: false }]);
  expect(waiting.get(outer.node)).toBe('next');
});

test('folders put into each other on both sides and deleted there go on as new ones', () => {
  const one = named('b', {
    kind: 'folder',
    local: { parent: nodeId('a'), name: 'a' },
    remote: { hidden: true, placeVersion: 2 },
  });
  const other = named('a', { kind: 'folder', remote: { parent: one.node, hiddenAbove: true, placeVersion: 2 } });
  expect(namesAtRest(one, other)).toEqual(['a', 'a']);
});
