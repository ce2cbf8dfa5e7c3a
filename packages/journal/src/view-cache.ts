import { OnefoldError, type NamespaceId, type NodeId } from '@onefold/protocol';
import type { HeadPosition, NeedKey, NeedValue, NodeState, ViewCache } from './entry-view.ts';

/**
 * An empty table for one entry. `namespaceId`, `head` and `epoch` are the namespace's before the entry; for a genesis leave the id out, with head
 * {seq: -1} and epoch 0.
 */
export function createViewCache(namespace: {
  readonly namespaceId?: NamespaceId;
  readonly head: HeadPosition;
  readonly epoch: number;
}): ViewCache {
  const values = new Map<string, unknown>();
  /** Most of what is asked for: without a text to be made for each question. */
  const nodes = new Map<NodeId, NodeState | undefined>();

  function get<K extends NeedKey>(key: K): NeedValue<K> {
    const text = needKeyText(key);
    const value = values.get(text);
    if (value === undefined && !values.has(text)) throw notLoaded(key);
    return value as NeedValue<K>;
  }

  function getNode(node: NodeId): NodeState | undefined {
    const state = nodes.get(node);
    if (state === undefined && !nodes.has(node)) throw notLoaded({ kind: 'node', node });
    return state;
  }

  return {
    put(key, value) {
      if (key.kind === 'node') nodes.set(key.node, value as NodeState | undefined);
      else values.set(needKeyText(key), value);
    },
    has: (key) => (key.kind === 'node' ? nodes.has(key.node) : values.has(needKeyText(key))),
    namespaceId: () => namespace.namespaceId,
    head: () => namespace.head,
    epoch: () => namespace.epoch,
    hashAt: (seq) => get({ kind: 'hash', seq }),
    member: (user) => get({ kind: 'member', user }),
    members: () => get({ kind: 'members' }),
    userOfDevice: (device) => get({ kind: 'device', device }),
    chain: (user, n) => get({ kind: 'chain', user, n }),
    deviceSeq: (device) => get({ kind: 'last-entry', device })?.deviceSeq ?? -1,
    lastSeqOfDevice: (device) => get({ kind: 'last-entry', device })?.seq ?? -1,
    node: getNode,
    childByTag: (parent, tag) => get({ kind: 'child', parent, tag }),
    changedAfter: (seq) => get({ kind: 'changed-after', seq }),
    lastEntries: () => get({ kind: 'last-entries' }),
    root: () => get({ kind: 'root' }),
  };
}

function notLoaded(key: NeedKey): OnefoldError {
  return new OnefoldError('internal', `not loaded: ${needKeyText(key)}`);
}

/** A text that is the same for the same key and no other. */
export function needKeyText(key: NeedKey): string {
  switch (key.kind) {
    case 'node':
      return `n${key.node}`;
    case 'child':
      return `c${key.parent}${key.tag}`;
    case 'hash':
      return `h${key.seq}`;
    case 'changed-after':
      return `a${key.seq}`;
    case 'member':
      return `m${key.user}`;
    case 'members':
      return 'members';
    case 'chain':
      return `u${key.user}${key.n}`;
    case 'device':
      return `d${key.device}`;
    case 'last-entry':
      return `l${key.device}`;
    case 'last-entries':
      return 'last-entries';
    case 'root':
      return 'root';
  }
}
