import type { DeviceId, Hash, NamespaceId, NameTag, NodeId, NodeKind, Pin, Role, UserId } from '@onefold/protocol';
import type { UserChain } from './user-chain.ts';

/** Visible state of a node: everything the predicate reads and nothing that is sealed. */
export interface NodeState {
  readonly node: NodeId;
  readonly kind: NodeKind;
  /** ROOT_NODE for a top-level node. */
  readonly parent: NodeId;
  readonly nameTag: NameTag;
  /** Its own flag. A node below a hidden one is hidden too, without the flag. */
  readonly hidden: boolean;
  readonly placeVersion: number;
  /** 0 = none: folders, and nothing else. */
  readonly contentVersion: number;
  /** 0 = none yet. */
  readonly attributesVersion: number;
  /** Position of the entry that last changed any register. */
  readonly lastSeq: number;
}

export interface Membership {
  readonly user: UserId;
  readonly role: Role;
  readonly pin: Pin;
}

export interface LastEntry {
  readonly device: DeviceId;
  readonly deviceSeq: number;
  readonly seq: number;
}

/** `isWhole` false: there may be later ones, and of other devices. */
export interface LastEntries {
  readonly isWhole: boolean;
  readonly entries: readonly LastEntry[];
}

export interface TreeRoot {
  readonly count: number;
  readonly hash: Hash;
}

/** Position and H of the last entry. Before genesis: seq -1. */
export interface HeadPosition {
  readonly seq: number;
  readonly hash: Hash;
}

/**
 * What the predicate reads: the namespace as of its head, before the entry in question. Synchronous; every value asked for was listed by `needs` and
 * loaded before. Answers come from local state on a client and from the commit transaction on the server.
 */
export interface EntryView {
  /** Undefined before genesis. */
  namespaceId(): NamespaceId | undefined;
  head(): HeadPosition;
  /** H of a position from 0 to head; only the last LIMITS.baseAgeEntries before head are ever asked for. */
  hashAt(seq: number): Hash | undefined;
  epoch(): number;
  member(user: UserId): Membership | undefined;
  /** Every membership that is not `removed`. */
  members(): readonly Membership[];
  userOfDevice(device: DeviceId): UserId | undefined;
  /** Verified; with link `n`, if the user has that many. A longer chain is as good. */
  chain(user: UserId, n: number): UserChain | undefined;
  /** deviceSeq of the device's last committed entry; -1 = none. */
  deviceSeq(device: DeviceId): number;
  /** Position of the device's last committed entry; -1 = none. */
  lastSeqOfDevice(device: DeviceId): number;
  node(id: NodeId): NodeState | undefined;
  /** The child of that name whose own hidden flag is false. */
  childByTag(parent: NodeId, tag: NameTag): NodeId | undefined;
  /** Nodes with lastSeq above `seq`, hidden ones too; no more than LIMITS.changedNodesAfterBase + 1 of them need be given. */
  changedAfter(seq: number): readonly NodeId[];
  /** The last committed entry of every device that ever wrote here. */
  lastEntries(): LastEntries;
  /** Number of nodes and root over them; undefined = the tree is not known here. */
  root(): TreeRoot | undefined;
}

/** One thing to load. */
export type NeedKey =
  | { readonly kind: 'node'; readonly node: NodeId }
  | { readonly kind: 'child'; readonly parent: NodeId; readonly tag: NameTag }
  | { readonly kind: 'hash'; readonly seq: number }
  | { readonly kind: 'changed-after'; readonly seq: number }
  | { readonly kind: 'member'; readonly user: UserId }
  | { readonly kind: 'members' }
  /** The user's chain with link `n`, if the user has that many links. */
  | { readonly kind: 'chain'; readonly user: UserId; readonly n: number }
  /** The user a device belongs to. */
  | { readonly kind: 'device'; readonly device: DeviceId }
  /** deviceSeq and seq of the device's last committed entry. */
  | { readonly kind: 'last-entry'; readonly device: DeviceId }
  | { readonly kind: 'last-entries' }
  | { readonly kind: 'root' };

/** What the loader found for a key; undefined = there is no such thing. */
export type NeedValue<K extends NeedKey> = K extends { kind: 'node' }
  ? NodeState | undefined
  : K extends { kind: 'child' }
    ? NodeId | undefined
    : K extends { kind: 'hash' }
      ? Hash | undefined
      : K extends { kind: 'changed-after' }
        ? readonly NodeId[]
        : K extends { kind: 'member' }
          ? Membership | undefined
          : K extends { kind: 'members' }
            ? readonly Membership[]
            : K extends { kind: 'chain' }
              ? UserChain | undefined
              : K extends { kind: 'device' }
                ? UserId | undefined
                : K extends { kind: 'last-entry' }
                  ? { readonly deviceSeq: number; readonly seq: number } | undefined
                  : K extends { kind: 'last-entries' }
                    ? LastEntries
                    : K extends { kind: 'root' }
                      ? TreeRoot | undefined
                      : never;

/** What has been loaded so far. Reading a value whose key was never put throws `internal`: the closure of `needs` would be wrong. */
export interface PartialView extends EntryView {
  has(key: NeedKey): boolean;
}

/** A loader's table: fill it key by key until `needs` is empty, then hand it to `check`. */
export interface ViewCache extends PartialView {
  put<K extends NeedKey>(key: K, value: NeedValue<K>): void;
}
