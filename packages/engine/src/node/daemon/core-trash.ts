import type { TrashedEntry } from '../../sync/trash.ts';
import type { AccountContext } from './account-context.ts';
import { byFolder, placeOf } from './core-browse.ts';
import type { FolderRunner } from './folder-runner.ts';
import { nameOfDevice } from './own-name.ts';
import type { Device } from './shapes.ts';

export interface FolderArgs {
  folder?: string | undefined;
}

export interface TrashArgs extends FolderArgs {
  text?: string | undefined;
  gone?: boolean | undefined;
  limit?: number | undefined;
}

export interface RestoreTrashArgs {
  folder: string;
  id: string;
  to?: string | undefined;
}

export interface EmptyTrashArgs extends FolderArgs {
  ids?: readonly string[] | undefined;
}

export interface TrashedInFolder extends Omit<TrashedEntry, 'device'> {
  readonly folder: string;
  readonly device: Device | null;
}

/** What can be had back, or is gone for good, of one folder or of all that can be had just now. */
export async function listTrashOf(
  context: AccountContext,
  runners: readonly FolderRunner[],
  { folder, text, gone, limit }: TrashArgs,
): Promise<{ entries: TrashedInFolder[]; isCut: boolean }> {
  const asked = folder === undefined ? runners.filter((one) => one.running() !== null) : [byFolder(runners, folder)];
  const entries: TrashedInFolder[] = [];
  let isCut = false;
  for (const runner of asked) {
    const { running } = placeOf(runners, { folder: runner.folder.path });
    const listed = await running.engine.trash({
      ...(text === undefined ? {} : { text }),
      ...(gone === undefined ? {} : { isGone: gone }),
      ...(limit === undefined ? {} : { limit }),
    });
    isCut ||= listed.isCut;
    for (const { device, ...entry } of listed.entries) {
      const by = device === null ? null : { id: device, name: nameOfDevice(context, device) };
      entries.push({ ...entry, folder: runner.folder.path, device: by });
    }
  }
  // What nobody could date comes last.
  return { entries: entries.sort((a, b) => (b.trashedAtMs ?? 0) - (a.trashedAtMs ?? 0)), isCut };
}

export async function restoreFromTrash(
  runners: readonly FolderRunner[],
  { folder, id, to }: RestoreTrashArgs,
): Promise<{ path: string }> {
  const { running, path } = placeOf(runners, { folder, path: to });
  return { path: await running.engine.restoreTrash(id, to === undefined ? undefined : path) };
}

export async function emptyTrashOf(
  runners: readonly FolderRunner[],
  { folder, ids }: EmptyTrashArgs,
): Promise<{ count: number; sizeBytes: number }> {
  const asked = folder === undefined ? runners.filter((one) => one.running() !== null) : [byFolder(runners, folder)];
  let count = 0;
  let sizeBytes = 0;
  for (const runner of asked) {
    const { running } = placeOf(runners, { folder: runner.folder.path });
    const emptied = await running.engine.emptyTrash(ids);
    count += emptied.count;
    sizeBytes += emptied.sizeBytes;
  }
  return { count, sizeBytes };
}
