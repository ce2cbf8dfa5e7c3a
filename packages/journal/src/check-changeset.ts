import {
  LIMITS,
  ROOT_NODE,
  type AttributesChange,
  type Change,
  type ContentChange,
  type CreateChange,
  type NodeId,
  type PlaceChange,
  type Refusal,
} from '@onefold/protocol';
import { invalid } from './check-author.ts';
import type { BlockChange, CheckResult } from './check-result.ts';
import type { EntryView, NodeState } from './entry-view.ts';
import type { ParsedChangeset } from './parsed-entry.ts';
import { createOverlay, type TreeOverlay } from './tree-overlay.ts';

/*
 * Changes apply in order to an overlay of the tree; each is judged by what stands there at its turn. A change that fails is left out and listed, and
 * the rest goes on, so that the author learns everything at once; one failure refuses all. Names are judged at the end alone.
 */
interface Run {
  readonly view: EntryView;
  readonly overlay: TreeOverlay;
  /** Position the entry would get. */
  readonly seq: number;
  /** Nodes that changed after the author's base, as of before this entry. */
  readonly unseen: readonly NodeId[];
  /** Index of the change that last placed a node. */
  readonly placedBy: Map<NodeId, number>;
  readonly blocks: BlockChange[];
}

type Reason = Pick<Refusal, 'reason' | 'other'>;

/** The tree rules. The author has been checked. */
export function checkChangeset(entry: ParsedChangeset, view: EntryView): CheckResult {
  const { changes } = entry.body;
  if (changes.some((change) => change.op === 'create' && change.kind === 'mount')) {
    return invalid('unsupported-version', 'mounts need a newer version');
  }
  if (changes.some(namesBlockTwice)) return invalid('journal-invalid', 'a change names a block twice');
  const unseen = changes.some(isHide) ? view.changedAfter(entry.header.baseSeq) : [];
  if (unseen.length > LIMITS.changedNodesAfterBase) return { outcome: 'behind' };

  const overlay = createOverlay(view);
  const run: Run = { view, overlay, seq: view.head().seq + 1, unseen, placedBy: new Map(), blocks: [] };
  const refusals: Refusal[] = [];
  changes.forEach((change, index) => {
    const reason = applyChange(run, change, index);
    if (reason !== undefined) refusals.push({ index, node: change.node, ...reason });
  });
  refusals.push(...takenNames(run));
  if (refusals.length > 0) return { outcome: 'refused', refusals: refusals.sort((a, b) => a.index - b.index) };
  const { device, deviceSeq } = entry.header;
  return {
    outcome: 'accepted',
    effects: { seq: run.seq, nodes: overlay.touched, blocks: run.blocks, device, deviceSeq },
  };
}

export function isHide(change: Change): boolean {
  return change.op === 'place' && change.hidden;
}

function applyChange(run: Run, change: Change, index: number): Reason | undefined {
  switch (change.op) {
    case 'create':
      return applyCreate(run, change, index);
    case 'place':
      return applyPlace(run, change, index);
    case 'content':
      return applyContent(run, change);
    case 'attributes':
      return applyAttributes(run, change);
  }
}

function applyCreate(run: Run, change: CreateChange, index: number): Reason | undefined {
  const { node, kind, parent, nameTag, content, attributes } = change;
  if (node === ROOT_NODE || run.overlay.node(node) !== undefined) return { reason: 'node-exists' };
  const refused = checkParent(run, parent);
  if (refused !== undefined) return refused;
  if ((kind === 'file' || kind === 'link') !== (content !== undefined)) return { reason: 'kind-mismatch' };
  run.overlay.set({
    node,
    kind,
    parent,
    nameTag,
    hidden: false,
    placeVersion: 1,
    contentVersion: content === undefined ? 0 : 1,
    attributesVersion: attributes === undefined ? 0 : 1,
    lastSeq: run.seq,
  });
  run.placedBy.set(node, index);
  if (content !== undefined) run.blocks.push({ node, version: 1, added: content.added, dropped: content.dropped });
  return undefined;
}

