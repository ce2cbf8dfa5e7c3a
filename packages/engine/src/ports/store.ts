import type { TreeSum } from '@onefold/journal';
import type { BlockId, ContentId, Hash, NameTag, NodeId } from '@onefold/protocol';
import type { BlockReference, Name, NodeReferences, NodeRow } from '../core/tree.ts';
import type { ActivityItem, Attention, Batch, Cursor, DiskIntent, InFlight, Intent } from './records.ts';

export type Side = 'local' | 'remote' | 'synced';

/** Trees, queue and cursors behind one transaction. Reads see every commit that resolved before. */
export interface Store {
  commit(batch: Batch): Promise<void>;
  rows(nodes: readonly NodeId[]): Promise<readonly (NodeRow | undefined)[]>;
  /** Children by each side's own parent; of the remote side also hidden ones. */
  childrenOf(side: Side, parent: NodeId): Promise<readonly NodeRow[]>;
  /** Of the remote side only children whose own hidden flag is false. */
  childrenByName(
    side: Side,
    keys: readonly { readonly parent: NodeId; readonly name: Name }[],
  ): Promise<readonly (NodeRow | undefined)[]>;
  /** Local rows by what they are called on the disk. */
  childrenOnDisk(
    keys: readonly { readonly parent: NodeId; readonly name: Name }[],
  ): Promise<readonly (NodeRow | undefined)[]>;
  /** Local rows that are called otherwise on the disk than elsewhere, ordered by node id, at most `limit`. */
  renamedHere(limit: number): Promise<readonly NodeRow[]>;
  /** Remote children with own hidden flag false. */
  remoteChildrenByTag(
    keys: readonly { readonly parent: NodeId; readonly tag: NameTag }[],
  ): Promise<readonly (NodeId | undefined)[]>;
  /** Remote children of this name, hidden ones too, the last changed first, at most `limit`. */
  remoteNamesakes(parent: NodeId, name: Name, limit: number): Promise<readonly NodeRow[]>;
  /**
   * What a folder holds: local children, and remote ones that are alive and not here. At most `limit` that come after `after` (null: from the
   * first) in the order of the code points of their names. Costs what it answers, not what the folder holds.
   */
  childrenPage(parent: NodeId, after: Name | null, limit: number): Promise<readonly NodeRow[]>;
  /**
   * Rows whose name holds every one of `words` (folded: core's searchKey), the best match first: the whole name, its beginning, the beginning of
   * a word, anywhere; then the shorter name. `isDeleted`: the journal's deleted ones that are not here, else all others.
   */
  named(words: readonly string[], isDeleted: boolean, limit: number): Promise<readonly NodeRow[]>;
  /** A slice of all rows, for sums over them: at most `limit`, after the row `after` (null: from the first), and where the next begins. */
  slice(
    after: number | null,
    limit: number,
  ): Promise<{ readonly rows: readonly NodeRow[]; readonly next: number | null }>;
  remoteChangedAfter(seq: number): Promise<readonly NodeId[]>;
  /** Local rows with this (volume, inode), for each key. */
  localByInodes(
    keys: readonly { readonly device: bigint; readonly inode: bigint }[],
  ): Promise<readonly (readonly NodeRow[])[]>;
  /** Some rows (at most 8 a key) whose local or remote content is this, for each key. */
  byContents(contentIds: readonly ContentId[]): Promise<readonly (readonly NodeRow[])[]>;
  /** Rows for which core's isSettled is false, ordered by node id, at most `limit` after `after`. Must not cost the settled ones. */
  unsettled(limit: number, after: NodeId | null): Promise<readonly NodeRow[]>;
  /** files and folders: rows with a local state. notYetSafe: rows for which core's isSafe is false. Cheap: asked every cycle. */
  counts(): Promise<{
    readonly files: number;
    readonly folders: number;
    readonly unsettled: number;
    readonly notYetSafe: number;
    /** Sum of core's bytesToMove over the unsettled. */
    readonly bytesToMove: number;
  }>;
  /** Rows that the journal calls as rules files are called, alive or not. Few, and cheap: asked before every plan. */
  rulesFiles(): Promise<readonly NodeRow[]>;
  /** Rows that the journal holds as deleted by themselves (not along with a folder) and that are not here, the last deleted first. */
  deleted(limit: number): Promise<readonly NodeRow[]>;
  references(nodes: readonly NodeId[]): Promise<readonly (NodeReferences | null)[]>;
  knownBlocks(blocks: readonly BlockId[]): Promise<readonly (BlockReference | undefined)[]>;
  /** Nodes whose references hold this block: donors for a download. */
  nodesWithBlocks(blocks: readonly BlockId[]): Promise<ReadonlyMap<BlockId, NodeId>>;
  cursor(): Promise<Cursor | null>;
  hashAt(seq: number): Promise<Hash | undefined>;
  members(): Promise<string | null>;
  treeSum(): Promise<TreeSum | null>;
  inFlight(): Promise<InFlight | null>;
  intents(limit: number): Promise<readonly Intent[]>;
  diskIntents(): Promise<readonly DiskIntent[]>;
  attention(): Promise<readonly Attention[]>;
  activity(limit: number, before: number | null): Promise<readonly ActivityItem[]>;
  fact(key: string): Promise<string | null>;
  close(): Promise<void>;
}
