import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { Waiting } from './operation.ts';
import { chainHere, isAdoptable, putAside, rescuerOf, whyLeftAlone, type Asking, type Planner } from './planner.ts';
import { isAlive, isSettled } from './settled.ts';
import type { NodeRow } from './tree.ts';

/**
 * Gives a node the place that the journal says. Registers a `create` or `move`, or makes it wait. Registered before its own conditions are
 * looked at, so that two nodes that change names see each other leave; what turns out impossible is taken out again.
 */
export function* planDownPlace(planner: Planner, row: NodeRow): Asking<void> {
  const { remote, node } = row;
  if (!isAlive(remote) || remote.name === null) return wait(planner, node, 'blocked');
  if (planner.view.input.mode === 'send-only') return wait(planner, node, 'one-way');
  planner.waiting.delete(node);
  planner.down.set(node, {
    op: row.local === null ? 'create' : 'move',
    node,
    parent: remote.parent,
    name: remote.name,
  });
  const why = yield* findObstacle(planner, row, remote.parent);
  if (why !== null) wait(planner, node, why);
}

function wait(planner: Planner, node: NodeId, why: Waiting): void {
  planner.down.delete(node);
  planner.waiting.set(node, why);
}

function* findObstacle(planner: Planner, row: NodeRow, parent: NodeId): Asking<Waiting | null> {
  return (
    (yield* findParentObstacle(planner, parent)) ?? (yield* makeRoom(planner, row)) ?? (yield* breakCycle(planner, row))
  );
}

function* findParentObstacle(planner: Planner, parent: NodeId): Asking<Waiting | null> {
  if (parent === ROOT_NODE) return null;
  const folder = planner.view.row(parent);
  if (folder === undefined) return 'blocked';
  yield folder;
  if (needsFolderAgain(planner, folder)) yield* planDownPlace(planner, folder);
  if (folder.local !== null || planner.down.get(parent)?.op === 'create') return null;
  const why = planner.waiting.get(parent);
  return why === undefined
    ? folder.remote?.quarantined === true
      ? 'blocked'
      : 'next'
    : why === 'covered'
      ? 'next'
      : why;
}

/**
 * Deleted here, after something was moved out of it that has to go back into it: a move that is taken back. Only that brings a node down
 * into a folder that waits for what leaves it.
 */
function needsFolderAgain({ view, waiting, down }: Planner, folder: NodeRow): boolean {
  if (down.has(folder.node)) return false;
  if (view.decision(folder).fate !== 'delete-up' || view.verdict(folder.node) !== 'waits') return false;
  const why = waiting.get(folder.node);
  return why === undefined || why === 'next';
}

/** Makes sure that the name is free when the node arrives. */
function* makeRoom(planner: Planner, row: NodeRow): Asking<Waiting | null> {
  const { view, down } = planner;
  const remote = row.remote!;
  const holder = view.localChild(remote.parent, remote.name!);
  if (holder === undefined) return null;
  yield holder;
  if (down.has(holder.node)) return null;
  if (view.input.isParked(holder.node)) return 'parked';
  if (planner.waiting.get(holder.node) === 'ignored') return 'ignored';
  if (isAdoptable(holder, row)) {
    planner.adopt.set(holder.node, row.node);
    planner.waiting.set(holder.node, 'next');
  } else if (isToLeave(planner, holder)) {
    if (holder.local!.kind === 'folder') {
      const { fate } = view.decision(holder);
      if (fate === 'withdraw') yield* planFolderWithdrawal(planner, holder);
      else if (fate === 'delete-down') yield* planFolderTrash(planner, holder);
    }
    if (down.has(holder.node)) return null;
    // It stays for as long as what it holds does: so long the name is not free.
    return byWish(planner.waiting.get(holder.node)) ?? 'next';
  } else if (view.input.mode !== 'two-way') {
    return 'one-way';
  } else {
    putAside(planner, holder);
  }
  return 'next';
}

/** The journal takes it from there; only its turn has not come. */
function isToLeave(planner: Planner, holder: NodeRow): boolean {
  const { fate, place } = planner.view.decision(holder);
  return fate === 'delete-down' || fate === 'withdraw' || fate === 'look' || place === 'down';
}

/**
 * A node may not come to lie inside itself: moves made here that would bring that about are taken back, since the journal was first. Others
 * on the way that move by the journal too are given their turns by order-down.
 */
