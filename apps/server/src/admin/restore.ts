import { existsSync } from 'node:fs';
import { copyFile, constants, rename } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { OnefoldError } from '@onefold/protocol';
import { flushFolder, makeFolders } from '../durable-files.ts';
import { copyPacks, flushFile, hashFile, orDiskError, packsOf, readManifest } from './backup-files.ts';

export interface RestoreReport {
  readonly namespaces: number;
  readonly packs: number;
  /** Keys of packs that the backup lacks, or has not whole: `fsck --repair` marks what was in them, for devices to send it again. */
  readonly missing: readonly string[];
}

/** The snapshot's file in a whole backup. Throws `invalid-argument` for what is none. */
export async function wholeBackup(from: string): Promise<string> {
  const metadata = await readManifest(from);
  if (metadata === undefined) throw new OnefoldError('invalid-argument', `${from} is not a whole backup`);
  const snapshot = join(from, metadata);
  if (metadata !== `metadata-${await hashFile(snapshot).catch(() => 'gone')}.db`)
    throw new OnefoldError('invalid-argument', `the metadata in ${from} is not what was backed up`);
  return snapshot;
}

/**
 * Makes a data folder from a backup; one that was cut off goes on. Every namespace gets a new recovery epoch: devices that have seen more than the backup holds
 * are told, ask their user, and upload again what is missing. Sessions end. Throws `invalid-argument` for what is no whole backup, or a folder that holds data
 * already, `disk-full`, `disk-error`.
 */
export async function restore(from: string, data: string, nowMs: number): Promise<RestoreReport> {
  const snapshot = await wholeBackup(from);
  if (existsSync(join(data, 'metadata.db')))
    throw new OnefoldError('invalid-argument', `${data} holds data already; restore into an empty folder`);
  try {
    const packs = join(data, 'packs');
    makeFolders(packs);
    const wanted = packsOf(snapshot);
    const { missing } = await copyPacks(join(from, 'packs'), packs, wanted);
    const temporary = join(data, 'metadata.db.new');
    await copyFile(snapshot, temporary, constants.COPYFILE_FICLONE);
    const namespaces = beginRecoveryEpoch(temporary, nowMs);
    await flushFile(temporary);
    await rename(temporary, join(data, 'metadata.db'));
    flushFolder(data);
    return { namespaces, packs: wanted.size, missing };
  } catch (thrown) {
    return orDiskError(`cannot restore into ${data}`)(thrown);
  }
}

/** Seconds since 1970 rather than one more: two restores of one backup must not give the same epoch to two histories. */
function beginRecoveryEpoch(file: string, nowMs: number): number {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = DELETE');
    const { changes } = database
      .prepare('update namespace set recovery_epoch = max(recovery_epoch + 1, ?)')
      .run(Math.floor(nowMs / 1_000));
    database.exec('delete from session; delete from challenge');
    return changes;
  } finally {
    database.close();
  }
}
