import Database from 'better-sqlite3';
import { OnefoldError, type ErrorCode } from '@onefold/protocol';

/*
 * A lock that lives exactly as long as its process. Node has no flock; SQLite has, on every system: POSIX record locks on Unix, LockFileEx
 * on Windows, which the kernel drops with the process, kill -9 included, and which hold between threads of one process as well (SQLite
 * keeps its own table of them). A pid file would outlive its process and a reused pid would answer for it; an abstract socket is bound to
 * a network namespace, so two containers that share a folder would not see each other.
 */

export interface ProcessLock {
  release(): void;
}

/** So that a lock whose holder forgot it is not collected, and so let go of, while the process lives. */
const held = new Set<Database.Database>();

/** Takes the lock of `file` (made if missing, never removed) or throws `taken`. A disk that cannot lock is `disk-error`. */
export function takeProcessLock(file: string, taken: ErrorCode): ProcessLock {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    // Rollback journal in memory: no file appears beside the lock, and nothing is ever written.
    database.pragma('journal_mode = MEMORY');
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('SQLITE_BUSY')) throw new OnefoldError(taken, 'held by another process', { cause: error });
    throw new OnefoldError('disk-error', 'this disk cannot lock files', { cause: error });
  }
  const holding = database;
  held.add(holding);
  return {
    release() {
      held.delete(holding);
      holding.close();
    },
  };
}