function* breakCycle(planner: Planner, row: NodeRow): Asking<Waiting | null> {
  const { view, down } = planner;
  if (row.local === null) return null;
  for (;;) {
    const chain = chainHere(planner, row.remote!.parent, row.node);
    if (chain === null) return null;
    const others = chain.filter((at) => !down.has(at.node));
    // One that the journal moves out of the way may not have had its turn yet.
    const unasked = others.filter((at) => !planner.considered.has(at.node));
    if (unasked.length > 0) {
      yield* unasked;
      continue;
    }
    const undone = others.find((at) => view.decision(at).place === 'up' && whyLeftAlone(planner, [at]) === null);
    if (undone === undefined)
      return whyLeftAlone(planner, others) ?? (view.input.mode === 'two-way' ? 'next' : 'one-way');
    planner.up.delete(undone.node);
    yield* planDownPlace(planner, undone);
    if (!down.has(undone.node)) return 'next';
  }
}

/** Removes a file or link that was deleted there and is unchanged here. */
export function* planTrash(planner: Planner, row: NodeRow): Asking<void> {
  const rescue = yield* awaitRescue(planner, row);
  if (rescue !== null) return wait(planner, row.node, rescue);
  planner.down.set(row.node, { op: 'trash', node: row.node });
}

function* awaitRescue(planner: Planner, row: NodeRow): Asking<Waiting | null> {
  const rescuer = rescuerOf(planner, row);
  if (rescuer === null) return null;
  yield rescuer;
  return whyLeftAlone(planner, [rescuer]) ?? 'next';
}

/** What is left alone by wish keeps its folder until that changes. */
function byWish(why: Waiting | undefined): Waiting | null {
  return why === 'ignored' || why === 'unticked' || why === 'one-way' ? why : null;
}

/** Removes a folder deleted there, once everything tracked in it leaves in the same plan or has left. */
export function* planFolderTrash(planner: Planner, row: NodeRow): Asking<void> {
  const { view, down } = planner;
  if (down.has(row.node) || planner.rekey.has(row.node) || byWish(planner.waiting.get(row.node)) !== null) return;
  const rescue = yield* awaitRescue(planner, row);
  if (rescue !== null || view.input.isParked(row.node)) return wait(planner, row.node, rescue ?? 'next');
  down.set(row.node, { op: 'trash', node: row.node });
  for (const child of view.localChildren(row.node)) {
    yield child;
    if (child.local!.kind === 'folder' && view.decision(child).fate === 'delete-down')
      yield* planFolderTrash(planner, child);
    const item = down.get(child.node);
    const isLeaving = item !== undefined && (item.op === 'trash' || item.parent !== row.node);
    if (isLeaving || isLeftover(child)) continue;
    return wait(planner, row.node, byWish(planner.waiting.get(child.node)) ?? (isSettled(child) ? 'unticked' : 'next'));
  }
  planner.waiting.delete(row.node);
}

/** Stays for what in it is not synced: on the disk the folder above then turns out not to be empty, and stays for the same. */
function isLeftover(child: NodeRow): boolean {
  return isSettled(child) && !child.remote!.unticked;
}

/** A copy of what the server holds, where it is not to be. */
export function planWithdrawal(planner: Planner, row: NodeRow): void {
  planner.down.set(row.node, { op: 'trash', node: row.node, isWithdrawn: true });
}

/** A folder that is not to be here goes once nothing is left in it; what stays in it says why the folder stays. */
export function* planFolderWithdrawal(planner: Planner, row: NodeRow): Asking<void> {
  const { view, down, waiting } = planner;
  if (down.has(row.node) || planner.rekey.has(row.node) || waiting.get(row.node) === 'ignored') return;
  if (view.input.isParked(row.node)) return wait(planner, row.node, 'parked');
  planWithdrawal(planner, row);
  for (const child of view.localChildren(row.node)) {
    yield child;
    if (child.local!.kind === 'folder' && view.decision(child).fate === 'withdraw')
      yield* planFolderWithdrawal(planner, child);
    const item = down.get(child.node);
    if (item !== undefined && (item.op === 'trash' || item.parent !== row.node)) continue;
    return wait(planner, row.node, waiting.get(child.node) ?? (isSettled(child) ? 'unticked' : 'next'));
  }
  waiting.delete(row.node);
}
