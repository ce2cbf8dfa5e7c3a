import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { OnefoldError } from '@onefold/protocol';
import type { PostgresPool } from './postgres-pool.ts';

/** A prepared statement whose answer has other columns by now: a newer node has migrated. */
const OUTDATED = '0A000';
/** SQLSTATEs after which the same transaction, run again, may well succeed. */
const TRANSIENT = new Set(['40001', '40P01', OUTDATED]);
/** Classes of SQLSTATE that say nothing against the connection itself. */
const STATEMENT_CLASSES = new Set(['0A', '21', '22', '23', '25', '40', '42', '55', 'P0']);
const DUPLICATE = '23505';
const FULL = '53100';
const CANCELED = '57014';

/** The transaction may stand or not: only its author, by asking again, can learn which. */
export const UNKNOWN_OUTCOME = 'unknown-outcome';

/** How often a transaction that failed so may be run in all. */
export function triesAfter(thrown: unknown): number {
  const sqlState = thrown instanceof OnefoldError ? String(thrown.details['sqlState']) : '';
  // A key that another transaction took first: run again, the work sees that row and says what it means.
  if (sqlState === DUPLICATE) return 2;
  return TRANSIENT.has(sqlState) ? 10 : 1;
}

export interface PostgresDriverOptions {
  readonly pool: PostgresPool;
  /**
   * A commit whose outcome nobody told: what was written may be seen, and need not be safe. With the database's words where it said that its standby had not
   * confirmed it.
   */
  readonly onUncertain: (words: string | undefined) => void;
}

class PostgresConnection implements DatabaseConnection {
  readonly client: pg.PoolClient;
  readonly #names: StatementNames;
  isBroken = false;
  /** It has prepared statements that will not do any more, and is not used again. */
  isOutdated = false;
  isInTransaction = false;

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.client = client;
    this.#names = names;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#ask<R & pg.QueryResultRow>(query);
    return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) };
  }

  /** Outside a transaction what may succeed by now is asked again; within one, which is spoilt by it, all of it is run again by `write`. */
  async #ask<R extends pg.QueryResultRow>(query: CompiledQuery): Promise<pg.QueryResult<R>> {
    for (let tries = 1; ; tries++) {
      const name = this.isOutdated ? undefined : this.#names.of(query.sql);
      const config = { text: query.sql, values: [...query.parameters], ...(name === undefined ? {} : { name }) };
      try {
        return await this.run(() => this.client.query<R>(config));
      } catch (thrown) {
        if (this.isInTransaction || this.isBroken || tries >= triesAfter(thrown)) throw thrown;
      }
    }
  }

  /** Runs one exchange; a failure that is not the statement's own ends the connection's use. */
  async run<T>(exchange: () => Promise<T>): Promise<T> {
    if (this.isBroken) throw new OnefoldError('server-error', 'database: the connection was lost');
    try {
      return await exchange();
    } catch (thrown) {
      const sqlState = sqlStateOf(thrown);
      if (sqlState === OUTDATED) this.isOutdated = true;
      if (!STATEMENT_CLASSES.has(sqlState?.slice(0, 2) ?? '') && sqlState !== FULL && sqlState !== CANCELED)
        this.isBroken = true;
      throw databaseError(thrown, sqlState);
    }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new OnefoldError('internal', 'rows are not streamed from PostgreSQL');
  }
}

function sqlStateOf(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function databaseError(thrown: unknown, sqlState: string | undefined): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OnefoldError(sqlState === FULL ? 'server-full' : 'server-error', `database: ${message}`, {
    cause: thrown,
    details: { sqlState },
  });
}

const NAMED_LIMIT = 400;
const NAMED_TEXT_LIMIT = 4_000;

/** Statements that are asked again and again are prepared once a connection; texts that vary with their length are not kept. */
class StatementNames {
  readonly #names = new Map<string, string>();

  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (
      this.#names.size >= NAMED_LIMIT ||
      text.length > NAMED_TEXT_LIMIT ||
      /\bin \(\$|^(begin|commit|create|alter|drop|set)/i.test(text)
    )
      return undefined;
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 20);
    this.#names.set(text, name);
    return name;
  }
}

class PostgresDriver implements Driver {
  readonly #options: PostgresDriverOptions;
  readonly #names = new StatementNames();

  constructor(options: PostgresDriverOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    // Connections are made when they are needed.
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new PostgresConnection(await this.#options.pool.acquire(), this.#names);
  }

  async beginTransaction(connection: PostgresConnection, { isolationLevel }: TransactionSettings): Promise<void> {
    const level = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    await connection.executeQuery(CompiledQuery.raw(`begin${level}`));
    connection.isInTransaction = true;
  }

  /** Throws with `details.outcome` unknown when no answer came, or when the standby was not waited for. */
  async commitTransaction(connection: PostgresConnection): Promise<void> {
    const warnings: string[] = [];
    const listen = (notice: { severity?: string | undefined; message?: string | undefined }): void => {
      if (notice.severity === 'WARNING') warnings.push(notice.message ?? '');
    };
    connection.client.on('notice', listen);
    try {
      const { command } = await connection.run(() => connection.client.query('commit'));
      connection.isInTransaction = false;
      // A transaction that had failed before answers COMMIT by rolling back.
      if (command !== 'COMMIT') throw new OnefoldError('server-error', 'database: the transaction was rolled back');
    } catch (thrown) {
      connection.isInTransaction = false;
      if (!connection.isBroken) throw thrown;
      this.#doubt(connection, undefined);
      throw new OnefoldError('server-error', 'database: it is not known whether the transaction stands', {
        cause: thrown,
        details: { outcome: UNKNOWN_OUTCOME },
      });
    } finally {
      connection.client.off('notice', listen);
    }
    if (warnings.length === 0) return;
    connection.isBroken = true;
    this.#doubt(connection, warnings.join('; '));
    throw new OnefoldError('server-error', 'database: the standby has not confirmed the transaction', {
      details: { outcome: UNKNOWN_OUTCOME },
    });
  }

  /** A primary that confirms nothing may have been deposed: whoever comes next looks for another one. */
  #doubt({ client }: PostgresConnection, words: string | undefined): void {
    this.#options.pool.turnAway(this.#options.pool.addressOf(client));
    this.#options.onUncertain(words);
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    if (connection.isBroken || !connection.isInTransaction) return;
    connection.isInTransaction = false;
    // A rollback that cannot be sent is done by the database when the connection goes.
    await connection.executeQuery(CompiledQuery.raw('rollback')).catch(() => (connection.isBroken = true));
  }

  releaseConnection(connection: PostgresConnection): Promise<void> {
    connection.client.release(connection.isBroken || connection.isOutdated || connection.isInTransaction);
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return this.#options.pool.close();
  }
}

/** Kysely over a pool of connections to the primary. */
export function postgresDialect(options: PostgresDriverOptions): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(options),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
