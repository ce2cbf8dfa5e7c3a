import type {
  AnnounceUploadRequest,
  AnnounceUploadResponse,
  CommitRequest,
  CommitResponse,
  CtHash,
  EntriesResponse,
  LostBlocksResponse,
  LostPlace,
  NamespaceHead,
  NodeId,
  PackId,
  PutPackResponse,
  RetentionPolicy,
  RetentionResponse,
  ServerEvent,
  SkippedResponse,
  SnapshotResponse,
  TimesResponse,
  UploadId,
  UploadResponse,
  UsageResponse,
  VersionsResponse,
} from '@onefold/protocol';

/** Calls about one namespace. Rejects with OnefoldError; its reaction says what to do. Each call has a deadline of its own. */
export interface Remote {
  head(): Promise<NamespaceHead>;
  /** A page of the journal after `after` (-1: from genesis on). */
  entries(after: number, minSeq: number): Promise<EntriesResponse>;
  /** What leads from `after` to `to` past changesets that are not kept: entry hashes, 32 bytes each, as many as fit; and what is no changeset. */
  skipped(after: number, to: number): Promise<SkippedResponse>;
  /** Nodes as they were after entry `seq`, of which a checkpoint speaks, by ascending id behind `after`. Rejects with `behind` when it is not kept. */
  snapshot(seq: number, after: NodeId | null): Promise<SnapshotResponse>;
  announce(request: AnnounceUploadRequest): Promise<AnnounceUploadResponse>;
  upload(uploadId: UploadId): Promise<UploadResponse>;
  putPack(uploadId: UploadId, packId: PackId, pack: Uint8Array): Promise<PutPackResponse>;
  commit(request: CommitRequest): Promise<CommitResponse>;
  readBlocks(blocks: readonly CtHash[]): Promise<readonly (Uint8Array | null)[]>;
  /** Blocks the server has lost, with the current versions that use them, behind `after`. */
  lostBlocks(after: LostPlace | null): Promise<LostBlocksResponse>;
  versions(node: NodeId): Promise<VersionsResponse>;
  retention(): Promise<RetentionResponse>;
  /** Null: as the server has it. */
  setRetention(policy: RetentionPolicy | null): Promise<RetentionResponse>;
  /** Gives up one old version, or (`version` null) a deleted node with all below it. Answers how many versions went. */
  purge(node: NodeId, version: number | null): Promise<number>;
  /** Those of `nodes` of which the server keeps nothing any more. */
  purgedAmong(nodes: readonly NodeId[]): Promise<readonly NodeId[]>;
  /** When entries were accepted, the last first: these, or the last one at or before a moment. Nobody signs a time. */
  times(asked: { readonly seqs: readonly number[] } | { readonly atMs: number }): Promise<TimesResponse>;
  /** What the account that owns the namespace stores, and may. */
  usage(): Promise<UsageResponse>;
  /** Pushed events; `connected` tells of the connection itself. Returns a function that unsubscribes. */
  subscribe(listener: (event: ServerEvent | { readonly event: 'connected' | 'disconnected' }) => void): () => void;
  /** Calls under way are given up as soon as may be; what the server makes of them stays open. They reject, with whatever code. */
  interrupt(): void;
  /** The same namespace, for large files: what it sends and fetches lets everything else go first. */
  inBulk(): Remote;
}
