import type {
  AnnounceUploadRequest,
  AnnounceUploadResponse,
  CommitRequest,
  CommitResponse,
  CtHash,
  DeviceId,
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
import type { MemoryJournal, ParsedChangeset } from '@onefold/journal';

/** What one device may ask. */
export interface ServerCalls {
  head(): NamespaceHead;
  entries(after: number, minSeq: number): EntriesResponse;
  skipped(after: number, to: number): SkippedResponse;
  snapshot(seq: number, after: NodeId | null): SnapshotResponse;
  announce(request: AnnounceUploadRequest): AnnounceUploadResponse;
  upload(uploadId: UploadId): UploadResponse;
  putPack(uploadId: UploadId, packId: PackId, pack: Uint8Array): PutPackResponse;
  commit(request: CommitRequest): CommitResponse;
  readBlocks(blocks: readonly CtHash[]): readonly (Uint8Array | null)[];
  lostBlocks(after: LostPlace | null): LostBlocksResponse;
  versions(node: NodeId): VersionsResponse;
  retention(): RetentionResponse;
  setRetention(policy: RetentionPolicy | null): RetentionResponse;
  purge(node: NodeId, version: number | null): number;
  purgedAmong(nodes: readonly NodeId[]): readonly NodeId[];
  usage(): UsageResponse;
  /** Its clock counts entries: each is accepted at its own position. */
  times(asked: { readonly seqs: readonly number[] } | { readonly atMs: number }): TimesResponse;
}

export interface MemoryServer {
  /** Another object after the server was restored. */
  readonly journal: MemoryJournal;
  callsOf(device: DeviceId): ServerCalls;
  /** Hears every event with the device it is not meant for (its own doing), or null. */
  onEvent(listener: (event: ServerEvent, except: DeviceId | null) => void): void;
  head(): NamespaceHead;
  holds(ctHash: CtHash): boolean;
  blockCount(): number;
  heldBytes(): number;
  /** Called with a changeset before it is judged; what it answers is called if the changeset stands. */
  inspector: ((device: DeviceId, entry: ParsedChangeset) => () => void) | null;
  /** Uploads expire, then every block that no kept version holds is gone. Every second time nothing old and nothing deleted is kept. */
  collect(): void;
  /** Its disk loses what a node's current content consists of, and it finds out. */
  lose(node: NodeId): void;
  /** Whoever runs it brings back what was lost of a node's current content. */
  regain(node: NodeId): void;
  /** Nodes that used a block when it was lost. */
  readonly losers: ReadonlySet<NodeId>;
  /** An owner's device says what the state is, and all changesets below are gone. */
  truncate(): void;
  /** Sealed bytes it will hold; more is refused. */
  quotaBytes: number;
  /** Nodes that it looks at for one entry. */
  nodesPerEntry: number;
  /** Remembers everything it holds now. */
  backUp(): void;
  /** Holds what it held at the last `backUp` again, under a new recovery epoch. */
  restore(): void;
  /** Outcomes of commits, for coverage: `committed`, `refused name-taken`, `behind` ... */
  readonly outcomes: ReadonlyMap<string, number>;
}
