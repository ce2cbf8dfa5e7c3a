import type { DeviceId, ErrorCode, NamespaceId, NodeId } from '@onefold/protocol';
import { toHex } from '@onefold/protocol';
import type { IgnoreRules, RuleTexts } from '../core/ignore.ts';
import type { Waiting } from '../core/operation.ts';
import type { FolderMode } from '../core/one-way.ts';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { Batch, Cursor, Ports } from '../ports.ts';
import type { Line } from './line.ts';
import type {
  AttentionBook,
  Displaced,
  Guard,
  LocalPaths,
  LostContents,
  Patience,
  Rewind,
  Transfers,
  Unheld,
} from './session-parts.ts';

export interface EngineOptions {
  readonly namespaceId: NamespaceId;
  /** For the names of conflict copies. */
  readonly deviceName: string;
  /** Name of this folder in the log. */
  readonly folderId: string;
  /** `two-way` when absent. */
  readonly mode?: FolderMode;
  /** Files above this travel alone, so that small changes overtake them. Bytes; 8 MiB when absent. */
  readonly largeFileBytes?: number;
  /** Up to this many bytes of sealed blocks ride along with a commit; LIMITS.inlinePackBytes when absent. */
  readonly inlinePackBytes?: number;
  /** When this device says what the state is: after so many entries, at a moment within so long. */
  readonly checkpoints?: { readonly afterEntries: number; readonly withinMs: number };
}

/**
 * What the phases of one engine share. Each phase owns the parts it names; rows are written by one phase at a time, through `record`.
 */
export interface Session {
  readonly ports: Ports;
  readonly options: EngineOptions;
  readonly device: DeviceId;
  readonly paths: LocalPaths;
  readonly attention: AttentionBook;
  readonly patience: Patience;
  readonly guard: Guard;
  readonly transfers: Transfers;
  readonly lostContents: LostContents;
  readonly unheld: Unheld;
  /** `ports.remote` is its way for cycles. */
  readonly line: Line;
  readonly displaced: Displaced;
  /** Last known position in the journal; null before genesis was read. */
  cursor: Cursor | null;
  rules: IgnoreRules;
  /** Why the last plan left a node as it is. */
  waitingOf(node: NodeId): Waiting | null;
  ruleTexts(): RuleTexts;
  /** This engine has just written these rules files: they apply before anything else is planned. */
  rereadRules(paths: readonly RelPath[]): Promise<void>;
  /** Folders that are not to be on this device: see selection.ts. */
  unticked: ReadonlySet<NodeId>;
  /**
   * Changes of the disk that were recorded and may or may not have happened: `all` before what the last run left was looked at, `intents`
   * when the disk failed in the middle. Nothing is concluded from the disk before they are explained.
   */
  unexplained: 'nothing' | 'intents' | 'all';
  /** Number of the full scan after which staging was last swept. */
  sweptAfter: number;
  /** Set when somebody lied or the server was restored: nothing is pulled, applied or sent any more. */
  stopped: ErrorCode | null;
  /** The system refused a watch: what happens below some folders is found by scans alone. */
  isWatchLimited: boolean;
  /** The scanner expects to find it again: left alone meanwhile. */
  isLeaving(node: NodeId): boolean;
  /** These are not where their rows say; the scanner may find them elsewhere. */
  lose(rows: readonly NodeRow[]): Promise<void>;
  /** It may stand anywhere: found again it is this node. `row` as it would be at its place; nothing is recorded. */
  lookOutFor(row: NodeRow): void;
  /** This engine moved a folder, with everything in it. */
  relocated(from: RelPath, to: RelPath): void;
  /** Asks the scanner to look at these paths again, though no watcher has told of them. */
  hint(paths: readonly RelPath[]): void;
  /** False when the cycle should come to its end: its time is up, or people want to pause or stop. Asked between batches. */
  mayGoOn(): boolean;
  /** Something was recorded: people may be shown how far it is. */
  progressed(): Promise<void>;
  /** Set while the journal of a restored server is read anew: see start-over.ts. */
  rewind: Rewind | null;
  /** Where the next look at what is unsettled begins. */
  planAfter: NodeId | null;
  /** What the server refused, each by itself, since it last took an entry, and until when nothing is said to it where that is much: see refused-entry.ts. */
  refusals: { readonly nodes: ReadonlySet<NodeId>; readonly code: ErrorCode; readonly untilMs: number };
  /** Asks for another cycle soon. */
  wake(): void;
  /** A conflict copy stands here: people are shown it until it is gone. */
  noteConflict(node: NodeId, path: RelPath): Promise<void>;
  /** The whole Local tree is to be observed anew before anything is planned. */
  onStateForgotten(): void;
}

export const LARGE_FILE_BYTES = 8 * 1024 * 1024;

export function isLargeFile(session: Session, sizeBytes: number): boolean {
  return sizeBytes > (session.options.largeFileBytes ?? LARGE_FILE_BYTES);
}

/** One transaction; keeps what is cached of the state in step with it. */
export async function record(session: Session, batch: Batch): Promise<void> {
  await session.ports.store.commit(batch);
  if (batch.forgetLocal === true) session.paths.forgetAll();
  if (batch.forgetJournal === true) session.cursor = null;
  if (batch.cursor !== undefined) session.cursor = batch.cursor;
  if (batch.rows !== undefined) {
    session.paths.forget(batch.rows);
    session.guard.note(batch.rows);
    session.patience.note(batch.rows);
    session.lostContents.note(batch.rows);
    await session.unheld.note(batch.rows);
    await session.progressed();
  }
}

export function freshNodeId(session: Session): NodeId {
  return toHex(session.ports.random.bytes(16)) as NodeId;
}
