import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { conflictName } from './conflict-name.ts';
import type { Waiting } from './operation.ts';
import { childKey, type PlanView } from './plan-view.ts';
import { isAlive, samePlace } from './settled.ts';
import type { Name, NodeRow } from './tree.ts';

/** A node that gets a place on this disk, or leaves it. */
export type DownItem =
  | { readonly op: 'create' | 'move'; readonly node: NodeId; readonly parent: NodeId; readonly name: Name }
  | { readonly op: 'trash'; readonly node: NodeId; readonly isWithdrawn?: boolean };

/** A node whose place is said to the journal. */
export interface UpItem {
  readonly node: NodeId;
  readonly place: 'create' | 'place' | 'hide';
  /** Nodes that give up the name this one takes; of a folder that is hidden, what is moved out of it first. */
  readonly after: NodeId[];
}

/** A part of planning that wants rows considered before it goes on, each that it yields. */
export type Asking<T> = Generator<NodeRow, T, undefined>;

/**
 * The growing plan. Every unsettled node that is looked at, because it is due or because another one needs it, is decided once
 * (`considered`), so the result does not depend on the order of the due nodes beyond the order of independent operations.
 */
export interface Planner {
  readonly view: PlanView;
  readonly considered: Set<NodeId>;
  readonly waiting: Map<NodeId, Waiting>;
  readonly down: Map<NodeId, DownItem>;
  readonly up: Map<NodeId, UpItem>;
  readonly adopt: Map<NodeId, NodeId>;
  readonly rekey: Set<NodeId>;
  readonly setAside: Map<NodeId, Name>;
  /** Names this plan gives away, by childKey. */
  readonly claimed: Set<string>;
  readonly identify: Set<NodeId>;
  /** `conflict`: the journal's comes down, and what stands here is kept beside it. */
  readonly content: Map<NodeId, 'up' | 'down' | 'conflict'>;
  readonly attributes: Map<NodeId, 'up' | 'down'>;
}

export function createPlanner(view: PlanView): Planner {
  return {
    view,
    considered: new Set(),
    waiting: new Map(),
    down: new Map(),
    up: new Map(),
    adopt: new Map(),
    rekey: new Set(),
    setAside: new Map(),
    claimed: new Set(),
    identify: new Set(),
    content: new Map(),
    attributes: new Map(),
  };
}

/** A name beside `row` on this disk that nobody holds or is about to get, for the loser of a conflict. */
export function freeConflictName(planner: Planner, parent: NodeId, name: Name, isFolder: boolean): Name {
  const { view, claimed } = planner;
  for (let attempt = 1; ; attempt++) {
    const candidate = conflictName(name, view.input.deviceName, view.input.nowMs, attempt, isFolder);
    const key = childKey(parent, candidate);
    const isTaken =
      claimed.has(key) ||
      view.localChild(parent, candidate) !== undefined ||
      view.remoteChild(parent, candidate) !== undefined;
    if (isTaken) continue;
    claimed.add(key);
    return candidate;
  }
}

/** Renames what stands here under a name that the journal gave to another node. */
export function putAside(planner: Planner, holder: NodeRow): void {
  if (holder.local === null || planner.setAside.has(holder.node)) return;
  const { parent, name, kind } = holder.local;
  planner.setAside.set(holder.node, freeConflictName(planner, parent, name, kind === 'folder'));
  planner.waiting.set(holder.node, 'next');
  planner.down.delete(holder.node);
  planner.up.delete(holder.node);
}

/** Both were made under one name, one here and one there: they may become one node. */
export function isAdoptable(here: NodeRow, there: NodeRow): boolean {
  return (
    here.remote === null &&
    here.synced === null &&
    here.local !== null &&
    there.local === null &&
    isAlive(there.remote) &&
    there.remote.kind === here.local.kind &&
    !there.remote.quarantined &&
    !there.remote.unticked
  );
}

/** Would `node`, put below `parent` in the tree this plan makes of the disk, be inside itself? Answers the chain from `parent` up to it. */
export function chainHere(planner: Planner, parent: NodeId, node: NodeId): readonly NodeRow[] | null {
  return chain(planner, parent, node, (row) => {
    const item = planner.down.get(row.node);
    if (item !== undefined && item.op !== 'trash') return item.parent;
    return row.local?.parent ?? row.remote?.parent ?? ROOT_NODE;
  });
}

/** The same in the journal's tree as it is after this plan. */
export function chainThere(planner: Planner, parent: NodeId, node: NodeId): readonly NodeRow[] | null {
  return chain(planner, parent, node, (row) => {
    const isMovedUp = row.local !== null && (row.remote === null || planner.view.decision(row).place === 'up');
    return (isMovedUp ? row.local.parent : row.remote?.parent) ?? ROOT_NODE;
  });
}

/** The same in the journal's tree once what this plan sends so far is in it. */
export function chainSent(planner: Planner, parent: NodeId, node: NodeId): readonly NodeRow[] | null {
  return chain(planner, parent, node, (row) => parentSent(planner, row));
}

/** The folder of a node in the journal once what this plan sends is in it. */
export function parentSent({ up }: Planner, { node, local, remote }: NodeRow): NodeId {
  const item = up.get(node);
  const isSent = item !== undefined && item.place !== 'hide';
  return (isSent ? local?.parent : remote?.parent) ?? ROOT_NODE;
}

/** Why one of these is left alone, if one is; such a reason does not pass by itself, as `next` does. */
export function whyLeftAlone({ waiting }: Planner, rows: readonly NodeRow[]): Waiting | null {
  for (const { node } of rows) {
    const why = waiting.get(node);
    if (why !== undefined && why !== 'next' && why !== 'covered') return why;
  }
  return null;
}

function chain(
  planner: Planner,
  parent: NodeId,
  node: NodeId,
  above: (row: NodeRow) => NodeId,
): readonly NodeRow[] | null {
  const passed: NodeRow[] = [];
  const seen = new Set<NodeId>();
  for (let at = parent; at !== ROOT_NODE && !seen.has(at);) {
    seen.add(at);
    const row = planner.view.row(at);
    if (row === undefined) return null;
    passed.push(row);
    if (at === node) return passed;
    at = above(row);
  }
  return null;
}

/** A place below `parent` on this disk belongs to a folder that is not to be here. */
export function isUntickedGround(planner: Planner, parent: NodeId): boolean {
  const seen = new Set<NodeId>();
  for (let at = parent; at !== ROOT_NODE && !seen.has(at);) {
    seen.add(at);
    const row = planner.view.row(at);
    if (row === undefined) return false;
    if (row.remote !== null) return row.remote.unticked;
    at = row.local?.parent ?? ROOT_NODE;
  }
  return false;
}

/** The folder above, if one is, that is brought back by a move made here, and with it this node that it hides. */
export function rescuerOf(planner: Planner, row: NodeRow): NodeRow | null {
  for (let at: NodeRow | undefined = row; at !== undefined;) {
    const { local, remote, synced } = at;
    if (remote === null) return null;
    if (at !== row && local !== null && synced !== null && !samePlace(local, synced)) return at;
    if (remote.hidden || remote.parent === ROOT_NODE) return null;
    at = planner.view.row(remote.parent);
  }
  return null;
}
