import type { ErrorCode } from '@onefold/protocol';
import type { RelPath } from '../core/tree.ts';
import type { Attention } from '../ports.ts';
import type { Speed, TransferItem } from './travelling.ts';

export type EngineState = 'idle' | 'syncing' | 'offline' | 'paused' | 'attention';

/** What an engine is doing, as of now. Plain data; a new object each time. */
export interface EngineStatus {
  readonly state: EngineState;
  /** Nodes still to be brought forward, files being written and entries being looked at included; without what waits for a person. */
  readonly pending: number;
  /** Nodes whose present state no committed version holds. */
  readonly notYetSafe: number;
  readonly attention: readonly Attention[];
  /** Entries that are left out, and why: special files, names that are being written, what cannot be read. */
  readonly waiting: readonly { readonly path: RelPath; readonly code: ErrorCode }[];
  readonly files: number;
  readonly folders: number;
  /** Position in the journal up to which this device has read; -1 before its first entry. */
  readonly head: number;
  readonly connected: boolean;
  /** Why the server could not be used when it was last asked. */
  readonly offlineBecause: ErrorCode | null;
  /** The system refused a watch since the start: below some folders only scans find changes. */
  readonly isWatchLimited: boolean;
  readonly progress: {
    /** Large files on their way. */
    readonly items: readonly TransferItem[];
    /** Bytes per second. */
    readonly speed: Speed;
    /** Bytes of files that have still to go up or come down. */
    readonly bytesLeft: number;
  };
}

/** What `status` is made from, gathered at the end of every cycle. */
export interface StatusFacts {
  readonly isPaused: boolean;
  readonly isOffline: boolean;
  readonly isStopped: boolean;
  readonly isWorking: boolean;
  readonly pending: number;
  readonly attention: readonly Attention[];
}

/** Conflict copies are listed, but nothing waits for them. */
export function isPressing(item: Attention): boolean {
  return item.code !== 'conflict-copy';
}

export function engineState(facts: StatusFacts): EngineState {
  if (facts.isStopped) return 'attention';
  if (facts.isPaused) return 'paused';
  if (facts.isOffline) return 'offline';
  if (facts.isWorking || facts.pending > 0) return 'syncing';
  return facts.attention.some(isPressing) ? 'attention' : 'idle';
}
