import type { Bus } from './bus/bus.ts';
import type { ChainCache } from './accounts/chain-cache.ts';
import type { HeadReads } from './accounts/head-reads.ts';
import type { ServerConfig } from './config.ts';
import type { EventHub } from './events/event-hub.ts';
import type { CallsUnderWay } from './http/calls-under-way.ts';
import type { Presence } from './events/presence.ts';
import type { EntryCache } from './journal/entry-cache.ts';
import type { PageCache } from './journal/page-cache.ts';
import type { Turns } from './journal/turns.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { MetadataDatabase } from './metadata/database.ts';
import type { ByteBudget } from './packs/byte-budget.ts';
import type { PackIntake } from './packs/pack-intake.ts';
import type { PackStore } from './packs/pack-store.ts';
import type { PushService } from './push/push-service.ts';

/** What background work on stored blocks needs; also had from the command line. */
export type StoreContext = Pick<ServerContext, 'config' | 'log' | 'metrics' | 'nowMs' | 'metadata' | 'packs'>;

/** What every call works with. Made once by `startServer`; a node keeps nothing else that matters. */
export interface ServerContext {
  readonly config: ServerConfig;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  readonly metadata: MetadataDatabase;
  readonly packs: PackStore;
  readonly intake: PackIntake;
  /** Memory for large bodies while they arrive. */
  readonly bodies: ByteBudget;
  /** Calls that are not answered to the end yet. */
  readonly calls: CallsUnderWay;
  readonly bus: Bus;
  readonly chains: ChainCache;
  readonly heads: HeadReads;
  readonly entries: EntryCache;
  readonly pages: PageCache;
  /** Commits of one namespace take their turns here before they take a connection: a hot one holds one of them, not all. */
  readonly turns: Turns;
  readonly events: EventHub;
  readonly presence: Presence;
  readonly push: PushService;
}
