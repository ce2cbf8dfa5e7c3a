import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CompiledQuery, Kysely, sql, type Transaction } from 'kysely';
import { OnefoldError } from '@onefold/protocol';
import type { Cell, MetadataDatabase, OnConflict, OnStatement, Reader, Row, SqlDialect, Writer } from './database.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { postgresDialect, triesAfter } from './postgres-driver.ts';
import { PostgresPool } from './postgres-pool.ts';
import { createPrimaryLease, type PrimaryLease } from './primary-lease.ts';
import { climb, conflictClause, quoted, selectByKeys } from './sql-text.ts';
import type { Tables } from './tables.ts';

/** The type of an array of such cells. Columns without any value are left out by the callers: null is what they get anyway. */
function typeOf(cells: readonly Cell[]): string {
  const first = cells.find((cell) => cell !== null);
  if (first instanceof Uint8Array) return 'bytea';
  return typeof first === 'number' ? 'bigint' : 'text';
}

function columnOf(rows: readonly (readonly Cell[])[], column: number): Cell[] {
  return rows.map((row) => row[column] ?? null);
}

/** Any number of rows as one FROM item `w`, whose columns are `k0`, `k1`, ... and their order `o`. */
function unnest(rows: readonly (readonly Cell[])[], firstParameter = 1): { text: string; values: Cell[][] } {
  const width = rows[0]?.length ?? 0;
  const values = Array.from({ length: width }, (_, column) => columnOf(rows, column));
  const arrays = values.map((cells, i) => `$${firstParameter + i}::${typeOf(cells)}[]`);
  const names = values.map((_, i) => `k${i}`);
  return { text: `unnest(${arrays.join(', ')}) with ordinality as w(${names.join(', ')}, o)`, values };
}

