import type { ErrorCode } from '@onefold/protocol';
import type { NameRules } from '../core/local-name.ts';
import type { RelPath } from '../core/tree.ts';
import type { SaveStyle } from './disk-user.ts';
import type { FaultOperation } from './memory-disk.ts';
import type { NetworkFault } from './memory-network.ts';

/** What a person or program does to a folder. `content` numbers a content version, unique in a run; sizes in bytes. */
export type UserAct =
  | {
      readonly act: 'write';
      readonly path: RelPath;
      readonly content: number;
      readonly size: number;
      readonly style: SaveStyle;
    }
  /** The present bytes with some more in the middle or at the end. */
  | { readonly act: 'edit' | 'append'; readonly path: RelPath; readonly content: number }
  /** New bytes under the old size and mtime. */
  | { readonly act: 'quiet'; readonly path: RelPath; readonly content: number }
  | { readonly act: 'copy' | 'rename' | 'hard-link'; readonly path: RelPath; readonly to: RelPath }
  | { readonly act: 'remove' | 'mkdir' | 'special'; readonly path: RelPath }
  | { readonly act: 'symlink'; readonly path: RelPath; readonly to: string }
  | { readonly act: 'chmod'; readonly path: RelPath; readonly mode: number }
  | { readonly act: 'touch'; readonly path: RelPath; readonly mtimeNs: string }
  /** A program opens a file and holds it; `writer-write` goes to that inode, whatever its name is by then. */
  | { readonly act: 'writer-open'; readonly path: RelPath }
  | { readonly act: 'writer-write'; readonly content: number; readonly size: number }
  | { readonly act: 'writer-close' };

export type StepAction =
  | { readonly do: 'user'; readonly device: number; readonly act: UserAct }
  /** Up to so many gate points pass. */
  | { readonly do: 'run'; readonly points: number }
  /** The world's clock moves on, timers fire, some points pass after each. */
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'jump-clock'; readonly device: number; readonly ms: number }
  /** The engine dies where it stands; with `power` the disk loses what was not flushed, too. */
  | { readonly do: 'crash'; readonly device: number; readonly power: boolean }
  | { readonly do: 'start' | 'stop' | 'pause' | 'resume' | 'scan' | 'sleep'; readonly device: number }
  | { readonly do: 'cut' | 'heal'; readonly device: number }
  | { readonly do: 'net-fault'; readonly device: number; readonly fault: NetworkFault }
  | {
      readonly do: 'disk-fault';
      readonly device: number;
      readonly operation: FaultOperation;
      readonly code: ErrorCode;
      readonly count: number;
    }
  | {
      readonly do: 'break';
      readonly device: number;
      readonly path: RelPath;
      readonly aspect: 'stat' | 'read' | 'list';
      readonly code: ErrorCode;
    }
  | { readonly do: 'mend'; readonly device: number }
  | { readonly do: 'fill-disk' | 'empty-disk'; readonly device: number }
  | { readonly do: 'watcher'; readonly device: number; readonly becomes: 'deaf' | 'hearing' | 'overflowing' }
  | { readonly do: 'root'; readonly device: number; readonly becomes: 'missing' | 'replaced' | 'back' }
  /** A rules file in a folder says this from now on; null: there is none. */
  | { readonly do: 'rules'; readonly device: number; readonly folder: RelPath; readonly text: string | null }
  | { readonly do: 'select'; readonly device: number; readonly path: RelPath; readonly becomes: 'ticked' | 'unticked' }
  | { readonly do: 'back-up' | 'restore'; readonly device: number }
  /** The disk that was mounted there before, with `isRenumbered` under another number; else a fresh one. */
  | { readonly do: 'mount'; readonly device: number; readonly path: RelPath; readonly isRenumbered?: boolean }
  | { readonly do: 'unmount'; readonly device: number; readonly path: RelPath }
  | { readonly do: 'server'; readonly becomes: 'down' | 'up' | 'collected' | 'backed-up' | 'restored' | 'truncated' }
  /** The server's disk loses what this file, as the journal has it, consists of. */
  | { readonly do: 'lose'; readonly path: RelPath }
  /** Everything is mended and runs until nothing is left to do; then convergence is checked. */
  | { readonly do: 'settle' }
  /** Who writes where from now on. `own`: each device only in the folder that bears its number. Begins at rest. */
  | { readonly do: 'phase'; readonly territory: 'free' | 'own' };

/** `salt` reseeds the order of points at this step, so that leaving out another step changes as little as possible. */
export type Step = StepAction & { readonly salt: number };

/** A whole run in JSON: the world's shape and what happens in it. */
export interface Script {
  readonly seed: string;
  readonly world: WorldShape;
  readonly steps: readonly Step[];
}

export interface WorldShape {
  readonly devices: readonly DeviceShape[];
}

export interface DeviceShape {
  readonly journal: 'ordered' | 'strict';
  /** Clock step and kept step of its disk's times, in nanoseconds. */
  readonly tickNs: number;
  readonly keptNs: number;
  readonly skewMs: number;
  /** Whose manners with names its disk has; Linux unless told. */
  readonly system?: NameRules['system'];
  /** Share of pushed events lost on its link. */
  readonly eventLoss: number;
}

/** One step in a line, for people. */
export function describeStep({ salt: _salt, ...action }: Step): string {
  return JSON.stringify(action);
}
