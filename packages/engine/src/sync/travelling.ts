import type { CommitRequest, ErrorCode, NodeId, OnefoldError, UploadId } from '@onefold/protocol';
import type { UpOperation } from '../core/operation.ts';
import type { AttributesValue, BlockReference, ContentValue, FileStat, NodeRow, RelPath } from '../core/tree.ts';
import type { SealedContent } from '../ports.ts';

/* What is on its way between this disk and the server, as the phases hand it to each other. */

export type InlinePack = NonNullable<CommitRequest['pack']>;

/** One node's part of a changeset that is being made. */
export interface Unit {
  readonly operation: UpOperation;
  readonly row: NodeRow;
  readonly path: RelPath;
}

/** Content that was read and sealed. `sealed` is null when the journal already holds it. */
export interface ReadyContent {
  readonly value: ContentValue;
  readonly sealed: SealedContent | null;
  /** Everything the new version uses: data and manifest blocks. */
  readonly references: readonly BlockReference[];
}

export interface ReadyUnit extends Unit {
  readonly content: ReadyContent | null;
}

/** A changeset whose blocks are with the server, or ride along. */
export interface Draft {
  readonly units: readonly ReadyUnit[];
  readonly uploadId: UploadId | null;
  readonly pack: InlinePack | null;
}

/** What the server does not take, however often it is sent. */
export interface RefusedDraft {
  readonly refused: OnefoldError;
}

/** A file's remote content, written to staging and verified, not yet durable; or a link. */
export interface Staged {
  readonly path: RelPath;
  readonly stat: FileStat;
  /** Null for a link. */
  readonly contentId: string | null;
  /** Those it was given; the journal may have others by the time it is put in place. */
  readonly attributes: AttributesValue | null;
}

export type StageOutcome = Staged | { readonly failed: ErrorCode };

export interface StageItem {
  readonly row: NodeRow;
  /** Where the node stands here, when it does: its old bytes may hold some of the new. */
  readonly localPath: RelPath | null;
}

export interface TransferItem {
  readonly node: NodeId;
  readonly name: string;
  readonly direction: 'up' | 'down' | 'read';
  readonly sizeBytes: number;
  /** Of the file's own bytes, those that are with the server or here. */
  readonly doneBytes: number;
}

/** Bytes per second, over the last five seconds. */
export interface Speed {
  readonly up: number;
  readonly down: number;
}
