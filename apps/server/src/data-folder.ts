import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OnefoldError } from '@onefold/protocol';
import { isDiskFull, makeFolders, writeDurably } from './durable-files.ts';

export interface DataFolder {
  readonly databaseFile: string;
  readonly packsFolder: string;
  /** Writes server.pid. Only a server that answers requests does so. */
  writePid(): void;
  release(): void;
}

/** For a node that keeps nothing itself. */
export const NO_DATA_FOLDER: DataFolder = {
  databaseFile: '',
  packsFolder: '',
  writePid: () => undefined,
  release: () => undefined,
};

/**
 * Takes the data folder for this process, making it if need be. The lock is a file lock that SQLite holds on `server.lock`: the system drops it with
 * the process, however that ends. Throws `daemon-running` when another process (or this one) holds it.
 */
export function takeDataFolder(folder: string): DataFolder {
  makeFolder(folder);
  const pidFile = join(folder, 'server.pid');
  const lock = lockFile(
    join(folder, 'server.lock'),
    () => `another onefold-server uses this data folder${holder(pidFile)}`,
  );
  let hasPid = false;
  return {
    databaseFile: join(folder, 'metadata.db'),
    packsFolder: join(folder, 'packs'),
    writePid() {
      try {
        writeDurably(pidFile, `${process.pid}\n`, 0o644);
        hasPid = true;
      } catch (thrown) {
        // On a full disk reads are to be answered, after a new start too: then nobody is told the pid.
        if (!isDiskFull(thrown)) throw thrown;
      }
    },
    release() {
      // Before the lock goes: afterwards the file may be another server's.
      if (hasPid) rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

function makeFolder(folder: string): void {
  try {
    makeFolders(folder);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in its place' : code;
    throw new OnefoldError('invalid-argument', `cannot make the data folder ${folder}: ${reason}`, { cause });
  }
}

/** Holds a file's lock until it is closed. Throws `daemon-running`, in the given words, when another process (or this one) holds it. */
export function lockFile(file: string, whenHeld: () => string, isHealed = false): { close(): void } {
  const lock = openLock(file);
  try {
    lock.pragma('journal_mode = MEMORY');
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    const { code } = cause as { code?: string };
    // Whoever holds the lock is told of first: here nobody does, and what the file holds means nothing.
    if ((code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') && !isHealed) {
      truncateSync(file);
      return lockFile(file, whenHeld, true);
    }
    if (code !== 'SQLITE_BUSY') throw new OnefoldError('disk-error', `cannot lock ${file}`, { cause });
    throw new OnefoldError('daemon-running', whenHeld(), { cause });
  }
}

function openLock(file: string): Database.Database {
  try {
    return new Database(file, { timeout: 0 });
  } catch (cause) {
    throw new OnefoldError('invalid-argument', `cannot write into the folder ${dirname(file)}`, { cause });
  }
}

function holder(pidFile: string): string {
  try {
    return ` (pid ${readFileSync(pidFile, 'utf8').trim()})`;
  } catch {
    return '';
  }
}
