import type { BlockId, ContentId, ErrorCode } from '@onefold/protocol';
import type { AttributesValue, BlockReference, FileStat, RelPath } from '../core/tree.ts';

export interface ReadItem {
  readonly path: RelPath;
  /** Reading stops with `changed` as soon as size, mtime, ctime or inode differ, before, during or after. */
  readonly expect: FileStat;
}

export interface SealedBlock {
  readonly reference: BlockReference;
  readonly sealed: Uint8Array;
}

export type ReadFailure =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export type IdentifyOutcome =
  { readonly outcome: 'read'; readonly contentId: ContentId; readonly sizeBytes: number } | ReadFailure;

export type PrepareOutcome =
  | {
      readonly outcome: 'read';
      readonly contentId: ContentId;
      readonly sizeBytes: number;
      /** In file order; blocks that `known` answered are reused, all others were given to `sealed`. */
      readonly references: readonly BlockReference[];
    }
  | ReadFailure;

export interface PrepareSink {
  /** References that may be used without sealing again, in order; undefined = seal it. */
  known(blocks: readonly BlockId[]): Promise<readonly (BlockReference | undefined)[]>;
  /** Takes verified sealed blocks, whose bytes are its own from then on; the next ones are made only after it resolves (back-pressure, bounded memory). */
  sealed(blocks: readonly SealedBlock[]): Promise<void>;
}

export interface AssembleItem {
  /** A staging path; created, written, given mode and mtime, not yet renamed. */
  readonly staging: RelPath;
  readonly sizeBytes: number;
  readonly contentId: ContentId;
  readonly references: readonly BlockReference[];
  readonly attributes: AttributesValue | null;
  /** Local files that may hold some of the blocks already: read, verified by blockId, never trusted. */
  readonly donors: readonly ReadItem[];
  /** What stands at `staging` may be the beginning of the file: verified, gone on from, and left there when the source fails. */
  readonly isResumed?: boolean;
}

export type AssembleOutcome =
  | { readonly outcome: 'written'; readonly stat: FileStat; readonly fetchedBytes: number }
  /** A block the server does not hold, or one that does not open (`block-corrupt`). */
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export interface BlockSource {
  /** So many bytes of the files need not be fetched: they are here. */
  readonly found?: (plainBytes: number) => void;
  /** Sealed bytes in the asked order, the caller's own; null = the server does not hold it. */
  fetch(references: readonly BlockReference[]): Promise<readonly (Uint8Array | null)[]>;
}

/** Hashing, splitting, compressing, sealing, opening: off the control loop (worker threads on a real machine). */
export interface Blocks {
  identify(items: readonly ReadItem[]): Promise<readonly IdentifyOutcome[]>;
  prepare(items: readonly ReadItem[], epoch: number, sink: PrepareSink): Promise<readonly PrepareOutcome[]>;
  assemble(items: readonly AssembleItem[], source: BlockSource): Promise<readonly AssembleOutcome[]>;
  /** Seals bytes that are no file (long manifests), split at 4/16/64 KiB with keys of their own. */
  sealBytes(bytes: Uint8Array, epoch: number, sink: PrepareSink): Promise<readonly BlockReference[]>;
  openBytes(references: readonly BlockReference[], source: BlockSource): Promise<Uint8Array>;
}
