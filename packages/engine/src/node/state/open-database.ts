import Database from 'better-sqlite3';
import { OnefoldError, type ErrorCode } from '@onefold/protocol/plain';
import { wasLeftOpen } from './damaged-state.ts';

/** What SQLite calls an error, and what the product does. */
const CODES: readonly (readonly [prefix: string, code: ErrorCode])[] = [
  ['SQLITE_CORRUPT', 'state-corrupt'],
  ['SQLITE_NOTADB', 'state-corrupt'],
  ['SQLITE_FULL', 'disk-full'],
  ['SQLITE_READONLY', 'read-only'],
  ['SQLITE_CANTOPEN', 'access-denied'],
  ['SQLITE_PERM', 'access-denied'],
  ['SQLITE_BUSY', 'daemon-running'],
  ['SQLITE_IOERR', 'disk-error'],
];

export function stateError(error: unknown): OnefoldError {
  if (error instanceof OnefoldError) return error;
  const name = error instanceof Error && 'code' in error ? String(error.code) : '';
  const code = CODES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'internal';
  return new OnefoldError(code, `state: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/**
 * Opens a state database and brings its schema up to date. One process at a time: the file stays locked until closed.
 * Throws `state-newer` (made by a later version), `state-corrupt`, `daemon-running` (locked by another process) or what the disk says.
 *
 * WAL with synchronous=FULL: a commit is on the disk when it returns, also through a power cut. NORMAL would lose the last commits, and a
 * Synced row lost after its file was replaced would look like an edit by the user.
 */
export function openStateDatabase(file: string, migrations: readonly string[]): Database.Database {
  let database: Database.Database | undefined;
  const isSuspect = wasLeftOpen(file);
  try {
    database = new Database(file, { timeout: 1_000 });
    database.pragma('locking_mode = EXCLUSIVE');
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > migrations.length) {
      throw new OnefoldError('state-newer', 'the state was written by a newer version of the product');
    }
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('wal_autocheckpoint = 16000');
    database.pragma('cache_size = -8192');
    migrate(database, migrations, version);
    if (isSuspect) checkWhole(database);
    return database;
  } catch (error) {
    database?.close();
    throw stateError(error);
  }
}

function checkWhole(database: Database.Database): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new OnefoldError('state-corrupt', `state: ${String(found)}`);
}

function migrate(database: Database.Database, migrations: readonly string[], from: number): void {
  migrations.slice(from).forEach((sql, i) => {
    database.transaction(() => {
      database.exec(sql);
      database.pragma(`user_version = ${from + i + 1}`);
    })();
  });
}
