import {
  LIMITS,
  OnefoldError,
  type DeviceId,
  type Hash,
  type NameTag,
  type NamespaceId,
  type NodeId,
  type NodeSnapshot,
  type SignedEntry,
  type UserId,
} from '@onefold/protocol';
import { NO_HASH } from './chain-link.ts';
import type { CheckResult, Effects } from './check-result.ts';
import { check } from './check.ts';
import type { HeadPosition, LastEntry, Membership, NeedKey, NodeState, TreeRoot, ViewCache } from './entry-view.ts';
import { namespaceIdOf, nextHash } from './hashes.ts';
import { needs } from './needs.ts';
import { digestsOf, leafOf, rowsAfter } from './node-leaf.ts';
import { parseEntry } from './parse-entry.ts';
import type { ParsedEntry } from './parsed-entry.ts';
import { changeSum, NO_NODES, rootOf, type TreeSum } from './tree-sum.ts';
import type { UserChain } from './user-chain.ts';
import { createViewCache } from './view-cache.ts';

/** One namespace held in memory: what a model server, an audit and the tests of the predicate replay entries into. */
export interface MemoryJournal {
  namespaceId(): NamespaceId | undefined;
  head(): HeadPosition;
  epoch(): number;
  /** Of a position that was skipped: no bytes. */
  readonly entries: readonly SignedEntry[];
  readonly hashes: readonly Hash[];
  readonly nodes: ReadonlyMap<NodeId, NodeState>;
  readonly rows: ReadonlyMap<NodeId, NodeSnapshot>;
  /** Undefined between what was skipped and a tree that was adopted. */
  root(): TreeRoot | undefined;
  readonly members: ReadonlyMap<UserId, Membership>;
  lastEntries(): readonly LastEntry[];
  lastEntryOf(device: DeviceId): { readonly deviceSeq: number; readonly seq: number } | undefined;
  /** Everything `check` may ask about this entry. */
  view(entry: ParsedEntry): ViewCache;
  /** Passes by a changeset that is no longer kept: from here on the tree is not known, nor, without its author, who wrote last, until a checkpoint tells. */
  skip(entry: Hash, author: { readonly device: DeviceId; readonly deviceSeq: number } | null): void;
  /** The tree as of the head, from elsewhere: the next checkpoint says whether it is the true one. */
  adopt(rows: readonly NodeSnapshot[]): void;
  /** Parses, judges and, where accepted, appends. Throws what `parseEntry` throws. */
  commit(raw: SignedEntry): CheckResult;
}

