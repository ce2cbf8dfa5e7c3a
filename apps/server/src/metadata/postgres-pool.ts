import pg from 'pg';
import { OnefoldError } from '@onefold/protocol';

/*
 * Connections to the primary among several addresses.
 *
 *   current address answers and takes writes  ->  its pool serves
 *   it is gone, or has become a standby       ->  the others are tried in turn; the one that takes writes becomes current
 *   it confirms nothing, as one that was      ->  the others are tried before it
 *   deposed and came back
 *   none takes writes                         ->  `server-error`, tried anew by the next caller
 *
 * A connection that ever failed in a way that is not the statement's own fault is thrown away: what it would answer next is unknown.
 */

export interface PostgresPoolOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, the likely primary first. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** A statement that takes longer is given up by the database, and a little later by this process. */
  readonly statementMs: number;
  readonly connectMs: number;
  /** An author that stopped in the middle of a transaction holds its namespace no longer than this. */
  readonly idleInTransactionMs?: number;
  readonly onError: (error: unknown) => void;
}

/** How much later than the database this process gives a statement up: the database's own word is the better one. */
const GRACE_MS = 2_000;
const IDLE_IN_TRANSACTION_MS = 5_000;

export class PostgresPool {
  readonly #pools: readonly pg.Pool[];
  readonly #addresses = new WeakMap<pg.PoolClient, number>();
  #current = 0;
  #isClosed = false;

  constructor(options: PostgresPoolOptions) {
    this.#pools = options.urls.map((url) => openPool(url, options));
  }

  /** A connection to a server that takes writes. Throws `server-error`. */
  async acquire(): Promise<pg.PoolClient> {
    let failure: unknown;
    for (let tries = 0; tries < this.#pools.length; tries++) {
      if (this.#isClosed) break;
      const at = this.#current;
      try {
        const client = await (this.#pools[at] as pg.Pool).connect();
        this.#addresses.set(client, at);
        return client;
      } catch (thrown) {
        failure = thrown;
        // Others may have found the primary meanwhile.
        this.turnAway(at);
      }
    }
    const reason = failure instanceof Error && failure.message !== '' ? ` (${failure.message})` : '';
    throw new OnefoldError('server-error', `database: no primary answers${reason}`, { cause: failure });
  }

  /** Which of the addresses is asked at present. */
  get address(): number {
    return this.#current;
  }

  /** Which of them a connection leads to. */
  addressOf(client: pg.PoolClient): number {
    return this.#addresses.get(client) ?? this.#current;
  }

  /** This address is not, or no longer, the one to ask. Many callers may find that at once: the first one turns away. */
  turnAway(address: number): void {
    if (this.#current === address) this.#current = (address + 1) % this.#pools.length;
  }

  /** Connections in use and free, and callers that wait for one. */
  counts(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    const sum = (of: (pool: pg.Pool) => number): number => this.#pools.reduce((total, pool) => total + of(pool), 0);
    return {
      total: sum((pool) => pool.totalCount),
      idle: sum((pool) => pool.idleCount),
      waiting: sum((pool) => pool.waitingCount),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}

function openPool(url: string, options: PostgresPoolOptions): pg.Pool {
  const settings = [
    'synchronous_commit=on',
    `statement_timeout=${options.statementMs}`,
    `lock_timeout=${options.statementMs}`,
    `idle_in_transaction_session_timeout=${options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS}`,
    'default_transaction_isolation=read\\ committed',
    'client_min_messages=warning',
  ];
  // Those of the address would take the place of these; of two that differ the last one holds.
  const address = URL.parse(url);
  const own = address?.searchParams.get('options') ?? '';
  address?.searchParams.delete('options');
  const config: pg.PoolConfig & { verify: (client: pg.PoolClient, done: (error?: Error) => void) => void } = {
    connectionString: own === '' ? url : address?.href,
    max: options.connections,
    connectionTimeoutMillis: options.connectMs,
    query_timeout: options.statementMs + GRACE_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'onefold-server',
    options: [own, ...settings.map((setting) => `-c ${setting}`)].join(' ').trim(),
    types: { getTypeParser },
    verify(client, done) {
      client
        .query<ServerFacts>(FACTS)
        .then(({ rows }) => done(refusalOf(client, rows[0], options.statementMs)))
        .catch((thrown: unknown) => done(thrown instanceof Error ? thrown : new Error(String(thrown))));
    },
  };
  const pool = new pg.Pool(config);
  // An idle connection that breaks is no caller's failure; one in use tells its caller through the statement.
  pool.on('error', options.onError);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

interface ServerFacts {
  readonly standby: boolean;
  readonly backend: number;
  readonly commit: string;
  readonly statement_ms: number;
}

const FACTS = `select pg_is_in_recovery() as standby, pg_backend_pid() as backend, current_setting('synchronous_commit') as commit,
  (select setting::bigint from pg_settings where name = 'statement_timeout') as statement_ms`;

/** Why this connection is not used. */
function refusalOf(client: pg.PoolClient, server: ServerFacts | undefined, statementMs: number): Error | undefined {
  if (server?.standby !== false) return new Error('this server is a standby');
  // What a connection has prepared or set is another's behind a pooler, and may be no one's at the next transaction.
  const { processID } = client as { processID?: number | null };
  if (typeof processID === 'number' && processID !== server.backend)
    return new Error('a pooler stands before this database; the address of PostgreSQL itself is wanted');
  // What stands between may pass over what a connection asks for at its start.
  if (server.commit !== 'on') return new Error(`synchronous_commit is ${server.commit}, though on was asked for`);
  if (server.statement_ms !== statementMs)
    return new Error(`statement_timeout is ${server.statement_ms} ms, though ${statementMs} was asked for`);
  return undefined;
}

const INT8_OID = 20;

/** Counts, lengths and times stay far below 2^53: they come as numbers, and one that would not is refused rather than rounded. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8_OID && format !== 'binary') return toSafeNumber;
  return pg.types.getTypeParser(oid, format) as (value: string) => unknown;
}

function toSafeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new OnefoldError('internal', 'a stored number is too large');
  return value;
}
