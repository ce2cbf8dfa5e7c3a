import type { Kysely, Transaction } from 'kysely';
import type { NodeColumn, NodeTable, Tables } from './tables.ts';

export type Reader = Kysely<Tables>;
export type Writer = Transaction<Tables>;

export type Cell = Uint8Array | string | number | null;
export type Row<T extends keyof Tables> = Tables[T];

/** What to do with a row whose key is taken. */
export type OnConflict<T extends keyof Tables> =
  | 'fail'
  | 'keep'
  | { readonly keys: readonly (keyof Tables[T] & string)[]; readonly update: readonly (keyof Tables[T] & string)[] };

/** The few things no common SQL says well on every engine. Everything else is plain Kysely. */
export interface SqlDialect {
  /** Words that differ in data definition; see migrations. */
  readonly types: { readonly bytes: string; readonly integer: string };
  /** Ends a CREATE TABLE whose rows are to lie in the order of their primary key. */
  readonly clustered: string;
  /** An expression that names this run of the database server: another number after every restart, and on every other server. */
  readonly instance: string;
  /** Statements that make a table refuse UPDATE and DELETE. */
  appendOnly(table: string): readonly string[];
  /** Statements that make such a table take DELETE from a transaction that sees a row in purge_permit. */
  purgeable(table: string): readonly string[];
  /** Inserts any number of rows in one exchange with the database. */
  insertMany<T extends keyof Tables>(
    writer: Writer,
    table: T,
    rows: readonly Row<T>[],
    onConflict?: OnConflict<T>,
  ): Promise<void>;
  /** Rows whose `keys` columns equal one of `wanted`, in one exchange; each row comes once per equal key. */
  findMany<T extends keyof Tables, C extends keyof Tables[T] & string>(
    reader: Reader,
    table: T,
    columns: readonly C[],
    keys: readonly (keyof Tables[T] & string)[],
    wanted: readonly (readonly Cell[])[],
  ): Promise<Pick<Tables[T], C>[]>;
  /** Runs a SELECT once for every row, in one exchange; its `?` stand for the row's cells, in order. Every result of one row has the same columns. */
  selectEach<R>(reader: Reader, text: string, rows: readonly (readonly Cell[])[]): Promise<R[]>;
  /**
   * Nodes by id and all that is above them, each once: the columns that a view of the tree needs. Their number may be large, and the depth: the engine must
   * look every step up by its key. Answers `most` of them where there are more.
   */
  climb(
    reader: Reader,
    namespace: Uint8Array,
    nodes: readonly Uint8Array[],
    most: number,
  ): Promise<Pick<NodeTable, NodeColumn>[]>;
  /**
   * Locks a namespace's row until the transaction ends. Lock order everywhere: users by id, then namespaces by id; whoever changes uploads, blocks or packs holds
   * their namespace first, so that the order among these cannot matter.
   */
  lockNamespace(writer: Writer, namespace: Uint8Array): Promise<void>;
  /** Locks a user's row until the transaction ends: whoever reads the user's chain in order to extend it comes here first. */
  lockUser(writer: Writer, user: Uint8Array): Promise<void>;
  /** What the engine finds wrong in its own pages and indexes, in its words. Reads everything. */
  integrity(reader: Reader): Promise<readonly string[]>;
  /** Lets one process at a time look at the schema and change it. */
  lockSchema(writer: Writer): Promise<void>;
}

/** Hears of every statement; for metrics. */
export type OnStatement = (role: string, durationMs: number) => void;

/**
 * The metadata database. `read` sees every write that was acknowledged before the read was sent. `write` runs its work in one transaction,
 * durable when the promise resolves, rolled back when the work throws. Transactions that lock the same namespace or user first are serializable against
 * each other. The work may run again after a deadlock: it touches nothing but the database.
 */
export interface MetadataDatabase {
  readonly read: Reader;
  readonly sql: SqlDialect;
  write<T>(work: (writer: Writer) => Promise<T>): Promise<T>;
  /** All that `work` reads is as of one moment, however long it takes, and however much others write meanwhile. For looking at everything, not for calls. */
  snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * Resolves once it is certain that `instance` was the primary after the read that answered it was sent, and that what it showed is replicated: a synchronous
   * write to that very run of the server, not older than a few seconds, stands. Throws `server-error` otherwise. One machine's own file is always primary.
   */
  confirmPrimary(instance: number | undefined): Promise<void>;
  /** Waits for what runs, then closes. */
  close(): Promise<void>;
}
