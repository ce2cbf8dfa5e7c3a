import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import type { KyselyPlugin, QueryId } from 'kysely';
import { createLocalBus } from '../bus/local.ts';
import type { BusMessage } from '../bus/bus.ts';
import { resolveConfig, type ServerConfigInput } from '../config.ts';
import type { ServerContext, StoreContext } from '../context.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { openPostgres } from '../metadata/postgres.ts';
import type { PackStore } from '../packs/pack-store.ts';
import { packFiles, PASSING } from './deaths.ts';
import { readable, type TableRows } from './job-work.ts';
import { storeWith } from './collecting.ts';

/*
 * Two nodes' background work on one database and one store. The first one stands still at a step, as a node does whose machine is busy for long, and the second
 * one does all of the work meanwhile, as far as it gets:
 *
 *   between   no transaction of the first one is open: the second one comes to its end
 *   within    one is open, all of its work done: the second one comes to its end, or waits for a lock that the first one holds
 */

export type Step = 'between' | 'within';

/** What background work is done with, and what it published. */
export interface Node {
  readonly context: StoreContext & Pick<ServerContext, 'bus'>;
  readonly published: BusMessage[];
  /** Lines of the log that tell of something wrong. */
  complaints(): string[];
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly url: string;
  readonly data: string;
  readonly packs: PackStore;
  readonly config: Omit<ServerConfigInput, 'data' | 'postgres'>;
  readonly name: string;
  readonly nowMs: () => number;
  readonly onStep?: (step: Step, what: string) => Promise<void>;
}

export async function openNode(options: NodeOptions): Promise<Node> {
  const { url, data, packs, nowMs, onStep = () => Promise.resolve() } = options;
  const metadata = await openPostgres({ urls: [url], nowMs, connections: 4 });
  const told: MetadataDatabase = {
    ...metadata,
    read: metadata.read.withPlugin(tellReads(onStep)),
    snapshot: (work) => metadata.snapshot((reader) => work(reader.withPlugin(tellReads(onStep)))),
    async write(work) {
      await onStep('between', 'write');
      return metadata.write(async (writer) => {
        const result = await work(writer);
        await onStep('within', 'write');
        return result;
      });
    },
  };
  const store = storeWith(packs, {
    open: async (objectKey) => {
      await onStep('between', 'open');
      return packs.open(objectKey);
    },
    put: async (pack) => {
      await onStep('between', 'put');
      return packs.put(pack);
    },
    remove: async (objectKey) => {
      await onStep('between', 'remove');
      return packs.remove(objectKey);
    },
  });
  const logFile = join(data, `${options.name}.log`);
  const published: BusMessage[] = [];
  const bus = createLocalBus((error) => {
    throw error;
  });
  bus.subscribe((message) => published.push(message));
  return {
    context: {
      config: resolveConfig({ ...options.config, data, postgres: { urls: [url] } }),
      log: createLog({ logLevel: 'error', logFile }),
      metrics: createMetrics(),
      nowMs,
      metadata: told,
      packs: store,
      bus,
    },
    published,
    complaints: () =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    close: async () => {
      await bus.close();
      await metadata.close();
    },
  };
}

/** Tells of every read, and of which table, once its answer is there. */
function tellReads(onStep: NonNullable<NodeOptions['onStep']>): KyselyPlugin {
  const tables = new WeakMap<QueryId, string>();
  return {
    transformQuery({ node, queryId }) {
      tables.set(queryId, /"kind":"TableNode".*?"name":"(\w+)"/.exec(JSON.stringify(node))?.[1] ?? 'rows');
      return node;
    },
    async transformResult({ result, queryId }) {
      await onStep('between', `read ${tables.get(queryId) ?? 'rows'}`);
      return result;
    },
  };
}

/** Everything that is committed, by table, but who is the primary, of which nodes make sure every few seconds. */
export async function rowsIn({ read }: MetadataDatabase): Promise<TableRows> {
  const tables = await read.introspection.getTables();
  const kept = tables.map(({ name }) => name).filter((name) => !PASSING.includes(name));
  const rows: Record<string, Record<string, unknown>[]> = {};
  for (const name of kept.sort())
    rows[name] = (
      await read
        .selectFrom(name as 'setting')
        .selectAll()
        .execute()
    ).map(readable);
  rows['setting'] = (rows['setting'] ?? []).filter(({ name }) => !String(name).startsWith('lease/'));
  return rows;
}

/** Names what a step changes, by what is there before and after it. */
export function watchChanges(metadata: MetadataDatabase, data: string): () => Promise<string[]> {
  let before = new Map<string, string>();
  return async () => {
    const parts = [...Object.entries(await rowsIn(metadata)), ['files', packFiles(data)] as const];
    const now = new Map(parts.map(([name, value]) => [name, JSON.stringify(value)]));
    const changed = [...now].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
    before = now;
    return changed;
  };
}

/** Resolves when `work` has ended or a backend of the database waits for a lock. */
export async function endedOrWaiting(metadata: MetadataDatabase, work: Promise<unknown>): Promise<void> {
  const state = { isOver: false };
  const over = work.then(
    () => void (state.isOver = true),
    () => void (state.isOver = true),
  );
  while (!state.isOver) {
    const waiting = await metadata.read
      .selectFrom('pg_stat_activity' as 'setting')
      .select('pid' as 'name')
      .where('datname' as 'name', '=', (eb) => eb.fn<string>('current_database'))
      .where('wait_event_type' as 'name', '=', 'Lock')
      .execute();
    if (waiting.length > 0) return;
    await Promise.race([over, pass(5)]);
  }
}
