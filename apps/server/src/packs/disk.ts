import { randomBytes } from 'node:crypto';
import { mkdir, open, opendir, readFile, rename, rm, stat, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { isDiskFull } from '../durable-files.ts';
import {
  isPackKey,
  OWNER_KEY,
  type PackObject,
  type PackReader,
  type PackStore,
  type StoredObject,
} from './pack-store.ts';

/*
 * Packs as files: DIR/NAMESPACE/HOUR/PACK.GENERATION.pack. New files of one hour share a folder, so a group of packs needs one fsync of a folder.
 *
 *   written  ->  DIR/tmp/..., not flushed         a crash leaves it there; emptied at start
 *   flushed  ->  fsync of the file
 *   placed   ->  rename into place, fsync of the folder (and of the folders above, when they are new)
 *   acknowledged
 *
 * Packs that are written while a group is being flushed form the next group.
 */

const HOUR_MS = 3_600_000;
const DURABLE_FOLDERS = 4_096;

interface Pending {
  readonly handle: FileHandle;
  readonly from: string;
  readonly to: string;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

export interface DiskPackStoreOptions {
  readonly folder: string;
  readonly nowMs: () => number;
}

/** Opens the folder (makes it if need be) and forgets what an earlier run had not finished. */
export async function openDiskPackStore(options: DiskPackStoreOptions): Promise<PackStore> {
  const staging = join(options.folder, 'tmp');
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  await syncFolder(options.folder);
  await syncFolder(dirname(options.folder));
  return new DiskPackStore(options, staging);
}

class DiskPackStore implements PackStore {
  readonly #folder: string;
  readonly #staging: string;
  readonly #nowMs: () => number;
  #queue: Pending[] = [];
  #flushing: Promise<void> | undefined;
  /** Folders that are known to exist and to be recorded in their parents: the latest ones. Forgetting one costs a few flushes. */
  readonly #durableFolders = new Set<string>();

  constructor(options: DiskPackStoreOptions, staging: string) {
    this.#folder = options.folder;
    this.#nowMs = options.nowMs;
    this.#staging = staging;
  }

  async put(pack: PackObject): Promise<StoredObject> {
    const generation = randomBytes(8).toString('hex');
    const hour = Math.floor(this.#nowMs() / HOUR_MS).toString(36);
    const objectKey = `${pack.namespace}/${hour}/${pack.packId}.${generation}.pack`;
    const from = join(this.#staging, `${pack.packId}.${generation}`);
    try {
      const handle = await open(from, 'wx', 0o600);
      try {
        await writeAll(handle, pack.bytes);
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
      await new Promise<void>((done, failed) => {
        this.#queue.push({ handle, from, to: this.#path(objectKey), done, failed });
        this.#flushing ??= this.#flush();
      });
    } catch (thrown) {
      await unlink(from).catch(() => undefined);
      throw diskError(thrown);
    }
    return { objectKey, sizeBytes: pack.bytes.length };
  }

  async open(objectKey: string): Promise<PackReader | undefined> {
    // What a damaged database gives for a key leads nowhere, and above all not out of the folder.
    if (!isPackKey(objectKey)) return undefined;
    let handle: FileHandle;
    try {
      handle = await open(this.#path(objectKey), 'r');
    } catch (thrown) {
      if (!isMissing(thrown)) throw diskError(thrown);
      await this.#mustBeThere();
      return undefined;
    }
    return {
      read: async (offset, length) => {
        const bytes = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle
            .read(bytes, filled, length - filled, offset + filled)
            .catch((thrown: unknown) => {
              throw diskError(thrown);
            });
          if (bytesRead === 0) throw new OnefoldError('not-found', 'a pack is shorter than its index');
          filled += bytesRead;
        }
        return bytes;
      },
      close: () => handle.close(),
    };
  }

  async *list(): AsyncIterable<StoredObject> {
    for (const namespace of await names(this.#folder)) {
      if (!/^[0-9a-f]{64}$/.test(namespace)) continue;
      for (const hour of await names(join(this.#folder, namespace)))
        for (const file of await names(join(this.#folder, namespace, hour))) {
          const objectKey = `${namespace}/${hour}/${file}`;
          if (!isPackKey(objectKey)) continue;
          const size = await stat(this.#path(objectKey)).then(
            (found) => found.size,
            () => undefined,
          );
          // By the clock that made the key, and not by the file's time: whoever copies a folder may change that.
          const storedAtMs = (Number.parseInt(hour, 36) + 1) * HOUR_MS;
          // Removed since it was listed.
          if (size === undefined) continue;
          yield { objectKey, sizeBytes: size, ...(Number.isNaN(storedAtMs) ? {} : { storedAtMs }) };
        }
    }
  }

  async remove(objectKey: string): Promise<void> {
    if (!isPackKey(objectKey)) return;
    try {
      await unlink(this.#path(objectKey));
    } catch (thrown) {
      if (!isMissing(thrown)) throw diskError(thrown);
    }
  }

  /** One process at a time works here, and empties the staging folder when it starts. */
  removeUnfinished(): Promise<number> {
    return Promise.resolve(0);
  }

  async owner(): Promise<string | undefined> {
    try {
      return await readFile(join(this.#folder, OWNER_KEY), 'utf8');
    } catch (thrown) {
      if (isMissing(thrown)) return undefined;
      throw diskError(thrown);
    }
  }

  async claim(owner: string): Promise<void> {
    const from = join(this.#staging, OWNER_KEY);
    try {
      await writeFile(from, owner, { mode: 0o600, flush: true });
      await rename(from, join(this.#folder, OWNER_KEY));
      await syncFolder(this.#folder);
    } catch (thrown) {
      throw diskError(thrown);
    }
  }

  async close(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  /** Where the folder itself is gone, or a disk that was mounted there, nothing is known of any pack. */
  async #mustBeThere(): Promise<void> {
    await stat(this.#staging).catch((thrown: unknown) => {
      throw diskError(thrown);
    });
  }

  #path(objectKey: string): string {
    return join(this.#folder, ...objectKey.split('/'));
  }

  async #flush(): Promise<void> {
    // Lets the packs that arrive in the same turn join the first group.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      const flushed = (
        await Promise.all(group.map((pending) => settle(pending, () => flushFile(pending.handle))))
      ).filter((one) => one !== undefined);
      const folders = new Set(flushed.map((pending) => dirname(pending.to)));
      const failures = new Map<string, Error>();
      for (const folder of folders)
        await this.#makeFolder(folder).catch((error: unknown) => {
          failures.set(folder, diskError(error));
        });
      const placed = (
        await Promise.all(
          flushed.map((pending) =>
            settle(pending, async () => {
              const failure = failures.get(dirname(pending.to));
              if (failure !== undefined) throw failure;
              await rename(pending.from, pending.to);
            }),
          ),
        )
      ).filter((one) => one !== undefined);
      for (const folder of new Set(placed.map((pending) => dirname(pending.to)))) {
        const here = placed.filter((pending) => dirname(pending.to) === folder);
        try {
          await syncFolder(folder);
          for (const pending of here) pending.done();
        } catch (thrown) {
          for (const pending of here) pending.failed(diskError(thrown));
        }
      }
    }
    this.#flushing = undefined;
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#durableFolders.has(folder)) return;
    await mkdir(folder, { recursive: true });
    // The names of new folders are only as durable as the folders they stand in.
    for (let at = dirname(folder); at.startsWith(this.#folder); at = dirname(at)) {
      await syncFolder(at);
      if (at === this.#folder || !at.includes(sep)) break;
    }
    this.#durableFolders.add(folder);
    const [oldest] = this.#durableFolders;
    if (this.#durableFolders.size > DURABLE_FOLDERS && oldest !== undefined) this.#durableFolders.delete(oldest);
  }
}

async function settle(pending: Pending, step: () => Promise<void>): Promise<Pending | undefined> {
  try {
    await step();
    return pending;
  } catch (thrown) {
    pending.failed(diskError(thrown));
    return undefined;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length)
    written += (await handle.write(bytes, written, bytes.length - written, written)).bytesWritten;
}

async function flushFile(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Windows cannot flush a folder and does not need to. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function names(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of await opendir(folder)) found.push(entry.name);
  return found;
}

function isMissing(thrown: unknown): boolean {
  return (thrown as NodeJS.ErrnoException | null)?.code === 'ENOENT';
}

function diskError(thrown: unknown): OnefoldError {
  if (thrown instanceof OnefoldError) return thrown;
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  return new OnefoldError(isDiskFull(thrown) ? 'server-full' : 'server-error', `pack store: ${code ?? 'failed'}`, {
    cause: thrown,
  });
}
