import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { constants, copyFile, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { OnefoldError } from '@onefold/protocol';
import { flushFolder, isDiskFull, makeFolders } from '../durable-files.ts';
import { isPackKey } from '../packs/pack-store.ts';

// What backing up and restoring share: the manifest, and copies of packs that are durable.

export const MANIFEST = 'backup.json';
export const FORMAT = 2;
export const SNAPSHOT_NAME = /^metadata-[0-9a-f]{64}\.db$/;

/** Name of the snapshot in a whole backup; undefined where there is no manifest. Throws `invalid-argument` for one that says nothing. */
export async function readManifest(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { format, metadata } = parsed(text);
  if (format !== FORMAT || typeof metadata !== 'string' || !SNAPSHOT_NAME.test(metadata))
    throw new OnefoldError('invalid-argument', `${join(folder, MANIFEST)} is damaged, or of another version`);
  return metadata;
}

function parsed(text: string): { format?: unknown; metadata?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

/** Keys and sizes in bytes of the packs that a snapshot names. */
export function packsOf(snapshot: string): Map<string, number> {
  const database = new Database(snapshot, { readonly: true });
  try {
    const rows = database.prepare('select object_key, size_bytes from pack').all();
    return new Map(
      (rows as { object_key: string; size_bytes: number }[]).map((row) => [row.object_key, row.size_bytes]),
    );
  } finally {
    database.close();
  }
}

export interface CopiedPacks {
  readonly copied: number;
  /** Keys of packs that are not there, cannot be read, or have not the size they had. Of the last the bytes that are left are copied. */
  readonly missing: string[];
}

/** Copies packs from one folder of packs to another, those alone that it lacks, and flushes them with the names of their folders. */
export async function copyPacks(from: string, to: string, wanted: ReadonlyMap<string, number>): Promise<CopiedPacks> {
  let copied = 0;
  const missing: string[] = [];
  const folders = new Set([to, dirname(to)]);
  for (const [key, size] of wanted) {
    // What a damaged database gives for a key leads nowhere.
    if (!isPackKey(key)) {
      missing.push(key);
      continue;
    }
    const target = join(to, key);
    // Objects never change: one of the right name and size is the object.
    if ((await sizeOf(target)) === size) continue;
    makeFolders(dirname(target));
    for (const folder of [dirname(target), dirname(dirname(target))]) folders.add(folder);
    // Never a link: a backup stays what it is, whatever happens to the data folder afterwards.
    if (!(await isCopied(join(from, key), `${target}.new`))) {
      missing.push(key);
      continue;
    }
    if ((await sizeOf(`${target}.new`)) === size) copied++;
    else missing.push(key);
    await flushFile(`${target}.new`);
    await rename(`${target}.new`, target);
  }
  for (const folder of folders) flushFolder(folder);
  return { copied, missing };
}

async function isCopied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    return true;
  } catch (thrown) {
    // The disk lost it, or cannot read it. Any other failure is the target's, and ends it.
    if (['ENOENT', 'EIO'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return false;
    throw thrown;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}

/** SHA-256 in hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Windows asks of whoever flushes that they may write; elsewhere a copy of what is read-only is flushed as well. */
export async function flushFile(path: string): Promise<void> {
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What the disk said, for whoever has to look after it: `disk-full`, `access-denied` or `disk-error`. */
export function orDiskError(what: string): (thrown: unknown) => never {
  return (thrown) => {
    const code = (thrown as NodeJS.ErrnoException | null)?.code ?? '';
    if (thrown instanceof OnefoldError || !/^E[A-Z]+$/.test(code)) throw thrown;
    const isRefused = code === 'EACCES' || code === 'EPERM';
    const reason = isDiskFull(thrown) ? 'disk-full' : isRefused ? 'access-denied' : 'disk-error';
    throw new OnefoldError(reason, `${what}: ${(thrown as NodeJS.ErrnoException).message}`, { cause: thrown });
  };
}
