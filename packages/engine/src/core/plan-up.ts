import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { Waiting } from './operation.ts';
import { planDownPlace } from './plan-down.ts';
import {
  chainHere,
  chainSent,
  chainThere,
  isAdoptable,
  putAside,
  whyLeftAlone,
  type Asking,
  type Planner,
} from './planner.ts';
import { isAlive } from './settled.ts';
import type { NodeRow } from './tree.ts';

/**
 * Says to the journal where a node stands here. Registers a `create` or `place`, or makes it wait; registered first, as in plan-down, so
 * that nodes that change names see each other leave.
 */
export function* planUpPlace(planner: Planner, row: NodeRow): Asking<void> {
  const { remote, node } = row;
  const local = row.local!;
  const cycle = remote === null ? null : chainThere(planner, local.parent, node);
  if (cycle !== null) {
    // The journal's move was first; this one, which would put the node inside itself, is taken back.
    if (isAlive(remote)) return yield* planDownPlace(planner, row);
    // Deleted there after that: it goes on as a new folder, whose place here is none inside itself.
    if (planner.view.input.mode === 'send-only') return void planner.waiting.set(node, 'one-way');
    planner.rekey.add(node);
    return void planner.waiting.set(node, 'next');
  }
  const after: NodeId[] = [];
  planner.up.set(node, { node, place: remote === null ? 'create' : 'place', after });
  const why =
    (yield* findParentObstacle(planner, local.parent)) ??
    (yield* findWayObstacle(planner, row)) ??
    (yield* findNameObstacle(planner, row, after));
  if (why === null) return;
  planner.up.delete(node);
  planner.waiting.set(node, why);
}

function* findParentObstacle(planner: Planner, parent: NodeId): Asking<Waiting | null> {
  if (parent === ROOT_NODE) return null;
  const folder = planner.view.row(parent);
  if (folder === undefined) return 'next';
  yield folder;
  if (planner.adopt.has(parent)) return 'next';
  if (folder.remote?.unticked === true) return 'unticked';
  const why = planner.waiting.get(parent) ?? 'next';
  if (folder.remote === null) return planner.up.has(parent) ? null : why;
  if (isAlive(folder.remote) || planner.up.get(parent)?.place === 'place') return null;
  if (why === 'ignored' || why === 'parked' || why === 'one-way') return why;
  if (planner.view.input.mode === 'send-only') return 'one-way';
  // A change inside a folder deleted there: the folder goes on as a new one that holds only what must live.
  if (folder.local !== null) planner.rekey.add(parent);
  planner.down.delete(parent);
  planner.waiting.set(parent, 'next');
  return 'next';
}

/** What it moves into may lie below this very node there, until another move made here takes it out: that one has to be in the plan too. */
function* findWayObstacle(planner: Planner, row: NodeRow): Asking<Waiting | null> {
  for (;;) {
    const way = chainSent(planner, row.local!.parent, row.node);
    if (way === null) return null;
    const unasked = way.filter(({ node }) => !planner.considered.has(node));
    if (unasked.length === 0) return whyLeftAlone(planner, way) ?? 'next';
    yield* unasked;
  }
}

function* findNameObstacle(planner: Planner, row: NodeRow, after: NodeId[]): Asking<Waiting | null> {
  const { view, waiting, up } = planner;
  const { parent, name } = row.local!;
  const holder = view.remoteChild(parent, name);
  if (holder === undefined || holder.node === row.node) return null;
  yield holder;
  if (planner.setAside.has(row.node) || planner.adopt.has(row.node)) return 'next';
  const leaving = up.get(holder.node);
  if (leaving !== undefined && (holder.local?.parent !== parent || holder.local.name !== name)) {
    after.push(holder.node);
    return null;
  }
  const why = waiting.get(holder.node);
  if (why === 'parked') return why;
  if (
    holder.remote!.quarantined ||
    holder.remote!.unticked ||
    why === 'ignored' ||
    why === 'unticked' ||
    why === 'kept-there' ||
    isTwin(holder, row) ||
    (!isAlive(holder.remote) && isInItsOwnWay(planner, row))
  ) {
    // Nobody here can see or move what holds the name, or wants to.
    if (view.input.mode === 'send-only') return 'one-way';
    putAside(planner, row);
  } else if (isAdoptable(row, holder)) {
    planner.adopt.set(row.node, holder.node);
  } else if (why === 'one-way') {
    return why;
  }
  return 'next';
}

/** Both stand here under one name, of which the disk calls one otherwise: the other one took it when this one was to leave and changed. */
function isTwin({ local }: NodeRow, row: NodeRow): boolean {
  return local?.parent === row.local!.parent && local.name === row.local!.name;
}

/** A folder above it, deleted there, can only come back once what has its name there is below this very node. */
function isInItsOwnWay(planner: Planner, row: NodeRow): boolean {
  const { view } = planner;
  const passed = new Set<NodeId>();
  for (let at = row.local!.parent; at !== ROOT_NODE && !passed.has(at);) {
    passed.add(at);
    const above = view.row(at);
    if (above?.local == null || isAlive(above.remote)) return false;
    const holder = view.remoteChild(above.local.parent, above.local.name);
    if (holder?.node === row.node) return true;
    if (holder?.local != null && chainHere(planner, holder.local.parent, row.node) !== null) return true;
    at = above.local.parent;
  }
  return false;
}

/** Says to the journal that a node was deleted here, unless a folder above says it for all. */
export function* planHide(planner: Planner, row: NodeRow): Asking<void> {
  const { view, waiting, up } = planner;
  const remote = row.remote!;
  if (remote.kind === 'folder') {
    const verdict = view.verdict(row.node);
    if (verdict === 'waits') return yield* planHideAfter(planner, row);
    // What lives on below it needs it here again.
    if (verdict === 'kept') return yield* planDownPlace(planner, row);
    if (verdict === 'held') return void waiting.set(row.node, 'kept-there');
  }
  const above = remote.parent === ROOT_NODE ? undefined : view.row(remote.parent);
  if (above !== undefined && view.decision(above).fate === 'delete-up') {
    const verdict = view.verdict(above.node);
    if (verdict === 'deletable' || verdict === 'waits') {
      // So that the topmost is said at once: what it takes along would be looked at again with every page of rows.
      yield above;
      const why = verdict === 'deletable' ? 'covered' : 'next';
      return void waiting.set(row.node, whyLeftAlone(planner, [above]) ?? why);
    }
  }
  up.set(row.node, { node: row.node, place: 'hide', after: [] });
}

/**
 * Of a folder that something is to be moved out of first. Mostly that has its turn before, and this waits; but where something takes the
 * folder's own name, what is moved out may be that, or wait for that: they go in one changeset with this.
 */
function* planHideAfter(planner: Planner, row: NodeRow): Asking<void> {
  const { view, waiting, up, down } = planner;
  const { parent, name } = row.remote!;
  const movers = view.movers(row.node).flatMap((node) => view.row(node) ?? []);
  if (view.localChild(parent, name!) !== undefined) {
    up.set(row.node, { node: row.node, place: 'hide', after: movers.map(({ node }) => node) });
    yield* movers;
    // Bytes to be sent may keep a mover from going along.
    const isAlong = (mover: NodeRow): boolean =>
      up.get(mover.node)?.place === 'place' && view.decision(mover).content === 'same';
    if (movers.every(isAlong)) return;
    up.delete(row.node);
  }
  yield* movers;
  // One of them has to go back into it.
  if (down.has(row.node)) return;
  const why = whyLeftAlone(planner, movers);
  waiting.set(row.node, why === null ? 'next' : why === 'parked' ? why : 'kept-there');
}
