import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import {
  copyFile,
  constants,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OnefoldError } from '@onefold/protocol';

/*
 * A backup is a folder: metadata-HASH.db (a snapshot of one moment), packs/ (every object that snapshot names), and backup.json, which names the snapshot. Making
 * one again into the same folder copies only what is new:
 *
 *   the backup before -> its files and those of the new one -> backup.json replaced: the new one -> what it does not name goes
 *
 * Wherever that ends, backup.json names a whole backup.
 */

const MANIFEST = 'backup.json';
const FORMAT = 2;
const SNAPSHOT_NAME = /^metadata-[0-9a-f]{64}\.db$/;
/** Packs may be rewritten while they are copied: then a new snapshot names the new ones. */
const MOST_TRIES = 5;

export interface BackupReport {
  readonly packs: number;
  readonly copied: number;
  readonly sizeBytes: number;
}

/** Backs up a data folder, in use or not. Throws `not-found`, `disk-error`. */
export async function backUp(data: string, target: string, nowMs: number): Promise<BackupReport> {
  const source = join(data, 'metadata.db');
  if (!existsSync(source)) throw new OnefoldError('not-found', `there is no metadata database in ${data}`);
  await mkdir(join(target, 'packs'), { recursive: true, mode: 0o700 });
  for (let tries = 1; ; tries++) {
    const metadata = await snapshot(source, target);
    const wanted = objectKeys(join(target, metadata));
    const result = await copyPacks(data, target, wanted);
    if (result.missing === undefined) {
      const manifest = { format: FORMAT, createdAtMs: nowMs, packs: wanted.size, metadata };
      await writeDurably(join(target, MANIFEST), JSON.stringify(manifest));
      await dropOthers(target, metadata, wanted);
      return { packs: wanted.size, copied: result.copied, sizeBytes: result.sizeBytes };
    }
    if (tries >= MOST_TRIES)
      throw new OnefoldError('disk-error', `pack ${result.missing} is not there; onefold-server admin fsck says more`);
  }
}

/** Answers the name of the snapshot, which holds its hash. */
async function snapshot(source: string, target: string): Promise<string> {
  const temporary = join(target, 'metadata.db.new');
  await rm(temporary, { force: true });
  const database = new Database(source, { readonly: true, timeout: 10_000 });
  try {
    // Copied under one read: without it every commit of the server meanwhile makes SQLite begin anew, and a busy one never lets it end.
    database.exec('begin');
    database.prepare('select count(*) from sqlite_schema').get();
    await database.backup(temporary);
  } finally {
    database.close();
  }
  // Read later without a file beside it.
  const copy = new Database(temporary);
  copy.pragma('journal_mode = DELETE');
  copy.close();
  const name = `metadata-${await hashFile(temporary)}.db`;
  await flush(temporary);
  await rename(temporary, join(target, name));
  await flush(target);
  return name;
}

function objectKeys(database: string): Map<string, number> {
  const snapshotOf = new Database(database, { readonly: true });
  try {
    const rows = snapshotOf.prepare('select object_key, size_bytes from pack').all();
    return new Map(
      (rows as { object_key: string; size_bytes: number }[]).map((row) => [row.object_key, row.size_bytes]),
    );
  } finally {
    snapshotOf.close();
  }
}

async function copyPacks(
  data: string,
  target: string,
  wanted: ReadonlyMap<string, number>,
): Promise<{ copied: number; sizeBytes: number; missing?: string }> {
  let copied = 0;
  let sizeBytes = 0;
  const folders = new Set<string>();
  for (const [key, size] of wanted) {
    const [from, to] = [join(data, 'packs', key), join(target, 'packs', key)];
    sizeBytes += size;
    // Objects never change: one of the right name and size is the object.
    if ((await stat(to).catch(() => undefined))?.size === size) continue;
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    folders.add(dirname(to));
    try {
      await copyFile(from, `${to}.new`, constants.COPYFILE_FICLONE);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return { copied, sizeBytes, missing: key };
      throw thrown;
    }
    await flush(`${to}.new`);
    await rename(`${to}.new`, to);
    copied++;
  }
  for (const folder of folders) await flush(folder);
  return { copied, sizeBytes };
}

async function dropOthers(target: string, metadata: string, wanted: ReadonlyMap<string, number>): Promise<void> {
  for (const name of await readdir(target))
    if (SNAPSHOT_NAME.test(name) && name !== metadata) await rm(join(target, name));
  const packs = join(target, 'packs');
  for (const entry of await readdir(packs, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = path
      .slice(packs.length + 1)
      .split(/[\\/]/)
      .join('/');
    if (!wanted.has(key)) await rm(path);
  }
}

export interface RestoreReport {
  readonly namespaces: number;
  readonly packs: number;
}

/**
 * Makes a data folder from a backup. Every namespace gets a new recovery epoch: devices that have seen more than the backup holds are told, ask their user, and
 * upload again what is missing. Sessions end. Throws `invalid-argument` for what is no whole backup, or a folder that holds data already.
 */
export async function restore(from: string, data: string, nowMs: number): Promise<RestoreReport> {
  const manifest = await readFile(join(from, MANIFEST), 'utf8').catch(() => undefined);
  const parsed =
    manifest === undefined ? undefined : (JSON.parse(manifest) as { format?: unknown; metadata?: unknown });
  if (parsed?.format !== FORMAT || typeof parsed.metadata !== 'string' || !SNAPSHOT_NAME.test(parsed.metadata))
    throw new OnefoldError('invalid-argument', `${from} is not a whole backup`);
  const snapshotFile = join(from, parsed.metadata);
  if (parsed.metadata !== `metadata-${await hashFile(snapshotFile).catch(() => 'gone')}.db`)
    throw new OnefoldError('invalid-argument', `the metadata in ${from} is not what was backed up`);
  if (existsSync(join(data, 'metadata.db')))
    throw new OnefoldError('invalid-argument', `${data} holds data already; restore into an empty folder`);
  await mkdir(join(data, 'packs'), { recursive: true, mode: 0o700 });
  const wanted = objectKeys(snapshotFile);
  for (const key of wanted.keys()) {
    const to = join(data, 'packs', key);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await link(join(from, 'packs', key), to).catch(() =>
      copyFile(join(from, 'packs', key), to, constants.COPYFILE_FICLONE),
    );
    await flush(to);
    await flush(dirname(to));
  }
  const temporary = join(data, 'metadata.db.new');
  await copyFile(snapshotFile, temporary);
  const namespaces = beginRecoveryEpoch(temporary, nowMs);
  await flush(temporary);
  await rename(temporary, join(data, 'metadata.db'));
  await flush(data);
  return { namespaces, packs: wanted.size };
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

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function writeDurably(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  await flush(dirname(file));
}

/** Flushes a file or a folder. Windows cannot flush a folder and does not need to. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  try {
    await handle?.sync().catch((thrown: unknown) => {
      if (process.platform !== 'win32') throw thrown;
    });
  } finally {
    await handle?.close();
  }
}