function applyPlace(run: Run, change: PlaceChange, index: number): Reason | undefined {
  const { node, base, parent, nameTag, hidden } = change;
  const state = run.overlay.node(node);
  if (state === undefined) return { reason: 'node-missing' };
  if (state.placeVersion !== base) return { reason: 'version-mismatch' };
  const refused = checkParent(run, parent);
  if (refused !== undefined) return refused;
  if (parent !== ROOT_NODE && run.overlay.isAtOrBelow(parent, node)) return { reason: 'cycle' };
  if (hidden) {
    const changed = run.overlay.findAtOrBelow(run.unseen, node);
    if (changed !== undefined) return { reason: 'changed-below', other: changed };
  }
  run.overlay.set({ ...state, parent, nameTag, hidden, placeVersion: base + 1, lastSeq: run.seq });
  run.placedBy.set(node, index);
  return undefined;
}

function applyContent(run: Run, change: ContentChange): Reason | undefined {
  const { node, base, added, dropped } = change;
  const state = visibleNode(run, node);
  if ('reason' in state) return state;
  if (state.kind !== 'file' && state.kind !== 'link') return { reason: 'kind-mismatch' };
  if (state.contentVersion !== base) return { reason: 'version-mismatch' };
  run.overlay.set({ ...state, contentVersion: base + 1, lastSeq: run.seq });
  run.blocks.push({ node, version: base + 1, added, dropped });
  return undefined;
}

function applyAttributes(run: Run, change: AttributesChange): Reason | undefined {
  const { node, base } = change;
  const state = visibleNode(run, node);
  if ('reason' in state) return state;
  if (state.attributesVersion !== base) return { reason: 'version-mismatch' };
  run.overlay.set({ ...state, attributesVersion: base + 1, lastSeq: run.seq });
  return undefined;
}

/** Work on a hidden node is lost to sight: the author restores it first, in the same changeset. */
function visibleNode(run: Run, node: NodeId): NodeState | Reason {
  const state = run.overlay.node(node);
  if (state === undefined) return { reason: 'node-missing' };
  const hiddenBy = run.overlay.hiddenBy(node);
  return hiddenBy === undefined ? state : { reason: 'parent-hidden', other: hiddenBy };
}

function checkParent(run: Run, parent: NodeId): Reason | undefined {
  if (parent === ROOT_NODE) return undefined;
  const state = run.overlay.node(parent);
  if (state === undefined) return { reason: 'parent-missing' };
  if (state.kind !== 'folder') return { reason: 'parent-not-folder' };
  const hiddenBy = run.overlay.hiddenBy(parent);
  return hiddenBy === undefined ? undefined : { reason: 'parent-hidden', other: hiddenBy };
}

/** Placed nodes whose name at the end is another's. Of two placed by this changeset the later one is listed. */
function takenNames(run: Run): Refusal[] {
  const slots = new Map<string, NodeId>();
  const refusals: Refusal[] = [];
  for (const [node, index] of [...run.placedBy].sort(([, a], [, b]) => a - b)) {
    const state = run.overlay.touched.get(node);
    if (state === undefined || state.hidden) continue;
    const slot = state.parent + state.nameTag;
    const other = slots.get(slot) ?? standingHolder(run, state);
    if (other === undefined) slots.set(slot, node);
    else refusals.push({ index, reason: 'name-taken', node, other });
  }
  return refusals;
}

/** Who held this name before the entry and is not placed by it. */
function standingHolder(run: Run, { parent, nameTag }: NodeState): NodeId | undefined {
  const holder = run.view.childByTag(parent, nameTag);
  return holder === undefined || run.placedBy.has(holder) ? undefined : holder;
}

function namesBlockTwice(change: Change): boolean {
  const content = change.op === 'create' ? change.content : change.op === 'content' ? change : undefined;
  if (content === undefined) return false;
  const named = new Set<string>(content.dropped);
  for (const [ctHash] of content.added) named.add(ctHash);
  return named.size !== content.added.length + content.dropped.length;
}
