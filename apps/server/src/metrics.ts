import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventHub } from './events/event-hub.ts';
import type { EntryCache } from './journal/entry-cache.ts';
import type { ByteBudget } from './packs/byte-budget.ts';

export type Collected = 'condemned' | 'deleted' | 'rescued' | 'packs' | 'strays' | 'versions' | 'entries' | 'rewritten';

/** `refused`: the caller's doing, 400 to 499. `failed`: the server's, from 500 on. */
export interface CallsOfMinute {
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
}

export interface AnsweredCall {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

interface Watched {
  readonly bodies: ByteBudget;
  readonly entries: EntryCache;
  readonly events: EventHub;
}

/** What the server counts about itself; told by /metrics in Prometheus' text format. Labels are route patterns, codes and kinds: never ids or addresses. */
export interface Metrics {
  readonly contentType: string;
  readonly text: () => Promise<string>;
  /** `role`: which connection ran the statement. */
  readonly statement: (role: string, durationMs: number) => void;
  readonly request: (call: AnsweredCall) => void;
  readonly commit: (outcome: string) => void;
  readonly login: (outcome: string) => void;
  /** Packs that became durable and known. */
  readonly packsRecorded: (packs: number, sizeBytes: number) => void;
  readonly blocksRead: (blocks: number, sizeBytes: number) => void;
  readonly entryCache: (isHit: boolean) => void;
  /** Look-ups of journal pages in the cache that nodes share. */
  readonly pageCache: (outcome: string) => void;
  /** A reader was sent to a checkpoint. */
  readonly journalReset: () => void;
  readonly event: (kind: string, listeners: number) => void;
  readonly job: (name: string, ms: number, hasFailed: boolean) => void;
  readonly collected: (what: Collected, count: number) => void;
  readonly scrubbed: (sizeBytes: number, lostBlocks: number) => void;
  readonly push: (outcome: string) => void;
  readonly connectionRefused: () => void;
  /** `open`: connections, or behind a proxy what is open through it. */
  readonly watchConnections: (open: () => number) => void;
  /** Calls of the last sixty minutes, oldest first. */
  readonly lastHour: () => CallsOfMinute[];
  /** When the certificate in use expires; milliseconds since 1970. Without TLS nothing is told of it. */
  readonly certificateExpires: (atMs: number) => void;
  /** Gauges that are read when somebody asks. */
  readonly watch: (parts: Watched) => void;
}

const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** @param nowMs the time by which calls are put into minutes */
export function createMetrics(nowMs: () => number = Date.now): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'onefold_' });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name: `onefold_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name: `onefold_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const seconds = <L extends string>(name: string, help: string, labelNames: readonly L[]): Histogram<L> =>
    new Histogram({ name: `onefold_${name}`, help, labelNames: [...labelNames], buckets: CALL_SECONDS, registers });

  const statements = counter('database_statements_total', 'Statements sent to the metadata database');
  const statementSeconds = seconds('database_statement_seconds', 'Time of one statement', ['role']);
  const requests = counter('http_requests_total', 'Answered calls', ['method', 'route', 'status']);
  const requestSeconds = seconds('http_request_seconds', 'Time from the first byte to the answer', ['route']);
  const commits = counter('commits_total', 'Entries asked to be committed', ['outcome']);
  const logins = counter('logins_total', 'Logins', ['outcome']);
  const packs = counter('packs_recorded_total', 'Packs taken in');
  const packBytes = counter('pack_bytes_recorded_total', 'Bytes of packs taken in');
  const blocks = counter('blocks_read_total', 'Blocks handed out');
  const blockBytes = counter('block_bytes_read_total', 'Bytes of blocks handed out');
  const cache = counter('entry_cache_total', 'Look-ups of journal entries in the cache', ['outcome']);
  const pages = counter('page_cache_total', 'Look-ups of journal pages in the shared cache', ['outcome']);
  const resets = counter('journal_resets_total', 'Readers sent to a checkpoint because what they asked for is gone');
  const events = counter('events_total', 'Events that came to this node', ['kind']);
  const deliveries = counter('event_deliveries_total', 'Events handed to listeners', ['kind']);
  const jobs = counter('jobs_total', 'Runs of background work', ['job', 'outcome']);
  const jobSeconds = seconds('job_seconds', 'Time of one run', ['job']);
  const collected = counter('collected_total', 'What collection and retention have taken or saved', ['what']);
  const scrubbedBytes = counter('scrubbed_bytes_total', 'Bytes of packs that were read again and hashed');
  const lost = counter('lost_blocks_total', 'Blocks found damaged by scrubbing or fsck');
  const minutes = createMinutes();
  const certificate = new Gauge({
    name: 'onefold_tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate in use, or one of its chain, expires',
    // A gauge with a label tells nothing until it is set: none would be one that expired in 1970.
    labelNames: ['use'],
    registers,
  });
  const refusedConnections = counter('refused_connections_total', 'Connections beyond those one address may have');
  const pushes = counter('push_wakeups_total', 'Web Push wake-ups sent', ['outcome']);

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    statement(role, durationMs) {
      statements.inc();
      statementSeconds.observe({ role }, durationMs / 1_000);
    },
    request({ method, route, status, ms }) {
      minutes.count(status, nowMs());
      requests.inc({ method, route, status });
      requestSeconds.observe({ route }, ms / 1_000);
    },
    commit: (outcome) => commits.inc({ outcome }),
    lastHour: () => minutes.last(60, nowMs()),
    login: (outcome) => logins.inc({ outcome }),
    packsRecorded(count, sizeBytes) {
      packs.inc(count);
      packBytes.inc(sizeBytes);
    },
    blocksRead(count, sizeBytes) {
      blocks.inc(count);
      blockBytes.inc(sizeBytes);
    },
    entryCache: (isHit) => cache.inc({ outcome: isHit ? 'hit' : 'miss' }),
    pageCache: (outcome) => pages.inc({ outcome }),
    journalReset: () => resets.inc(),
    event(kind, listeners) {
      events.inc({ kind });
      deliveries.inc({ kind }, listeners);
    },
    job(name, ms, hasFailed) {
      jobs.inc({ job: name, outcome: hasFailed ? 'failed' : 'done' });
      jobSeconds.observe({ job: name }, ms / 1_000);
    },
    collected: (what, count) => collected.inc({ what }, count),
    scrubbed(sizeBytes, lostBlocks) {
      scrubbedBytes.inc(sizeBytes);
      lost.inc(lostBlocks);
    },
    push: (outcome) => pushes.inc({ outcome }),
    connectionRefused: () => refusedConnections.inc(),
    watchConnections(open) {
      gauge('connections', 'Open connections; behind a proxy calls under way and sockets', open);
    },
    certificateExpires: (atMs) => certificate.set({ use: 'listen' }, atMs / 1_000),
    watch({ bodies, entries, events: hub }) {
      gauge('listeners', 'Open sockets and long polls', () => hub.listeners());
      gauge('online_devices', 'Devices that listen', () => hub.onlineDevices());
      gauge('body_bytes_held', 'Memory held by large bodies that arrive', () => bodies.heldBytes);
      gauge('bodies_waiting', 'Large bodies that wait for memory', () => bodies.waiting);
      gauge('entry_cache_bytes', 'Bytes of journal entries kept for readers', () => entries.sizeBytes);
    },
  };
}

const MINUTE_MS = 60_000;

/** Calls by the minute; what is older than an hour is forgotten. */
function createMinutes() {
  const counts = new Map<number, { answered: number; refused: number; failed: number }>();
  return {
    count(status: number, nowMs: number): void {
      const minute = Math.floor(nowMs / MINUTE_MS);
      let at = counts.get(minute);
      if (at === undefined) {
        counts.set(minute, (at = { answered: 0, refused: 0, failed: 0 }));
        for (const old of counts.keys()) if (old <= minute - 60) counts.delete(old);
      }
      at[status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'answered']++;
    },
    last(howMany: number, nowMs: number): CallsOfMinute[] {
      const minute = Math.floor(nowMs / MINUTE_MS);
      return Array.from(
        { length: howMany },
        (_, i) => counts.get(minute - howMany + 1 + i) ?? { answered: 0, refused: 0, failed: 0 },
      );
    },
  };
}
