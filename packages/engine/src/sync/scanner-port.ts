import type { ErrorCode, NodeId } from '@onefold/protocol';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { IgnoreFiles } from './ignore-files.ts';

/** What the rest of the engine asks of the scanner. */
export interface Scanner {
  hint(paths: readonly RelPath[]): void;
  /** As Hints has it. */
  suspect(paths: readonly RelPath[]): void;
  /** Asks for a look at everything that begins from now on; its number is done when completed() has reached it. */
  requestFull(): number;
  completed(): number;
  /**
   * One turn of scanning. `unseen`: the root is not what it should be. `unexplained`: what this engine itself did to the disk is not known
   * yet. In both cases nothing may be concluded.
   */
  turn(): Promise<
    | { readonly outcome: 'scanned'; readonly isMore: boolean }
    | { readonly outcome: 'unseen'; readonly code: ErrorCode }
    | { readonly outcome: 'unexplained' }
  >;
  nextDueMs(): number | null;
  /** Files not yet taken because they are still being written. */
  unripe(): number;
  /** Entries missing on disk that are not yet believed to be deleted. */
  vacated(): number;
  /** Those of them that were moved into another kept folder, from which nothing is sent until a person does something. */
  heldElsewhere(): number;
  /** This engine moved a folder: what is still to be looked at below it is below its new path. */
  relocate(from: RelPath, to: RelPath): void;
  /** These are not where their rows say. */
  lose(rows: readonly NodeRow[]): Promise<void>;
  /** It may stand anywhere: found again it is this node, as it would be at its place. */
  lookOutFor(row: NodeRow): void;
  /** Its path was taken by another kind of thing just now: it may turn up elsewhere, and is left alone until then. */
  isLeaving(node: NodeId): boolean;
  /** What had left its path before this engine started. Before anything is planned. */
  recall(): Promise<void>;
  /** Whether hints, folders or looks wait for a turn. */
  isBusy(): boolean;
  troubles(): ReadonlyMap<RelPath, ErrorCode>;
  /** Not taken yet, because it is still being written to. */
  isUnripe(path: RelPath): boolean;
  rules: IgnoreFiles;
  /** Reads rules files that this engine has just written, before anything else is planned. */
  rereadRules(paths: readonly RelPath[]): Promise<void>;
}
