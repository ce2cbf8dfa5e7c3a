import type { NodeId } from '@onefold/protocol';
import type { Name, NodeRow } from './tree.ts';

/** A change of this disk. Operations are carried out in the order given; what does not depend on another may share a batch with it. */
export type DownOperation =
  /** Folder, file or link that is not here yet, from its remote state. */
  | { readonly op: 'create'; readonly node: NodeId; readonly parent: NodeId; readonly name: Name }
  | { readonly op: 'move'; readonly node: NodeId; readonly parent: NodeId; readonly name: Name }
  /** Out of the way, into staging: a later `move` of the same node brings it to its place. */
  | { readonly op: 'park'; readonly node: NodeId }
  /**
   * The node's remote content takes the place of the local one. With `keepAs` the local file is first given that name as a node of its
   * own: both sides were edited.
   */
  | { readonly op: 'replace'; readonly node: NodeId; readonly keepAs: Name | null }
  /** `isWithdrawn`: nobody deleted it, it only is not to be on this device. */
  | { readonly op: 'trash'; readonly node: NodeId; readonly isWithdrawn?: boolean }
  | { readonly op: 'set-attributes'; readonly node: NodeId };

/** What one node's part of a changeset says. At least one of the four. */
export interface UpOperation {
  readonly node: NodeId;
  readonly place: 'create' | 'place' | 'hide' | null;
  /** The bytes are read, and sent where they differ from what the journal holds. */
  readonly content: boolean;
  /** They are sent though the journal says the same: the server has lost the blocks it told of, or any of them. */
  readonly lost?: 'some' | 'all';
  readonly attributes: boolean;
  /** Must be in the same changeset as the operation before it: one takes a name that the other gives up. */
  readonly joined: boolean;
  /** A passing name, said in place of the one here: that one is another's until more was said than fits into one changeset. */
  readonly as?: Name;
}

/**
 * Why a row that is not settled gets no operation: `next` = after what this plan does; `covered` = a folder above it is deleted along with
 * it; `unticked` = not to be here, or in such a folder, and the server does not hold it as it is; `kept-there` = deleted here, and holding what
 * is not here by wish; `one-way` = not to be carried out in a folder that only sends or only receives; the others until something outside changes.
 */
export type Waiting = 'next' | 'covered' | 'ignored' | 'parked' | 'blocked' | 'unticked' | 'kept-there' | 'one-way';

/** Everything to be done about the given rows, in the order: rows, adopt, rekey, setAside, identify, down, up. */
export interface Plan {
  /** Rows whose Synced moves, nothing else. */
  readonly rows: readonly NodeRow[];
  /** The local part of `from`, which only stands here, becomes the local part of `into`, which only stands there. */
  readonly adopt: readonly { readonly from: NodeId; readonly into: NodeId }[];
  /** Folders deleted there whose local part goes on as a new node, for the sake of what changed below it. */
  readonly rekey: readonly NodeId[];
  /** Renames on this disk that make room for a name the journal gave to another node. */
  readonly setAside: readonly { readonly node: NodeId; readonly name: Name }[];
  /** Files whose bytes must be identified before anything can be said. */
  readonly identify: readonly NodeId[];
  readonly down: readonly DownOperation[];
  readonly up: readonly UpOperation[];
  readonly waiting: ReadonlyMap<NodeId, Waiting>;
}
