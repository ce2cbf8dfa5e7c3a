import { existsSync, realpathSync } from 'node:fs';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import Database from 'better-sqlite3';
import { OnefoldError } from '@onefold/protocol';
import { lockFile } from '../data-folder.ts';
import { flushFolder, makeFolders, writeDurably } from '../durable-files.ts';
import { isPackKey } from '../packs/pack-store.ts';
import {
  copyPacks,
  flushFile,
  FORMAT,
  hashFile,
  MANIFEST,
  orDiskError,
  packsOf,
  readManifest,
  SNAPSHOT_NAME,
} from './backup-files.ts';

/*
 * A backup is a folder: metadata-HASH.db (a snapshot of one moment), packs/ (every object that snapshot names), and backup.json, which names the snapshot. Making
 * one again into the same folder copies only what is new:
 *
 *   the backup before -> its files and those of the new one -> backup.json replaced: the new one -> what it does not name goes
 *
 * Wherever that ends, backup.json names a whole backup.
 */

/** Packs may be rewritten while they are copied: then a new snapshot names the new ones. */
const MOST_TRIES = 5;

export interface BackupReport {
  readonly packs: number;
  readonly copied: number;
  readonly sizeBytes: number;
  /** Keys of packs that the data folder itself has lost, and no earlier backup in this place has either. */
  readonly missing: readonly string[];
}

/**
 * Backs up a data folder, in use or not. Throws `not-found`, `invalid-argument` for a place that is no place for it, `daemon-running` while another backup goes
 * there, `disk-full`, `disk-error`.
 */
export async function backUp(data: string, target: string, nowMs: number): Promise<BackupReport> {
  const source = join(data, 'metadata.db');
  if (!existsSync(source)) throw new OnefoldError('not-found', `there is no metadata database in ${data}`);
  if (!existsSync(join(data, 'packs')))
    throw new OnefoldError('disk-error', `the folder of packs is not there: ${join(data, 'packs')}`);
  mustBeApart(data, target);
  try {
    makeFolders(join(target, 'packs'));
  } catch (thrown) {
    return orDiskError(`cannot back up into ${target}`)(thrown);
  }
  const lock = lockFile(join(target, 'backup.lock'), () => `another backup into ${target} is being made`);
  try {
    return await backUpInto(source, target, nowMs);
  } catch (thrown) {
    return orDiskError(`cannot back up into ${target}`)(thrown);
  } finally {
    lock.close();
  }
}

async function backUpInto(source: string, target: string, nowMs: number): Promise<BackupReport> {
  await mustBeSameServer(source, target);
  let missingBefore: ReadonlySet<string> = new Set();
  for (let tries = 1; ; tries++) {
    const metadata = await snapshot(source, target);
    const wanted = packsOf(join(target, metadata));
    const { copied, missing } = await copyPacks(join(dirname(source), 'packs'), join(target, 'packs'), wanted);
    // What a later snapshot still names is lost. That keeps nobody from a backup of the rest.
    if (missing.some((key) => !missingBefore.has(key))) {
      if (tries >= MOST_TRIES)
        throw new OnefoldError('disk-error', `packs go faster than they are copied, ${missing.join(', ')} last`);
      missingBefore = new Set(missing);
      continue;
    }
    const manifest = { format: FORMAT, createdAtMs: nowMs, packs: wanted.size, metadata };
    writeDurably(join(target, MANIFEST), JSON.stringify(manifest), 0o600);
    await dropOthers(target, metadata, wanted);
    const sizeBytes = [...wanted.values()].reduce((sum, size) => sum + size, 0);
    return { packs: wanted.size, copied, sizeBytes, missing };
  }
}

/** Neither within the other: making a backup ends by removing what it does not name. Throws `invalid-argument`. */
function mustBeApart(data: string, target: string): void {
  const [one, other] = [realPath(data), realPath(target)];
  const isWithin = (inner: string, outer: string): boolean => `${inner}${sep}`.startsWith(`${outer}${sep}`);
  if (isWithin(one, other) || isWithin(other, one))
    throw new OnefoldError('invalid-argument', `a backup of ${data} goes into a folder apart from it, not ${target}`);
}

/** Of what is not there yet: that of the folder above, and its name. */
function realPath(path: string): string {
  const whole = resolve(path);
  const above = dirname(whole);
  if (existsSync(whole) || above === whole) return realpathSync(whole);
  return join(realPath(above), whole.slice(above.length));
}

/** A backup of another server is not replaced: that would remove its packs. Throws `invalid-argument`. */
async function mustBeSameServer(source: string, target: string): Promise<void> {
  const before = await readManifest(target);
  if (before === undefined || !existsSync(join(target, before))) return;
  const [here, there] = [secretOf(source), secretOf(join(target, before))];
  if (here !== undefined && there !== undefined && here !== there)
    throw new OnefoldError(
      'invalid-argument',
      `${target} holds the backup of another server; take a folder of its own`,
    );
}

/** What a server makes for itself at its first start, and a restored one has from the first; undefined where it cannot be read. */
function secretOf(file: string): string | undefined {
  const database = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    const row = database.prepare("select hex(value) as value from setting where name = 'decoy-secret'").get();
    return (row as { value: string } | undefined)?.value;
  } catch {
    return undefined;
  } finally {
    database.close();
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
  await flushFile(temporary);
  await rename(temporary, join(target, name));
  flushFolder(target);
  return name;
}

/** Removes packs and snapshots that the backup does not name. What is called otherwise is not this program's. */
async function dropOthers(target: string, metadata: string, wanted: ReadonlyMap<string, number>): Promise<void> {
  for (const name of await readdir(target))
    if (SNAPSHOT_NAME.test(name) && name !== metadata) await rm(join(target, name));
  const packs = join(target, 'packs');
  for (const entry of await readdir(packs, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const key = path
      .slice(packs.length + 1)
      .split(/[\\/]/)
      .join('/');
    if (!entry.isFile() || !isPackKey(key.replace(/\.new$/, '')) || wanted.has(key)) continue;
    await rm(path);
    await rmdir(dirname(path)).catch(() => undefined);
  }
}
