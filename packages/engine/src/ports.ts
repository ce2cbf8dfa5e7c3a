/*
 * Every side effect of the engine, on one page. `core` and `sync` see the world only through these; `node` implements them on a real
 * machine, `testing` in memory. One engine instance = one (namespace, folder) pair.
 *
 * Nothing here throws for expected outcomes: those are unions. Unexpected failures reject with OnefoldError.
 */
import type {
  AnnounceUploadRequest,
  AnnounceUploadResponse,
  BlockId,
  CommitRequest,
  CommitResponse,
  ContentId,
  CtHash,
  DeviceId,
  EpochBody,
  EntriesResponse,
  ErrorCode,
  Hash,
  NamespaceHead,
  NameTag,
  NodeId,
  OpId,
  PackId,
  PutPackResponse,
  RetentionPolicy,
  RetentionResponse,
  ServerEvent,
  SignedEntry,
  UploadId,
  TimesResponse,
  UploadResponse,
  UsageResponse,
  UserId,
  VersionsResponse,
} from '@onefold/protocol';
import type { NameRules } from './core/local-name.ts';
import type { ParsedEpoch, UserChain } from '@onefold/journal';
import type { AttributesValue, BlockReference, FileStat, Name, NodeReferences, NodeRow, RelPath } from './core/tree.ts';

// ------------------------------------------------------------------------------------------------------------------ time and chance