/** `chains` and `devices` answer from whatever chains the caller has verified. */
export function createMemoryJournal(people: {
  readonly chain: (user: UserId) => UserChain | undefined;
  readonly userOfDevice: (device: DeviceId) => UserId | undefined;
}): MemoryJournal {
  const entries: SignedEntry[] = [];
  const hashes: Hash[] = [];
  const nodes = new Map<NodeId, NodeState>();
  const rows = new Map<NodeId, NodeSnapshot>();
  const children = new Map<string, NodeId>();
  const members = new Map<UserId, Membership>();
  const lastEntries = new Map<DeviceId, { deviceSeq: number; seq: number }>();
  let epoch = 0;
  let sum: TreeSum | undefined = NO_NODES;
  let areAuthorsKnown = true;

  function head(): HeadPosition {
    return { seq: hashes.length - 1, hash: hashes[hashes.length - 1] ?? NO_HASH };
  }

  function root(): TreeRoot | undefined {
    return sum === undefined ? undefined : { count: sum.count, hash: rootOf(sum) };
  }

  function allLastEntries(): LastEntry[] {
    return [...lastEntries].map(([device, last]) => ({ device, ...last }));
  }

  function load(view: ViewCache, key: NeedKey): void {
    switch (key.kind) {
      case 'node':
        return view.put(key, nodes.get(key.node));
      case 'child':
        return view.put(key, children.get(slot(key.parent, key.tag)));
      case 'hash':
        return view.put(key, hashes[key.seq]);
      case 'changed-after': {
        const changed = [...nodes.values()].filter(({ lastSeq }) => lastSeq > key.seq);
        return view.put(
          key,
          changed.slice(0, LIMITS.changedNodesAfterBase + 1).map(({ node }) => node),
        );
      }
      case 'member':
        return view.put(key, members.get(key.user));
      case 'members':
        return view.put(
          key,
          [...members.values()].filter(({ role }) => role !== 'removed'),
        );
      case 'chain':
        return view.put(key, people.chain(key.user));
      case 'device':
        return view.put(key, people.userOfDevice(key.device));
      case 'last-entry':
        return view.put(key, lastEntries.get(key.device));
      case 'last-entries':
        return view.put(key, { isWhole: areAuthorsKnown, entries: allLastEntries() });
      case 'root':
        return view.put(key, root());
    }
  }

  function view(entry: ParsedEntry): ViewCache {
    const first = hashes[0];
    const cache = createViewCache({
      ...(first === undefined ? {} : { namespaceId: first as string as NamespaceId }),
      head: head(),
      epoch,
    });
    for (let keys = needs(entry, cache); keys.length > 0; keys = needs(entry, cache))
      for (const key of keys) load(cache, key);
    return cache;
  }

  function apply(entry: ParsedEntry, effects: Effects): void {
    const { seq, hash } = head();
    if (effects.seq !== seq + 1) throw new OnefoldError('internal', 'effects of another head');
    hashes.push(seq < 0 ? (namespaceIdOf(entry.raw) as string as Hash) : nextHash(hash, effects.seq, entry.hash));
    entries.push(entry.raw);
    for (const { node } of effects.nodes.values()) {
      const before = nodes.get(node);
      if (before !== undefined && !before.hidden) children.delete(slot(before.parent, before.nameTag));
    }
    for (const state of effects.nodes.values()) {
      nodes.set(state.node, state);
      if (!state.hidden) children.set(slot(state.parent, state.nameTag), state.node);
    }
    if (effects.member !== undefined) members.set(effects.member.user, effects.member);
    epoch = effects.epoch ?? epoch;
    lastEntries.set(effects.device, { deviceSeq: effects.deviceSeq, seq: effects.seq });
    if (entry.type === 'checkpoint' && !areAuthorsKnown) {
      for (const [device, deviceSeq, seq] of entry.body.devices)
        if (device !== effects.device) lastEntries.set(device, { deviceSeq, seq });
      areAuthorsKnown = true;
    }
    if (entry.type !== 'changeset') return;
    const changed = rowsAfter(entry, effects.seq, (node) => rows.get(node));
    const before = [...changed.keys()].flatMap((node) => rows.get(node) ?? []);
    if (sum !== undefined) sum = changeSum(sum, before.map(leafOfRow), [...changed.values()].map(leafOfRow));
    for (const row of changed.values()) rows.set(row.node, row);
  }

  function adopt(adopted: readonly NodeSnapshot[]): void {
    for (const known of [nodes, children, rows]) known.clear();
    for (const row of adopted) {
      rows.set(row.node, row);
      nodes.set(row.node, stateOf(row));
      if (!row.hidden) children.set(slot(row.parent, row.nameTag), row.node);
    }
    sum = changeSum(NO_NODES, [], adopted.map(leafOfRow));
  }

  return {
    namespaceId: () => hashes[0] as string as NamespaceId | undefined,
    head,
    epoch: () => epoch,
    entries,
    hashes,
    nodes,
    rows,
    root,
    members,
    lastEntries: allLastEntries,
    lastEntryOf: (device) => lastEntries.get(device),
    view,
    skip(entry, author) {
      const { seq, hash } = head();
      hashes.push(nextHash(hash, seq + 1, entry));
      entries.push({ header: new Uint8Array(), signature: new Uint8Array(), body: new Uint8Array() });
      if (author === null) areAuthorsKnown = false;
      else lastEntries.set(author.device, { deviceSeq: author.deviceSeq, seq: seq + 1 });
      sum = undefined;
    },
    adopt,
    commit(raw) {
      const entry = parseEntry(raw);
      const result = check(entry, view(entry));
      if (result.outcome === 'accepted') apply(entry, result.effects);
      return result;
    },
  };
}

function slot(parent: NodeId, tag: NameTag): string {
  return parent + tag;
}

function leafOfRow(row: NodeSnapshot): Hash {
  return leafOf(digestsOf(row));
}

function stateOf({ node, kind, parent, nameTag, hidden, place, content, attributes }: NodeSnapshot): NodeState {
  return {
    node,
    kind,
    parent,
    nameTag,
    hidden,
    placeVersion: place.version,
    contentVersion: content?.version ?? 0,
    attributesVersion: attributes?.version ?? 0,
    lastSeq: Math.max(place.seq, content?.seq ?? 0, attributes?.seq ?? 0),
  };
}
