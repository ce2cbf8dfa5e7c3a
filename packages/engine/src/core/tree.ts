import type { BlockId, ContentId, CtHash, DeviceId, NameTag, NodeId, NodeKind } from '@onefold/protocol';

/**
 * One path component as text. Bytes that are not UTF-8 are carried as lone surrogates U+DC80..U+DCFF (one per byte), so that every name a
 * disk can hold survives the way through strings and back, byte for byte.
 */
export type Name = string;

/** Root-relative path, components joined by "/", never empty components, "" = the root itself. */
export type RelPath = string;

/** What a device's disk says about one entry. bigint where a double is not exact. Times in nanoseconds since 1970. */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'special';
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** 0n where the file system has none. */
  readonly birthtimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
  readonly linkCount: number;
  /** Permission bits only, 0..0o777: setuid, setgid and sticky are stripped. */
  readonly mode: number;
}

/** Content of a file (identity of its bytes) or of a link (its verbatim target, same text form as Name). Folders have none. */
export type ContentValue =
  | { readonly kind: 'file'; readonly contentId: ContentId; readonly sizeBytes: number }
  | { readonly kind: 'link'; readonly target: string };

/** mtime only for files. `mode` absent where the author's disk has no modes. */
export interface AttributesValue {
  readonly mtimeNs: bigint | null;
  readonly mode: number | null;
}

/** Local tree: what was observed on this disk. `content` is null while the bytes have not been identified since they last changed. */
export interface LocalState {
  readonly kind: NodeKind;
  readonly parent: NodeId;
  /** What the node is called: its name in the journal as far as this device is concerned. */
  readonly name: Name;
  /** What it is called on this disk, where the disk cannot hold its name. Made by localName, and never said to anybody. */
  readonly diskName?: Name | undefined;
  readonly stat: FileStat;
  readonly content: ContentValue | null;
}

/** Remote tree: what the verified journal says. Versions are register versions; `lastSeq` the last entry that touched the node. */
export interface RemoteState {
  readonly kind: NodeKind;
  readonly parent: NodeId;
  readonly nameTag: NameTag;
  /** null when the sealed name did not open: the node is quarantined. */
  readonly name: Name | null;
  /** The node's own flag. */
  readonly hidden: boolean;
  /** Derived: some ancestor is hidden. A node is alive when neither flag is set. Kept by the replay, so that a row alone tells. */
  readonly hiddenAbove: boolean;
  /** Derived: it is alive, and it or a folder above it in the journal is not to be on this device. Says nothing to anybody else. Kept by the replay too. */
  readonly unticked: boolean;
  readonly placeVersion: number;
  readonly contentVersion: number;
  readonly attributesVersion: number;
  readonly lastSeq: number;
  /** Device that wrote the current content (or the place, for folders): conflict copies are named after it. */
  readonly author: DeviceId;
  readonly content: ContentValue | null;
  /**
   * Content versions, ascending, that the server had lost when one was written in their place by a device that never had them: their bytes are in no version
   * since. Absent: there are none.
   */
  readonly unseen?: readonly number[] | undefined;
  readonly attributes: AttributesValue | null;
  readonly quarantined: boolean;
  /**
   * Of each register the node has, in the order place, content, attributes, the digest that goes into its leaf (packages/journal, node-leaf.ts): hex, one
   * behind the other. Absent in rows of before there were checkpoints.
   */
  readonly digests?: string | undefined;
}

/** Synced tree: the last state both sides held, with the register versions it had. The merge base. */
export interface SyncedState {
  readonly kind: NodeKind;
  readonly parent: NodeId;
  readonly name: Name;
  readonly content: ContentValue | null;
  readonly attributes: AttributesValue | null;
  /**
   * What this disk showed of the attributes at that moment: a disk may hold fewer than the journal says (coarse times, no modes), and only
   * a difference from what it showed is the user's.
   */
  readonly shown: AttributesValue | null;
  readonly placeVersion: number;
  readonly contentVersion: number;
  readonly attributesVersion: number;
}

/** The three trees at one node id. */
export interface NodeRow {
  readonly node: NodeId;
  readonly local: LocalState | null;
  readonly remote: RemoteState | null;
  readonly synced: SyncedState | null;
}

/**
 * Where the bytes of a node's current remote content are. `references` is null while they live in manifest blocks that have not been
 * opened here yet; `manifest` is empty for short files.
 */
export interface NodeReferences {
  readonly references: readonly BlockReference[] | null;
  readonly manifest: readonly BlockReference[];
}

/** How one sealed block is named, located and checked. */
export interface BlockReference {
  readonly epoch: number;
  readonly blockId: BlockId;
  readonly ctHash: CtHash;
  /** Sealed length in bytes. */
  readonly ctLength: number;
  readonly plainLength: number;
}
