import { LIMITS, ROOT_NODE, type NodeId } from '@onefold/protocol';
import { authorNeeds, checkAuthor } from './check-author.ts';
import { CHECKPOINT_NEEDS } from './check-checkpoint.ts';
import { isHide } from './check-changeset.ts';
import { memberNeeds } from './check-members.ts';
import type { NeedKey, PartialView } from './entry-view.ts';
import type { ParsedChangeset, ParsedEntry } from './parsed-entry.ts';
import { needKeyText } from './view-cache.ts';

/**
 * What must be loaded before `check(entry, view)`. Call, load, put, call again until it is empty: ancestors are found step by step. The tree is
 * asked for only once the author is known to be allowed to write.
 */
export function needs(entry: ParsedEntry, known: PartialView): NeedKey[] {
  if (entry.type === 'genesis') return missing(memberNeeds(entry, known), known);
  const first = missing(authorNeeds(entry, known), known);
  if (first.length > 0) return first;
  if (checkAuthor(entry, known) !== undefined) return [];
  if (entry.type === 'checkpoint') return missing(CHECKPOINT_NEEDS, known);
  return missing(entry.type === 'changeset' ? treeNeeds(entry, known) : memberNeeds(entry, known), known);
}

function missing(keys: readonly NeedKey[], known: PartialView): NeedKey[] {
  const asked = new Map<string, NeedKey>();
  for (const key of keys) if (!known.has(key)) asked.set(needKeyText(key), key);
  return [...asked.values()];
}

function treeNeeds(entry: ParsedChangeset, known: PartialView): NeedKey[] {
  const keys: NeedKey[] = [];
  const nodes = new Set<NodeId>();
  for (const change of entry.body.changes) {
    nodes.add(change.node);
    if (change.op !== 'create' && change.op !== 'place') continue;
    nodes.add(change.parent);
    keys.push({ kind: 'child', parent: change.parent, tag: change.nameTag });
  }
  if (entry.body.changes.some(isHide)) {
    const seq = entry.header.baseSeq;
    keys.push({ kind: 'changed-after', seq });
    const changed = known.has({ kind: 'changed-after', seq }) ? known.changedAfter(seq) : [];
    if (changed.length <= LIMITS.changedNodesAfterBase) for (const node of changed) nodes.add(node);
  }
  return [...keys, ...withAncestors(nodes, known)];
}

/** The nodes themselves and what is above them, as far as that is known. */
function withAncestors(nodes: Set<NodeId>, known: PartialView): NeedKey[] {
  const keys: NeedKey[] = [];
  // A set may grow while it is iterated; what was added is visited too, once.
  for (const node of nodes) {
    if (node === ROOT_NODE) continue;
    const key: NeedKey = { kind: 'node', node };
    keys.push(key);
    const parent = known.has(key) ? known.node(node)?.parent : undefined;
    if (parent !== undefined) nodes.add(parent);
  }
  return keys;
}
