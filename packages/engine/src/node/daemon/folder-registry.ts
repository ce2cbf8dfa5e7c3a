import path from 'node:path';
import { z } from 'zod';
import { OnefoldError, type DeviceId, type NamespaceId } from '@onefold/protocol';
import type { FolderMode } from '../../core/one-way.ts';
import { writeDurably } from '../disk/durable-write.ts';
import { takeProcessLock } from '../disk/process-lock.ts';
import type { RootRecord } from '../disk/root-marker.ts';
import { parseJson, readIfThere, type Home } from './home.ts';
import { dropPauses, readPauses, withPauses, writePauses, type PauseAct } from './pause-note.ts';

/*
 * Which folders this home keeps. The daemon and a command that runs beside it both write the list: each change is made under a lock of
 * its own, on what the file says at that moment, and the file is replaced as a whole. What a note beside it says of pausing is read with it.
 */

const digits = z.string().regex(/^\d+$/);
const folderSchema = z.object({
  path: z.string(),
  folderId: z.string(),
  deviceId: z.string(),
  namespaceId: z.string(),
  namespaceName: z.string(),
  volume: digits,
  inode: digits,
  birthtimeNs: digits,
  isPaused: z.boolean(),
  mode: z.enum(['two-way', 'send-only', 'receive-only']).optional(),
  isAnother: z.boolean().optional(),
});
const registrySchema = z.object({ format: z.literal(1), isPaused: z.boolean(), folders: z.array(folderSchema) });

export interface KeptFolder extends RootRecord {
  /** For people; empty for the account's own namespace. */
  readonly namespaceName: string;
  readonly isPaused: boolean;
  /** `two-way` when absent. */
  readonly mode?: FolderMode | undefined;
  /** Stands in the place of a former one, whose state must not be believed of it. */
  readonly isAnother?: boolean | undefined;
}

export interface Registry {
  /** Everything is paused. */
  readonly isPaused: boolean;
  readonly folders: readonly KeptFolder[];
}

const LOCK_TRIES = 100;
const LOCK_STEP_MS = 50;

export async function readRegistry(home: Home): Promise<Registry> {
  const bytes = await readIfThere(home.foldersFile);
  if (bytes === null) return { isPaused: false, folders: [] };
  const { isPaused, folders } = parseJson(registrySchema, bytes);
  return withPauses({ isPaused, folders: folders.map(revive) }, notedPauses(home));
}

/** Keeps for the next change of the list what it is to say then, without waiting for the disk. Throws what the system says. */
export function notePauses(home: Home, acts: readonly PauseAct[]): void {
  writePauses(noteFile(home), acts);
}

/** What is kept so, by an earlier life of the daemon as well. */
export function notedPauses(home: Home): readonly PauseAct[] {
  return readPauses(noteFile(home));
}

function noteFile(home: Home): string {
  return `${home.foldersFile}.pausing`;
}

/** The folder of a path, as it is kept or as it may be typed. Throws `not-found`. */
export function keptFolderAt(registry: Registry, folder: string): KeptFolder {
  const wanted = path.resolve(folder);
  const kept = registry.folders.find((known) => known.path === wanted || known.path === folder);
  if (kept === undefined) throw new OnefoldError('not-found', 'this is no synced folder');
  return kept;
}

/** Replaces the list by what `change` makes of it. Throws what `change` throws. */
export async function changeRegistry(
  home: Home,
  change: (registry: Registry) => Registry | Promise<Registry>,
): Promise<Registry> {
  const release = await lockRegistry(home);
  try {
    const noted = notedPauses(home);
    const next = await change(await readRegistry(home));
    const text = JSON.stringify({ format: 1, isPaused: next.isPaused, folders: next.folders.map(flatten) }, null, 2);
    await writeDurably(home.foldersFile, `${text}\n`);
    dropPauses(noteFile(home), noted);
    return next;
  } finally {
    release();
  }
}

async function lockRegistry(home: Home): Promise<() => void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const lock = takeProcessLock(`${home.foldersFile}.lock`, 'file-busy');
      return () => lock.release();
    } catch (error) {
      const isBusy = error instanceof OnefoldError && error.code === 'file-busy';
      if (!isBusy || attempt >= LOCK_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_STEP_MS));
    }
  }
}

/** JSON escapes what is no UTF-8 in a path by itself. */
function flatten(folder: KeptFolder): z.infer<typeof folderSchema> {
  const { volume, inode, birthtimeNs, ...rest } = folder;
  return { ...rest, volume: volume.toString(), inode: inode.toString(), birthtimeNs: birthtimeNs.toString() };
}

function revive(folder: z.infer<typeof folderSchema>): KeptFolder {
  return {
    ...folder,
    deviceId: folder.deviceId as DeviceId,
    namespaceId: folder.namespaceId as NamespaceId,
    volume: BigInt(folder.volume),
    inode: BigInt(folder.inode),
    birthtimeNs: BigInt(folder.birthtimeNs),
  };
}
