import {
  LIMITS,
  OnefoldError,
  type DeviceId,
  type Hash,
  type NameTag,
  type NamespaceId,
  type NodeId,
  type SignedEntry,
  type UserId,
} from '@onefold/protocol';
import { NO_HASH } from './chain-link.ts';
import type { CheckResult, Effects } from './check-result.ts';
import { check } from './check.ts';
import type { HeadPosition, Membership, NeedKey, NodeState, ViewCache } from './entry-view.ts';
import { namespaceIdOf, nextHash } from './hashes.ts';
import { needs } from './needs.ts';
import { parseEntry } from './parse-entry.ts';
import type { ParsedEntry } from './parsed-entry.ts';
import type { UserChain } from './user-chain.ts';
import { createViewCache } from './view-cache.ts';

/** One namespace held in memory: what a model server, an audit and the tests of the predicate replay entries into. */
export interface MemoryJournal {
  namespaceId(): NamespaceId | undefined;
  head(): HeadPosition;
  epoch(): number;
  readonly entries: readonly SignedEntry[];
  readonly hashes: readonly Hash[];
  readonly nodes: ReadonlyMap<NodeId, NodeState>;
  readonly members: ReadonlyMap<UserId, Membership>;
  lastEntryOf(device: DeviceId): { readonly deviceSeq: number; readonly seq: number } | undefined;
  /** Everything `check` may ask about this entry. */
  view(entry: ParsedEntry): ViewCache;
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
  const children = new Map<string, NodeId>();
  const members = new Map<UserId, Membership>();
  const lastEntries = new Map<DeviceId, { deviceSeq: number; seq: number }>();
  let epoch = 0;

  function head(): HeadPosition {
    return { seq: hashes.length - 1, hash: hashes[hashes.length - 1] ?? NO_HASH };
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
  }

  return {
    namespaceId: () => hashes[0] as string as NamespaceId | undefined,
    head,
    epoch: () => epoch,
    entries,
    hashes,
    nodes,
    members,
    lastEntryOf: (device) => lastEntries.get(device),
    view,
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
