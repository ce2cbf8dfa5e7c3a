import type { CtHash, ErrorCode, NamespaceHead, NodeId } from '@onefold/protocol';
import type { Destruction } from '../core/mass-change.ts';
import type { ContentValue, NodeRow, RelPath } from '../core/tree.ts';
import type { Attention, BlockSource, DiskIntent, Intent, Remote } from '../ports.ts';
import type { Draft, Speed, Staged, StageItem, TransferItem, Unit } from './travelling.ts';

/* What the parts of a session do for the phases. Types alone, so that no part needs to know another. */

/** What a person should look at, kept in the store and mirrored here so that `status` can tell at once. */
export interface AttentionBook {
  load(): Promise<void>;
  list(): readonly Attention[];
  get(id: string): Attention | undefined;
  /** Raises or renews; `sinceMs` of a known one stays. */
  raise(item: {
    readonly id: string;
    readonly code: ErrorCode;
    readonly path: RelPath;
    readonly message: string;
    readonly detail?: string;
  }): Promise<void>;
  clear(ids: readonly string[]): Promise<void>;
}

/** Up to `prefix` the journal is the one that this device had read before; `isOpen` until they part. Kept as a fact between pages. */
export interface Rewind {
  readonly prefix: number;
  readonly isOpen: boolean;
}

export interface Displaced {
  add(intent: DiskIntent): void;
  /** Compares what is due. After a restart everything is, and once more 30 seconds later: who writes may have outlived the engine. */
  look(): Promise<number>;
  nextDueMs(): number | null;
}

export interface Guard {
  load(): Promise<void>;
  /** Hears of every row that is written. */
  note(rows: readonly NodeRow[]): void;
  isHeld(node: NodeId): boolean;
  /** An edit that must be identified first, because there are so many that it may be part of a mass rewrite. */
  isSuspect(node: NodeId): boolean;
  /** Counts, and makes holds where there is too much. Called before every plan. */
  judge(): Promise<void>;
  confirm(id: string): Promise<boolean>;
  /** The held nodes of a hold that was rejected, with what threatened them. Null: no such hold. */
  reject(id: string): Promise<readonly { readonly node: NodeId; readonly threat: Destruction }[] | null>;
}

/** Paths on this disk of nodes, by the Local tree. */
export interface LocalPaths {
  /** Path of a folder by its id; null when it or something above it is not here. */
  folder(node: NodeId): Promise<RelPath | null>;
  of(row: NodeRow): Promise<RelPath | null>;
  /** Rows that were written: a folder among them may have moved, and with it everything below. */
  forget(rows: readonly NodeRow[]): void;
  forgetAll(): void;
}

/**
 * The offline queue's patience: which nodes failed, how often, and when they are tried again. What is to be done about them is derived from
 * the trees each time; this only says when.
 *
 *   (unknown) -- failed --> waiting -- due --> tried -- failed --> waiting (longer)
 *                                                    -- done ----> (unknown)
 */
export interface Patience {
  load(): Promise<void>;
  isWaiting(node: NodeId): boolean;
  failed(node: NodeId, direction: Intent['direction'], code: ErrorCode): Promise<void>;
  done(nodes: readonly NodeId[]): Promise<void>;
  /** Milliseconds until the next one is due; null when nothing waits. What is due already has its turn in every cycle. */
  nextDueMs(): number | null;
  waitingCount(): number;
  /** Why the node waits or waited last; null when it does not. */
  codeOf(node: NodeId): ErrorCode | null;
  /** Everything waiting may be tried at once: a person asked, or the world changed. */
  hurry(): void;
  list(): readonly Intent[];
  /** These rows were recorded. */
  note(rows: readonly NodeRow[]): void;
  /** Nodes that wait and whose rows were recorded, or that began to wait, since this was last called. */
  takeChanged(): readonly NodeId[];
}

/**
 * Files of which the server has lost blocks, as it says, while this device has them: they are not safe until they were sent again. Of very many a part is
 * taken at a time.
 *
 *   (unknown) -- listed --> listed -- stands here as the journal has it --> here -- due, sent --> replaced by a later version: (unknown)
 */
export interface LostContents {
  load(): Promise<void>;
  heard(head: NamespaceHead): void;
  /** Asks what is lost, where that is not known, and looks which of it is here. After the journal was read. Throws when the server cannot be asked. */
  look(): Promise<void>;
  /** These rows were recorded. */
  note(rows: readonly NodeRow[]): void;
  /** Looks at rows that were recorded since. */
  judge(): Promise<void>;
  /** What is to be sent again now; `all`: more of its blocks may be lost than are known. */
  due(): readonly { readonly node: NodeId; readonly lost: 'some' | 'all' }[];
  /** These are being sent again. */
  tried(nodes: readonly NodeId[]): void;
  /** What was replaced may not be whole; the server is asked. */
  isUnsure(): boolean;
  isHere(node: NodeId): boolean;
  /** The server may not have all of its current version: what stands here of it must not be purged, nor written over, as if it had. */
  mayBeLost(row: NodeRow): boolean;
  /** It is here though it is not to be: it stays until the server has it. */
  isKept(node: NodeId): boolean;
  /** Nodes here of which the server has lost something; at least 1 while that is not known. */
  count(): number;
  list(): readonly NodeId[];
  nextDueMs(): number | null;
}

/**
 * Versions that are to be fetched, and that the server does not hold.
 *
 *   (unknown) -- missed --> waited for -- whoever has it had the time to send it --> content-lost -- changed here: overlooked, see core/overlook.ts
 *                                      -- the journal has another version ---------> (unknown), and fetched at once
 */
export interface Unheld {
  load(): Promise<void>;
  /** The server did not hold what the row is to have: whether that is so for long, since it was first said of this version. */
  isForLong(row: NodeRow): boolean;
  /** The journal's version of the row is known for lost. */
  isLost(row: NodeRow): boolean;
  /** Looks at rows that were recorded since: what was changed here of files whose version is lost goes in its place. Before anything is planned. */
  settle(): Promise<void>;
  /** These rows were recorded. */
  note(rows: readonly NodeRow[]): Promise<void>;
}

export interface Transfers {
  /** Blocks the server turned out not to hold: they are sealed and sent again. */
  readonly lost: Set<CtHash>;
  /** Through the line of cycles, if no other is named. */
  source(remote?: Remote): BlockSource;
  sent(bytes: number): void;
  /** Being read, sent or fetched right now: left alone meanwhile. */
  isBusy(node: NodeId): boolean;
  upload(unit: Unit): void;
  /** The blocks of this large file are with the server, and it is still the one that was read. */
  isSent(unit: Unit): boolean;
  /** Its changeset, once. */
  takeSent(unit: Unit): Draft | undefined;
  download(item: StageItem): void;
  stagedPaths(): readonly RelPath[];
  stagedFor(node: NodeId, contentId: string): Staged | undefined;
  /** Gives up what was staged for nodes that no longer want it. */
  dropUnwanted(): Promise<void>;
  /** What was staged is in its place, or gone. */
  placed(node: NodeId): void;
  /** Reads a large file apart; what it found is asked for by a later cycle. */
  identifyLarge(row: NodeRow, path: RelPath): void;
  /** What a large file turned out to hold, if it is still the one that was read. */
  identifiedFor(row: NodeRow): ContentValue | undefined;
  running(): readonly TransferItem[];
  speed(): Speed;
  stop(): void;
  isStopping(): boolean;
}
