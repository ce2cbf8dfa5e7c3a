import type { BlockId, ContentId, ErrorCode, NamespaceId } from '@onefold/protocol';
import type { AttributesValue, BlockReference, FileStat, RelPath } from '../../core/tree.ts';
import type { ReadFailure } from '../../ports.ts';
import type { RootPlace } from '../disk/rooted-paths.ts';

/* What the control thread and a block worker say to each other. Plaintext stays inside the worker that read it. */

/** Keys that never change within a namespace. Handed to a worker once. */
export interface BlockWorkerData {
  readonly place: RootPlace;
  readonly namespaceId: NamespaceId;
  readonly splitterSecret: Uint8Array;
  readonly manifestSplitterSecret: Uint8Array;
  readonly splitter: { readonly min: number; readonly mean: number; readonly max: number };
  readonly blockIdKey: Uint8Array;
  /** Manifests have names and seals of their own. */
  readonly manifestBlockIdKey: Uint8Array;
}

/** What blocks are made of: bytes of files, or lists of references. Each kind has its own keys. */
export type BlockUse = 'content' | 'manifest';

export interface NamedBlock {
  readonly blockId: BlockId;
  readonly plainLength: number;
}

/** The key of each epoch that a call needs. */
export type EpochKeys = ReadonlyMap<number, Uint8Array>;

export interface SealedOut {
  readonly reference: BlockReference;
  readonly sealed: Uint8Array;
}

/** A small file read in one piece: one block, or none when it is empty. */
export type SmallRead = { readonly outcome: 'read'; readonly block: NamedBlock | null } | ReadFailure;

export type SegmentRead =
  { readonly outcome: 'read'; readonly blocks: readonly NamedBlock[]; readonly isEnd: boolean } | ReadFailure;

export interface WriteItem {
  readonly staging: RelPath;
  readonly contentId: ContentId;
  readonly attributes: AttributesValue | null;
  /** Of a file that may have been begun: the blocks it will hold, in order. */
  readonly resumed: readonly BlockReference[] | null;
}

/** Where bytes of a block come from: sealed bytes from the server, or a place in a local file, to be verified by its name. */
export type PieceSource =
  | { readonly kind: 'sealed'; readonly sealed: Uint8Array }
  | { readonly kind: 'donor'; readonly path: RelPath; readonly expect: FileStat; readonly offset: number }
  /** Stands in this very file already. */
  | { readonly kind: 'written' };

export interface Piece {
  readonly reference: BlockReference;
  readonly source: PieceSource;
}

/** `standing`: so many of its first blocks are there already. */
export type BeginResult =
  { readonly outcome: 'written'; readonly standing: number } | { readonly outcome: 'failed'; readonly code: ErrorCode };

/** `lost`: the piece at this position is not where it was said to be, and is to be fetched; those before it are written. */
export type WriteResult =
  | { readonly outcome: 'written' }
  | { readonly outcome: 'lost'; readonly position: number }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export type FinishResult =
  { readonly outcome: 'written'; readonly stat: FileStat } | { readonly outcome: 'failed'; readonly code: ErrorCode };
