import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import {
  packAnswer,
  unpackRows,
  type SqliteAnswer,
  type SqliteRequest,
  type SqliteThreadOptions,
} from './sqlite-messages.ts';

// One SQLite connection in a thread of its own: neither a statement nor an fsync ever stops the thread that answers requests.

const PREPARED_LIMIT = 300;
const options = workerData as SqliteThreadOptions;
const database = new Database(options.file, { timeout: 10_000 });
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('foreign_keys = ON');
database.pragma('cache_size = -65536');
database.pragma('temp_store = MEMORY');
if (options.role === 'reader') database.pragma('query_only = ON');

const prepared = new Map<string, Database.Statement<unknown[], Record<string, unknown>>>();

function prepare(sql: string): Database.Statement<unknown[], Record<string, unknown>> {
  const known = prepared.get(sql);
  if (known !== undefined) {
    prepared.delete(sql);
    prepared.set(sql, known);
    return known;
  }
  const statement = database.prepare<unknown[], Record<string, unknown>>(sql);
  if (prepared.size >= PREPARED_LIMIT) {
    const oldest = prepared.keys().next().value;
    if (oldest !== undefined) prepared.delete(oldest);
  }
  prepared.set(sql, statement);
  return statement;
}

function answer(request: SqliteRequest): { id: number; rows: Record<string, unknown>[]; changes: number } {
  const { id } = request;
  switch (request.kind) {
    case 'query': {
      const statement = prepare(request.sql);
      if (statement.reader) return { id, rows: statement.all(...request.cells), changes: 0 };
      return { id, rows: [], changes: statement.run(...request.cells).changes };
    }
    case 'batch': {
      const statement = prepare(request.sql);
      const rows: Record<string, unknown>[] = [];
      let changes = 0;
      for (const cells of unpackRows(request.batch)) {
        if (statement.reader) rows.push(...statement.all(...cells));
        else changes += statement.run(...cells).changes;
      }
      return { id, rows, changes };
    }
    case 'rollback':
      // A full disk or an I/O error has ended the transaction already.
      if (database.inTransaction) database.exec('rollback');
      return { id, rows: [], changes: 0 };
    case 'close':
      database.close();
      return { id, rows: [], changes: 0 };
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    const { rows, ...told } = answer(request);
    const packed = packAnswer(rows);
    parentPort?.postMessage({ ...told, rows: packed.rows } satisfies SqliteAnswer, packed.transfer);
  } catch (thrown) {
    const { code, message } = thrown as { code?: unknown; message?: unknown };
    parentPort?.postMessage({
      id: request.id,
      error: { code: typeof code === 'string' ? code : 'unknown', message: String(message) },
    } satisfies SqliteAnswer);
  }
  if (request.kind === 'close') parentPort?.close();
});