/** All SQL that only PostgreSQL understands. Many rows are arrays, so that the text, and with it the plan, stays the same. */
const postgresSql: SqlDialect = {
  types: { bytes: 'bytea', integer: 'bigint' },
  clustered: '',
  instance: '(extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint',
  appendOnly: (table) => [
    `create or replace function "refuse_change"() returns trigger language plpgsql as $$ begin raise exception '% is append-only', tg_table_name; end $$`,
    `create trigger "${table}_append_only" before update or delete on "${table}" for each row execute function "refuse_change"()`,
    `create trigger "${table}_no_truncate" before truncate on "${table}" for each statement execute function "refuse_change"()`,
  ],
  purgeable: (table) => [
    `create or replace function "refuse_unpermitted"() returns trigger language plpgsql as $$ begin
      if tg_op = 'DELETE' and exists (select 1 from "purge_permit") then return old; end if;
      raise exception '% is append-only', tg_table_name; end $$`,
    `drop trigger "${table}_append_only" on "${table}"`,
    `create trigger "${table}_append_only" before update or delete on "${table}" for each row execute function "refuse_unpermitted"()`,
  ],

  async insertMany<T extends keyof Tables>(
    writer: Writer,
    table: T,
    rows: readonly Row<T>[],
    onConflict: OnConflict<T> = 'fail',
  ): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const columns = (Object.keys(first) as (keyof Row<T> & string)[]).filter((column) =>
      rows.some((row) => row[column] !== null),
    );
    const into = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')})`;
    const cells = rows.map((row) => columns.map((column) => row[column] as Cell));
    const [only] = cells;
    if (cells.length === 1 && only !== undefined) {
      const marks = columns.map((_, i) => `$${i + 1}`).join(', ');
      await writer.executeQuery(CompiledQuery.raw(`${into} values (${marks})${conflictClause(onConflict)}`, [...only]));
      return;
    }
    const { text, values } = unnest(cells);
    const select = columns.map((_, i) => `w.k${i}`).join(', ');
    await writer.executeQuery(
      CompiledQuery.raw(`${into} select ${select} from ${text} order by w.o${conflictClause(onConflict)}`, values),
    );
  },

  findMany<T extends keyof Tables, C extends keyof Tables[T] & string>(
    reader: Reader,
    table: T,
    columns: readonly C[],
    keys: readonly (keyof Tables[T] & string)[],
    wanted: readonly (readonly Cell[])[],
  ): Promise<Pick<Tables[T], C>[]> {
    return postgresSql.selectEach(reader, selectByKeys(table, columns, keys), wanted);
  },

  async selectEach<R>(reader: Reader, text: string, rows: readonly (readonly Cell[])[]): Promise<R[]> {
    if (rows.length === 0) return [];
    let at = 0;
    const [only] = rows;
    if (rows.length === 1 && only !== undefined) {
      const single = text.replace(/\?/g, () => `$${++at}`);
      return (await reader.executeQuery<R>(CompiledQuery.raw(single, [...only]))).rows;
    }
    const inner = text.replace(/\?/g, () => `w.k${at++}`);
    const { text: from, values } = unnest(rows);
    const outer = `select r.* from ${from} cross join lateral (${inner}) r order by w.o`;
    return (await reader.executeQuery<R>(CompiledQuery.raw(outer, values))).rows;
  },

  // With a limit it cannot be turned into a join that reads the whole table at every level.
  climb: (reader, namespace, nodes, most) =>
    climb(
      reader,
      namespace,
      nodes,
      most,
      sql`cross join lateral (
        select * from node where node.namespace = ${namespace} and node.node = up.node limit 1) as above`,
    ),

  // PostgreSQL's own checksums (initdb -k) tell of damaged pages whenever one is read, and every row is read by the checks.
  integrity: () => Promise.resolve([]),

  async lockNamespace(writer: Writer, namespace: Uint8Array): Promise<void> {
    await writer.selectFrom('namespace').select('head_seq').where('namespace', '=', namespace).forUpdate().execute();
  },

  async lockUser(writer: Writer, user: Uint8Array): Promise<void> {
    await writer.selectFrom('user').select('chain_length').where('user', '=', user).forUpdate().execute();
  },

  async lockSchema(trx: Transaction<Tables>): Promise<void> {
    await trx.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`));
  },
};

/** A step of a migration may build an index over all there is, and other nodes wait for it; whoever looks at everything takes as long. */
const LONG_MS = 24 * 3_600_000;
const WRITE_TRIES = 3;
/** Any number that no other program of the same database takes. */
export const SCHEMA_LOCK = 7_440_066_554;

export interface PostgresOptions {
  readonly urls: readonly string[];
  /** Of this node, for writing; reads get as many again. */
  readonly connections?: number;
  readonly statementMs?: number;
  readonly connectMs?: number;
  /** How long a proof of being the primary serves. */
  readonly leaseMs?: number;
  readonly nowMs?: () => number;
  readonly onError?: (error: unknown) => void;
  readonly onStatement?: OnStatement;
  /** Others than this version's, for tests of upgrades. */
  readonly migrations?: readonly Migration[];
}

/**
 * Connects to PostgreSQL and migrates it. Transactions run READ COMMITTED under explicit row locks, are tried again after a deadlock, and are
 * acknowledged when the database has flushed them (and its synchronous standby, if it has one, too). Throws `state-newer` for a database that a newer server
 * has migrated, `server-error` when no primary answers.
 */
export async function openPostgres(options: PostgresOptions): Promise<MetadataDatabase> {
  const onError = options.onError ?? (() => undefined);
  const newPool = (
    statementMs = options.statementMs ?? 10_000,
    idle: { idleInTransactionMs?: number } = {},
  ): PostgresPool =>
    new PostgresPool({
      ...idle,
      urls: options.urls,
      connections: options.connections ?? 10,
      statementMs,
      connectMs: options.connectMs ?? 3_000,
      onError,
    });
  // Made below; nothing is proven before.
  const late: { lease?: PrimaryLease } = {};
  const onUncertain = (words: string | undefined): void => {
    late.lease?.revoke();
    if (words !== undefined) onError(new Error(`the database gave up waiting for its standby: ${words}`));
  };
  const open = (role: 'writer' | 'reader', pool: PostgresPool): Kysely<Tables> =>
    new Kysely<Tables>({
      dialect: postgresDialect({ pool, onUncertain }),
      log: ({ queryDurationMillis }) => options.onStatement?.(role, queryDurationMillis),
    });
  const migrator = open('writer', newPool(LONG_MS));
  const nowMs = options.nowMs ?? Date.now;
  // Nodes of the version before go on meanwhile, and may hold in another order what a step has to lock.
  await againAfterConflict(() => migrate(migrator, postgresSql, nowMs, options.migrations)).finally(() =>
    migrator.destroy(),
  );
  const writer = open('writer', newPool());
  const readPool = newPool();
  const read = open('reader', readPool);
  const node = `lease/${randomBytes(8).toString('hex')}`;
  const lease = createPrimaryLease({
    leaseMs: options.leaseMs ?? 9_000,
    nowMs: () => performance.now(),
    write: () => writer.transaction().execute((transaction) => proveInstance(transaction, node)),
  });
  late.lease = lease;
  return {
    read,
    sql: postgresSql,
    async write(work) {
      for (let tries = 0; tries < WRITE_TRIES; tries++) {
        await lease.ready();
        const done = await againAfterConflict(() =>
          writer.transaction().execute(async (transaction) => {
            // While this waited for a connection others may have found that nobody confirms what they write.
            return lease.isReady() ? { result: await work(transaction) } : undefined;
          }),
        );
        if (done !== undefined) return done.result;
      }
      throw new OnefoldError('server-error', 'database: nobody confirms what is written');
    },
    async snapshot(work) {
      const patient = open('reader', newPool(LONG_MS, { idleInTransactionMs: LONG_MS }));
      try {
        return await patient.transaction().setIsolationLevel('repeatable read').execute(work);
      } finally {
        await patient.destroy();
      }
    },
    async confirmPrimary(instance) {
      const { address } = readPool;
      try {
        await lease.confirm(instance);
      } catch (thrown) {
        // Another address may have the primary.
        readPool.turnAway(address);
        throw thrown;
      }
    },
    close: async () => {
      await lease.close();
      await writer
        .deleteFrom('setting')
        .where('name', '=', node)
        .execute()
        .catch(() => undefined);
      await read.destroy();
      await writer.destroy();
    },
  };
}

/** Runs a transaction again whose conflict with another one is over by then. */
async function againAfterConflict<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (thrown) {
      if (tries >= triesAfter(thrown)) throw thrown;
      await wait(Math.random() * 10 * 2 ** Math.min(tries, 6));
    }
  }
}

/** Writes the node's row, so that the commit of it waits for the standby, and tells which run of the server took it. */
async function proveInstance(writer: Writer, node: string): Promise<number> {
  const value = new Uint8Array(randomBytes(8));
  await postgresSql.insertMany(writer, 'setting', [{ name: node, value }], { keys: ['name'], update: ['value'] });
  const { rows } = await writer.executeQuery<{ instance: number }>(
    CompiledQuery.raw(`select ${postgresSql.instance} as instance`),
  );
  return rows[0]?.instance ?? 0;
}
