/* Rows that random trees found, each with what was wrong with the plan for them. */
import { ROOT_NODE } from '@onefold/protocol';
import { expect, test } from 'vitest';
import { bringToRest, createGround } from './fixtures/carry-out.ts';
import { inputOf, planRows } from './fixtures/plan-rows.ts';
import { bytes, named, nodeId, rowOf } from './fixtures/rows.ts';
import { childKey } from './plan-view.ts';
import { plan } from './plan.ts';
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

test('bytes that nobody else has are kept when the move planned with them turns out to be impossible', () => {
  const outer = named('a', { kind: 'folder', remote: { hidden: true, placeVersion: 2 } });
  const was = { parent: outer.node };
  const edited = named('edited', {
    local: { ...was, name: 'e', content: bytes(2) },
    remote: { parent: nodeId('b'), name: 'e', placeVersion: 2, contentVersion: 2, content: bytes(3) },
    synced: { ...was, name: 'e' },
  });
  const parked = named('parked', {
    local: { ...was, name: 'p', content: null },
    remote: { ...was, name: 'p', hiddenAbove: true },
    synced: { ...was, name: 'p' },
  });
  const again = rowOf({ node: nodeId('b'), ...fresh, remote: { kind: 'folder', name: 'a' } });
  for (const rows of [
    [edited, outer, parked, again],
    [again, outer, edited, parked],
  ]) {
    const { down } = planRows(rows, { isParked: (node) => node === parked.node });
    for (const operation of down) if (operation.op === 'replace') expect(operation.keepAs).not.toBe(null);
  }
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

/** A folder here at one place and in the journal at another, where it was synced. */
function movedHere(id: string, here: object, was: object): NodeRow {
  return named(id, { kind: 'folder', local: here, remote: was, synced: was });
}

test('a folder goes into what was inside it only after that was said to have left', () => {
  const outer = movedHere('outer', { parent: nodeId('leaf'), name: 'a' }, { name: 'a' });
  const middle = movedHere('middle', { name: 'b' }, { parent: outer.node, name: 'a' });
  const leaf = named('leaf', { kind: 'folder', parent: middle.node });
  expect(planRows([outer, middle, leaf]).up.map(({ node }) => node)).toEqual([middle.node, outer.node]);
  // Nor when only one of the two is due.
  expect(planRows([outer, middle, leaf], { due: [outer.node] }).up.map(({ node }) => node)).toEqual([
    middle.node,
    outer.node,
  ]);
  expect(namesAtRest(outer, middle, leaf)).toEqual(['a', 'b', 'leaf']);
});

test('a folder does not go into what was inside it while that is left alone', () => {
  const outer = movedHere('outer', { parent: nodeId('inner'), name: 'b' }, { name: 'b' });
  const inner = movedHere('inner', { name: 'a' }, { parent: outer.node, name: 'a' });
  const isParked = (node: string): boolean => node === inner.node;
  const isIgnored = (path: string): boolean => path.split('/').at(-1) === 'a';
  for (const [why, circumstances] of [
    ['parked', { isParked }],
    ['ignored', { isIgnored }],
  ] as const) {
    const { up, down, waiting } = planRows([outer, inner], circumstances);
    expect([up, down]).toEqual([[], []]);
    expect(waiting.get(outer.node)).toBe(why);
  }
  expect(namesAtRest(outer, inner)).toEqual(['a', 'b']);
});

test('what the journal moves out of the way has its turn before a move made here is taken back', () => {
  // The journal puts `outer` into `inner`, which it took out of it; neither was moved here.
  const outer = named('outer', { kind: 'folder', remote: { parent: nodeId('inner'), name: 'a', placeVersion: 2 } });
  const inner = named('inner', {
    kind: 'folder',
    local: { parent: outer.node },
    remote: { name: 'inner', placeVersion: 2 },
    synced: { parent: outer.node },
  });
  for (const due of [[outer.node], [inner.node, outer.node], undefined]) {
    const { up, down } = planRows([outer, inner], due === undefined ? {} : { due });
    expect(up).toEqual([]);
    expect(down.map(({ node }) => node)).toEqual([inner.node, outer.node]);
  }
});

test('a move made here that is left alone is not taken back for the sake of one that the journal made', () => {
  const parked = movedHere('parked', { parent: nodeId('moved'), name: 'a' }, { name: 'b' });
  const moved = named('moved', { kind: 'folder', remote: { parent: nodeId('held'), name: 'a', placeVersion: 2 } });
  const held = named('held', { kind: 'folder', parent: parked.node });
  const { down, waiting } = planRows([parked, moved, held], { isParked: (node) => node === parked.node });
  expect(down).toEqual([]);
  expect(waiting.get(moved.node)).toBe('parked');
  expect(namesAtRest(parked, moved, held)).toEqual(['a', 'b', 'held']);
});

test('a folder deleted here comes back for what was moved out of it, where the journal makes that move impossible', () => {
  const gone = named('gone', { kind: 'folder', local: null });
  const wanderer = named('wanderer', {
    kind: 'folder',
    local: { parent: nodeId('other') },
    remote: { parent: gone.node },
    synced: { parent: gone.node },
  });
  const other = named('other', { kind: 'folder', remote: { parent: wanderer.node, placeVersion: 2 } });
  const file = named('file', { parent: other.node });
  expect(namesAtRest(gone, wanderer, other, file)).toEqual(['file', 'gone', 'other', 'wanderer']);
});

test.each(['up', 'down'] as const)('names handed on through thousands of nodes are planned %s at once', (side) => {
  const count = 5_000;
  const rows = Array.from({ length: count }, (_, i) => {
    const [was, now] = [{ name: `n${i}` }, { name: `n${i + 1}` }];
    return rowOf({
      node: nodeId(`n${i}`),
      local: side === 'up' ? now : was,
      remote: side === 'up' ? was : { ...now, placeVersion: 2 },
      synced: was,
    });
  });
  const input = inputOf(rows);
  for (const { node, local, remote } of rows) {
    input.localChild.set(childKey(ROOT_NODE, local!.name), node);
    input.remoteChild.set(childKey(ROOT_NODE, remote!.name!), node);
  }
  const end = childKey(ROOT_NODE, `n${count}`);
  (side === 'up' ? input.remoteChild : input.localChild).set(end, undefined);
  const result = plan(input, [rows[0]!.node], false);
  if (result.outcome !== 'planned') throw new Error('everything was at hand');
  expect(result.plan[side].map(({ node }) => node)).toEqual(rows.map(({ node }) => node).reverse());
});

const isIgnored = (path: string): boolean => path.split('/').includes('ignored');

test('what is deleted here is said once, at the topmost folder, whichever node below it is looked at', () => {
  const top = named('top', { kind: 'folder', local: null });
  const inner = named('inner', { kind: 'folder', parent: top.node, local: null });
  const file = named('file', { parent: inner.node, local: null });
  const { up, waiting } = planRows([top, inner, file], { due: [file.node] });
  expect(up.map(({ node, place }) => [node, place])).toEqual([[top.node, 'hide']]);
  expect([...waiting]).toEqual([
    [inner.node, 'covered'],
    [file.node, 'covered'],
  ]);
});

test('what was deleted along with a folder that is left alone waits for the same reason', () => {
  const top = named('top', { kind: 'folder', local: null });
  const file = named('file', { parent: top.node, local: null });
  const { up, waiting } = planRows([top, file], { isParked: (node) => node === top.node });
  expect(up).toEqual([]);
  expect(waiting.get(file.node)).toBe('parked');
});

test('a folder deleted here stays in the journal for what was moved out of it under an ignored name', () => {
  const top = named('top', { kind: 'folder', local: null });
  const was = { parent: top.node, name: 'file' };
  const mover = named('file', { local: { name: 'ignored' }, remote: was, synced: was });
  const { up, waiting } = planRows([top, mover], { isIgnored });
  expect(up).toEqual([]);
  expect(waiting.get(top.node)).toBe('kept-there');
  const parked = planRows([top, mover], { isParked: (node) => node === mover.node });
  expect(parked.waiting.get(top.node)).toBe('parked');
  expect(namesAtRest(top, mover)).toEqual(['ignored']);
});

test('what a folder would bring back that is left alone waits as that folder does', () => {
  const folder = named('was', {
    kind: 'folder',
    local: { name: 'ignored' },
    remote: { hidden: true, placeVersion: 2 },
  });
  const file = named('file', { remote: { parent: folder.node, hiddenAbove: true, placeVersion: 2 } });
  const { down, waiting } = planRows([folder, file], { isIgnored });
  expect(down).toEqual([]);
  expect(waiting.get(file.node)).toBe('ignored');
});

test('an ignored folder in a folder deleted there is not deleted with it', () => {
  const top = named('top', { kind: 'folder', remote: { hidden: true, placeVersion: 2 } });
  const inner = named('ignored', { kind: 'folder', parent: top.node, remote: { hiddenAbove: true } });
  const { down, waiting } = planRows([top, inner], { isIgnored, withFolders: true });
  expect(down).toEqual([]);
  expect(waiting.get(top.node)).toBe('ignored');
});

test('a name that a file has there, which was moved where nothing is said of it, is not waited for', () => {
  const ground = named('ground', { kind: 'folder', remote: { unticked: true } });
  const moved = named('a', { local: { parent: ground.node }, remote: { name: 'a' } });
  const fresh = rowOf({ node: nodeId('new'), local: { name: 'a' }, remote: null, synced: null });
  expect(planRows([ground, moved, fresh]).setAside.map(({ node }) => node)).toEqual([fresh.node]);
});