export interface Clock {
  /** Milliseconds since 1970; may jump. For names and records only, never for waiting. */
  nowMs(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when aborted (never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). For jitter. */
  fraction(): number;
}

export interface Log {
  write(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Sleep and resume of the machine. */
export interface Power {
  onResume(listener: () => void): () => void;
}

// ------------------------------------------------------------------------------------------------------------------ the folder on disk

export interface DiskEntry {
  readonly name: Name;
  readonly stat: FileStat;
}

/**
 * A complete listing of one folder or nothing: `unreadable` names entries that exist but could not be examined (never a reason for a
 * delete). `self` is the folder's own stat from before the listing. A folder that changes while it is read may be listed before or after
 * any of those changes.
 */
export type Listing =
  | {
      readonly outcome: 'listed';
      readonly self: FileStat;
      readonly entries: readonly DiskEntry[];
      readonly unreadable: readonly { readonly name: Name; readonly code: ErrorCode }[];
    }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

export type DiskResult = { readonly outcome: 'done' } | { readonly outcome: 'failed'; readonly code: ErrorCode };

/**
 * One change of the disk that first checks what it is about to change. "Stands" means same kind and inode; for files and links also the
 * same size, mtime and ctime: a change that put size and mtime back would be lost from sight, since renaming a file, or giving it other times,
 * gives it a new ctime that is then taken for known. What we ourselves renamed since it was looked at is told by `isRenamedSince`.
 */
export type DiskChange =
  /** Parent must exist; the path must be free. `mode` null = the system's default. */
  | { readonly op: 'create-folder'; readonly path: RelPath; readonly mode: number | null }
  /** Parent must exist; the path must be free. The target is verbatim. */
  | { readonly op: 'create-link'; readonly path: RelPath; readonly target: string }
  /**
   * Renames `from` to `to`. `expectFrom` must stand at `from`; `to` must hold exactly `expectTo` (null: nothing). With `keepAs` the
   * displaced file's inode is first linked (else copied) there, to be compared afterwards. Never replaces a folder.
   */
  | {
      readonly op: 'move';
      readonly from: RelPath;
      readonly to: RelPath;
      readonly expectFrom: FileStat;
      readonly expectTo: FileStat | null;
      readonly keepAs: RelPath | null;
      /** Of the source: its ctime says nothing, an earlier change of this engine renamed it. */
      readonly isRenamedSince?: boolean;
    }
  /**
   * Into the local trash, whose entries remember where they came from. Folders only when empty (else `precondition`). `isSent`: a committed
   * version holds it, so that it may go when room is needed.
   */
  | { readonly op: 'trash'; readonly path: RelPath; readonly expect: FileStat; readonly isSent: boolean }
  /** mtime of files, mode of files and folders; null leaves it. */
  | {
      readonly op: 'set-attributes';
      readonly path: RelPath;
      readonly expect: FileStat;
      readonly attributes: AttributesValue;
      readonly isRenamedSince?: boolean;
    };

/** Something in the local trash. */
export interface TrashEntry {
  /** Where it lies, inside the root. */
  readonly at: RelPath;
  /** Where it stood. */
  readonly path: RelPath;
  readonly trashedAtMs: number;
  readonly isSent: boolean;
  readonly stat: FileStat;
}

/** `stat` is what stands at the path (of a move: at `to`) afterwards, null after trash. `found` is what stood in the way (null: nothing stood). */
export type ChangeResult =
  | { readonly outcome: 'done'; readonly stat: FileStat | null }
  | { readonly outcome: 'precondition'; readonly found: FileStat | null }
  | { readonly outcome: 'failed'; readonly code: ErrorCode };

/**
 * One root folder. Paths are root-relative and never follow links: a component that is a link fails. `.onefold/` at the root holds
 * marker, staging and trash, and is invisible in listings.
 */
export interface FileSystem {
  /** State of the root: marker and volume are checked against what was recorded when the folder was added. Cheap: asked every cycle. */
  checkRoot(): Promise<
    | { readonly outcome: 'present'; readonly stat: FileStat }
    | { readonly outcome: 'missing' }
    | { readonly outcome: 'replaced'; readonly why: string }
  >;
  list(paths: readonly RelPath[]): Promise<readonly Listing[]>;
  /** lstat of each; null where nothing stands; `failed` where it cannot be said (never a reason for a delete). */
  stat(
    paths: readonly RelPath[],
  ): Promise<readonly (FileStat | null | { readonly outcome: 'failed'; readonly code: ErrorCode })[]>;
  /** Verbatim targets; null where no link stands. */
  readLinks(paths: readonly RelPath[]): Promise<readonly (string | null)[]>;
  /** The bytes of a small file (rules, not content), or null when there is none, it is longer, or it cannot be read. */
  readSmall(path: RelPath, maxBytes: number): Promise<Uint8Array | null>;
  /** Smallest step of mtime this volume shows, measured with a probe file. Nanoseconds. */
  mtimeGranularityNs(): bigint;
  /** What the root's volume makes of names. */
  nameRules(): NameRules;
  /** Free bytes of the root's volume, or null where unknown. */
  freeBytes(): Promise<number | null>;

  /** Path of a fresh name inside staging (not created), on the volume that holds `near`. The name begins with `label`. */
  stagingPath(near: RelPath, label?: string): RelPath;
  /**
   * Makes the changes one after the other in the given order. A failed one does not stop the next, but nothing is put below a place that one
   * before was to fill and did not: `precondition`. Results in the same order.
   */
  change(changes: readonly DiskChange[]): Promise<readonly ChangeResult[]>;
  /** Removes things of ours from staging, recursively. Missing is done. */
  discard(stagingPaths: readonly RelPath[]): Promise<DiskResult>;
  /** What lies in the local trash, oldest first. What cannot be looked at is left out. */
  listTrash(): Promise<readonly TrashEntry[]>;
  /** Removes entries of the trash for good. Missing is done. */
  purgeTrash(at: readonly RelPath[]): Promise<DiskResult>;
  /** Everything left in staging, for settling after a crash. */
  listStaging(): Promise<readonly RelPath[]>;
  /** Makes every rename, folder and file written since the last flush durable. One call for a whole batch. */
  flush(paths: readonly RelPath[]): Promise<DiskResult>;
}

export type WatchEvent =
  | { readonly kind: 'changed'; readonly paths: readonly RelPath[] }
  /** Events were lost, or the watcher failed: only a full scan tells. */
  | { readonly kind: 'overflow'; readonly code: ErrorCode | null };

/** Hints only. */
export interface Watcher {
  start(listener: (event: WatchEvent) => void): Promise<void>;
  stop(): Promise<void>;
}

// ------------------------------------------------------------------------------------------------------------------ bytes to blocks and back

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
  /** Takes verified sealed blocks; the next ones are made only after it resolves (back-pressure, bounded memory). */
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
  /** Sealed bytes in the asked order; null = the server does not hold it. */
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

// ------------------------------------------------------------------------------------------------------------------ keys

/** What a content register's sealed part says. More than LIMITS.inlineReferences references live in manifest blocks. */
export type SealedContent =
  | {
      readonly kind: 'file';
      readonly sizeBytes: number;
      readonly contentId: ContentId;
      readonly references: readonly BlockReference[];
    }
  | {
      readonly kind: 'manifest';
      readonly sizeBytes: number;
      readonly contentId: ContentId;
      readonly manifest: readonly BlockReference[];
    }
  | { readonly kind: 'link'; readonly target: string };

export interface RegisterAt {
  readonly node: NodeId;
  readonly version: number;
  readonly epoch: number;
}

/** Opened, or not: a sealed part that does not open is an author's doing and quarantines the node. */
export type Opened<T> = { readonly outcome: 'opened'; readonly value: T } | { readonly outcome: 'corrupt' };

/** Sealing and signing with the keys of one namespace and this device. Synchronous; plaintext names never leave the machine otherwise. */
export interface Sealing {
  readonly device: DeviceId;
  readonly user: UserId;
  nameTag(parent: NodeId, name: Name): NameTag;
  sealPlace(at: RegisterAt, name: Name): Uint8Array;
  openPlace(at: RegisterAt, sealed: Uint8Array): Opened<Name>;
  sealContent(at: RegisterAt, content: SealedContent): Uint8Array;
  openContent(at: RegisterAt, sealed: Uint8Array): Opened<SealedContent>;
  sealAttributes(at: RegisterAt, attributes: AttributesValue): Uint8Array;
  openAttributes(at: RegisterAt, sealed: Uint8Array): Opened<AttributesValue>;
  sealLabel(node: NodeId, label: { readonly name: Name; readonly sizeBytes: number }): Uint8Array;
  openLabel(node: NodeId, sealed: Uint8Array): Opened<{ readonly name: Name; readonly sizeBytes: number }>;
  encodeReferences(references: readonly BlockReference[]): Uint8Array;
  decodeReferences(bytes: Uint8Array): readonly BlockReference[];
  sign(message: Uint8Array): Uint8Array;
}

/** Verified chains of the users in this namespace, kept fresh from the server. */
export interface KeyStore {
  chain(user: UserId, atLeast: number): Promise<UserChain>;
  /** Opens the secret of an epoch that the journal opened, for good, before anything is sealed or opened under it. */
  openEpoch(entry: ParsedEpoch): Promise<void>;
  /** An epoch to follow `epoch`, sealed to these members; nothing is kept of it here. */
  nextEpoch(
    epoch: number,
    members: readonly { readonly user: UserId; readonly generation: number; readonly boxKey: Uint8Array }[],
  ): Promise<EpochBody>;
  /** Plain name of a device for people ("Laptop"), or null. */
  deviceName(device: DeviceId): string | null;
}

// ------------------------------------------------------------------------------------------------------------------ the server

/** Calls about one namespace. Rejects with OnefoldError; its reaction says what to do. Each call has a deadline of its own. */
export interface Remote {
  head(): Promise<NamespaceHead>;
  /** A page of the journal after `after` (-1: from genesis on). */
  entries(after: number, minSeq: number): Promise<EntriesResponse>;
  announce(request: AnnounceUploadRequest): Promise<AnnounceUploadResponse>;
  upload(uploadId: UploadId): Promise<UploadResponse>;
  putPack(uploadId: UploadId, packId: PackId, pack: Uint8Array): Promise<PutPackResponse>;
  commit(request: CommitRequest): Promise<CommitResponse>;
  readBlocks(blocks: readonly CtHash[]): Promise<readonly (Uint8Array | null)[]>;
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

// ------------------------------------------------------------------------------------------------------------------ what survives a crash

export interface Cursor {
  readonly remoteSeq: number;
  readonly remoteHash: Hash;
  readonly recoveryEpoch: number;
  readonly epoch: number;
  /** Last deviceSeq ever used by this device here, committed or not. */
  readonly deviceSeq: number;
  /** Position of this device's own last committed entry, -1 for none. */
  readonly ownSeq: number;
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
  readonly inFlight?: InFlight | null;
  readonly intents?: { readonly put?: readonly Intent[]; readonly remove?: readonly NodeId[] };
  readonly diskIntents?: { readonly put?: readonly DiskIntent[]; readonly remove?: readonly string[] };
  readonly attention?: { readonly put?: readonly Attention[]; readonly remove?: readonly string[] };
  readonly activity?: readonly Omit<ActivityItem, 'id'>[];
  /** Small named values of the engine (scan stamps, mass-change windows): JSON. */
  readonly facts?: Readonly<Record<string, string | null>>;
}

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
  inFlight(): Promise<InFlight | null>;
  intents(limit: number): Promise<readonly Intent[]>;
  diskIntents(): Promise<readonly DiskIntent[]>;
  attention(): Promise<readonly Attention[]>;
  activity(limit: number, before: number | null): Promise<readonly ActivityItem[]>;
  fact(key: string): Promise<string | null>;
  close(): Promise<void>;
}

export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly power: Power;
  readonly files: FileSystem;
  readonly watcher: Watcher;
  readonly blocks: Blocks;
  readonly sealing: Sealing;
  readonly keys: KeyStore;
  readonly remote: Remote;
  readonly store: Store;
}
