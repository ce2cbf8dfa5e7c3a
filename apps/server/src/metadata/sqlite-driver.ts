import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely';
import { OnefoldError } from '@onefold/protocol';
import type { Cell } from './database.ts';
import {
  packRows,
  unpackAnswer,
  type SqliteAnswer,
  type SqliteRequest,
  type SqliteThreadOptions,
} from './sqlite-messages.ts';

/** Stands as the only parameter of a query that is to run once for every row. */
export class RowBatch {
  readonly rows: readonly (readonly Cell[])[];
  constructor(rows: readonly (readonly Cell[])[]) {
    this.rows = rows;
  }
}

type RequestBody = SqliteRequest extends infer R ? (R extends SqliteRequest ? Omit<R, 'id'> : never) : never;

interface Waiting {
  resolve(answer: { rows: readonly Record<string, unknown>[]; changes: number }): void;
  reject(error: Error): void;
}

/** The caller's end of a database thread. */
class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: Error | undefined;

  constructor(options: SqliteThreadOptions) {
    this.#worker = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData: options, execArgv: [] });
    this.#worker.on('message', (answer: SqliteAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(databaseError(answer.error));
      else waiting?.resolve({ rows: unpackAnswer(answer.rows), changes: answer.changes });
    });
    this.#worker.on('error', (error) => {
      const { code } = error as { code?: unknown };
      const message = error instanceof Error ? error.message : String(error);
      this.#end(databaseError({ code: typeof code === 'string' ? code : 'thread', message }));
    });
    this.#worker.on('exit', () => {
      this.#end(databaseError({ code: 'thread', message: 'the database thread has ended' }));
    });
  }

  ask(
    body: RequestBody,
    transfer: ArrayBuffer[] = [],
  ): Promise<{ rows: readonly Record<string, unknown>[]; changes: number }> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...body, id }, transfer);
    });
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    await this.ask({ kind: 'close' });
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** What SQLite says where the disk takes no byte more: for rows, for pages, and for the index of its log, which it makes anew at every start. */
const FULL = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'];

const WORDS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another program holds it, and has not let go of it in time; nothing was changed',
};

function databaseError({ code, message }: { code: string; message: string }): OnefoldError {
  const isFull = FULL.includes(code);
  const words = isFull ? 'the disk is full' : (WORDS[code] ?? message);
  return new OnefoldError(isFull ? 'server-full' : 'server-error', `database: ${words}`, { details: { sqlite: code } });
}

class SqliteThreadConnection implements DatabaseConnection {
  readonly thread: SqliteThread;
  constructor(thread: SqliteThread) {
    this.thread = thread;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const [first] = query.parameters;
    if (first instanceof RowBatch) {
      const batch = packRows(first.rows);
      const answer = await this.thread.ask({ kind: 'batch', sql: query.sql, batch }, [
        batch.bytes,
        batch.lengths.buffer,
      ]);
      return { rows: answer.rows as R[], numAffectedRows: BigInt(answer.changes) };
    }
    const answer = await this.thread.ask({ kind: 'query', sql: query.sql, cells: query.parameters.map(toCell) });
    return { rows: answer.rows as R[], numAffectedRows: BigInt(answer.changes) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new OnefoldError('internal', 'rows are not streamed from SQLite');
  }
}

/** A view is copied out first: cloning it between threads would copy all of the buffer it looks at. */
function toCell(value: unknown): Cell {
  if (value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength)
    return Uint8Array.prototype.slice.call(value);
  return value as Cell;
}

/** One connection, handed to one holder at a time, in order of asking. */
class SqliteThreadDriver implements Driver {
  readonly #options: SqliteThreadOptions;
  #connection: SqliteThreadConnection | undefined;
  #isHeld = false;
  readonly #queue: (() => void)[] = [];

  constructor(options: SqliteThreadOptions) {
    this.#options = options;
  }

  // Kysely has its drivers answer with promises.
  async init(): Promise<void> {
    this.#connection = new SqliteThreadConnection(new SqliteThread(this.#options));
    await this.#connection.executeQuery(CompiledQuery.raw('select 1'));
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isHeld) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#isHeld = true;
    if (this.#connection === undefined) throw new OnefoldError('internal', 'the database is closed');
    return this.#connection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(this.#options.role === 'writer' ? 'begin immediate' : 'begin'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(): Promise<void> {
    await this.#connection?.thread.ask({ kind: 'rollback' });
  }

  releaseConnection(): Promise<void> {
    const next = this.#queue.shift();
    if (next === undefined) this.#isHeld = false;
    else next();
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    await this.#connection?.thread.close();
    this.#connection = undefined;
  }
}

/** Kysely over one SQLite connection in its own thread. */
export function sqliteThreadDialect(options: SqliteThreadOptions): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteThreadDriver(options),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
