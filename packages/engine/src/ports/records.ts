import type { TreeSum } from '@onefold/journal';
import type { DeviceId, ErrorCode, Hash, NodeId, OpId, SignedEntry, UploadId } from '@onefold/protocol';
import type { BlockReference, NodeReferences, NodeRow, RelPath } from '../core/tree.ts';

export interface Cursor {
  readonly remoteSeq: number;
  readonly remoteHash: Hash;
  readonly recoveryEpoch: number;
  readonly epoch: number;
  /** Last deviceSeq ever used by this device here, committed or not. */
  readonly deviceSeq: number;
  /** Position of this device's own last committed entry, -1 for none. */
  readonly ownSeq: number;
  /** A checkpoint had files without their contents: at the head it is seen which are still without. */
  readonly isHollow?: boolean;
}

/** A changeset whose outcome is unknown: sent again byte for byte until it is. */
export interface InFlight {
  readonly opId: OpId;
  readonly entry: SignedEntry;
  readonly uploadId: UploadId | null;
  readonly nodes: readonly NodeId[];
}

/** The offline queue: what this device still owes the server or the disk, coalesced per node, with its patience. */
export interface Intent {
  readonly node: NodeId;
  readonly direction: 'up' | 'down';
  readonly sinceMs: number;
  readonly attempts: number;
  /** Wall-clock earliest next try. */
  readonly retryAtMs: number;
  readonly code: ErrorCode | null;
}

/** A disk change about to happen, recorded before it; settled after a crash by looking at the disk. `detail` is core's own JSON. */
export interface DiskIntent {
  readonly id: string;
  readonly node: NodeId;
  readonly detail: string;
}

/** Something a person should look at. `id` is stable while it lasts. */
export interface Attention {
  readonly id: string;
  readonly code: ErrorCode;
  readonly path: RelPath;
  readonly message: string;
  readonly sinceMs: number;
  readonly detail: string;
}

export interface ActivityItem {
  readonly id: number;
  readonly atMs: number;
  readonly kind: 'added' | 'edited' | 'renamed' | 'moved' | 'deleted' | 'restored' | 'conflict' | 'attention';
  readonly path: RelPath;
  readonly previousPath: RelPath | null;
  readonly device: DeviceId | null;
}

/** All or nothing, durable when it resolves (one SQLite transaction). Absent fields change nothing. */
export interface Batch {
  /** Whole rows; a row whose three states are all null is removed. */
  readonly rows?: readonly NodeRow[];
  /** Before everything else in the batch: local and synced of every row become null, rows then empty go. */
  readonly forgetLocal?: boolean;
  /** Before everything else too: remote of every row becomes null, and cursor, members, references, blocks, intents and what is in flight go. */
  readonly forgetJournal?: boolean;
  /** References of a node's current remote file content; null forgets them. */
  readonly references?: readonly { readonly node: NodeId; readonly value: NodeReferences | null }[];
  /** Blocks this user's devices wrote or this device opened: only these may be reused without an upload. */
  readonly blocks?: readonly BlockReference[];
  readonly cursor?: Cursor;
  /** H_n of entries, for checking bases. */
  readonly hashes?: readonly { readonly seq: number; readonly hash: Hash }[];
  readonly members?: string;
  /** Sum over the nodes of the Remote tree; null where it is not known. */
  readonly treeSum?: TreeSum | null;
  readonly inFlight?: InFlight | null;
  readonly intents?: { readonly put?: readonly Intent[]; readonly remove?: readonly NodeId[] };
  readonly diskIntents?: { readonly put?: readonly DiskIntent[]; readonly remove?: readonly string[] };
  readonly attention?: { readonly put?: readonly Attention[]; readonly remove?: readonly string[] };
  readonly activity?: readonly Omit<ActivityItem, 'id'>[];
  /** Small named values of the engine (scan stamps, mass-change windows): JSON. */
  readonly facts?: Readonly<Record<string, string | null>>;
}
