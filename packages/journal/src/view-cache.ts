import { OnefoldError, type NamespaceId } from '@onefold/protocol';
import type { HeadPosition, NeedKey, NeedValue, ViewCache } from './entry-view.ts';

/**
 * An empty table for one entry. `namespaceId`, `head` and `epoch` are the namespace's before the entry; for a genesis leave the id out, with head
 * {seq: -1} and epoch 0.
 */
export function createViewCache(namespace: {
  readonly namespaceId?: NamespaceId;
  readonly head: HeadPosition;
  readonly epoch: number;
}): ViewCache {
  /** By kind, and there by whatever tells keys of that kind apart: most of them need no text to be made for each question. */
  const tables = new Map<NeedKey['kind'], Map<string | number, unknown>>();

  function get<K extends NeedKey>(key: K): NeedValue<K> {
    const table = tables.get(key.kind);
    const id = idOf(key);
    const value = table?.get(id);
    if (value === undefined && table?.has(id) !== true) throw notLoaded(key);
    return value as NeedValue<K>;
  }

  return {
    put(key, value) {
      let table = tables.get(key.kind);
      if (table === undefined) tables.set(key.kind, (table = new Map<string | number, unknown>()));
      table.set(idOf(key), value);
    },
    has: (key) => tables.get(key.kind)?.has(idOf(key)) === true,
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
    node: (node) => get({ kind: 'node', node }),
    childByTag: (parent, tag) => get({ kind: 'child', parent, tag }),
    changedAfter: (seq) => get({ kind: 'changed-after', seq }),
    lastEntries: () => get({ kind: 'last-entries' }),
    root: () => get({ kind: 'root' }),
  };
}

function notLoaded(key: NeedKey): OnefoldError {
  return new OnefoldError('internal', `not loaded: ${needKeyText(key)}`);
}

/** The same for the same key and no other of its kind. */
function idOf(key: NeedKey): string | number {
  switch (key.kind) {
    case 'node':
      return key.node;
    case 'child':
      return key.parent + key.tag;
    case 'hash':
    case 'changed-after':
      return key.seq;
    case 'member':
      return key.user;
    case 'chain':
      return key.user + key.n;
    case 'device':
    case 'last-entry':
      return key.device;
    default:
      return '';
  }
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
