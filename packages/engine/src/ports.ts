/*
 * Every side effect of the engine. `core` and `sync` see the world only through these; `node` implements them on a real machine, `testing` in
 * memory. One engine instance = one (namespace, folder) pair.
 *
 *   machine   time, chance, log, sleep          blocks   bytes to sealed blocks and back     remote   the server
 *   disk      the folder, and hints about it    keys     sealing, signing, others' chains    store    what survives a crash; records: what it holds
 *
 * Nothing here throws for expected outcomes: those are unions. Unexpected failures reject with OnefoldError.
 */
import type { Clock, Random, Log, Power } from './ports/machine.ts';
import type { Elsewhere, FileSystem, Watcher } from './ports/disk.ts';
import type { Blocks } from './ports/blocks.ts';
import type { Sealing, KeyStore } from './ports/keys.ts';
import type { Remote } from './ports/remote.ts';
import type { Store } from './ports/store.ts';

export type { Clock, Random, Log, Power } from './ports/machine.ts';
export type {
  Arrival,
  Elsewhere,
  DiskEntry,
  Listing,
  DiskResult,
  DiskChange,
  TrashEntry,
  ChangeResult,
  SmallFile,
  FileSystem,
  WatchEvent,
  Watcher,
} from './ports/disk.ts';
export type {
  ReadItem,
  SealedBlock,
  ReadFailure,
  IdentifyOutcome,
  PrepareOutcome,
  PrepareSink,
  AssembleItem,
  AssembleOutcome,
  BlockSource,
  Blocks,
} from './ports/blocks.ts';
export type { SealedContent, RegisterAt, Opened, Sealing, KeyStore } from './ports/keys.ts';
export type { Remote } from './ports/remote.ts';
export type { Cursor, InFlight, Intent, DiskIntent, Attention, ActivityItem, Batch } from './ports/records.ts';
export type { Side, Store } from './ports/store.ts';

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
  /** Absent where nobody could say of other folders. */
  readonly elsewhere?: Elsewhere | undefined;
}
