import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { diskError } from '../disk/errno.ts';
import { inspectRoot, readMarker, writeMarker } from '../disk/root-marker.ts';
import { requireUsableRoot } from '../disk/root-rules.ts';
import { OWN_FOLDER } from '../disk/rooted-paths.ts';
import { findOrCreateNamespace, ownNamespace } from '../keys/namespace-access.ts';
import type { AccountContext } from './account-context.ts';
import { changeRegistry, keptFolderAt, readRegistry, type KeptFolder, type Registry } from './folder-registry.ts';
import type { Home } from './home.ts';

/**
 * Binds a folder to a namespace: the account's own, or the named one, which is made on first use (that alone needs the server). Throws
 * `not-found`, `root-in-use`, `root-nested`, `root-state-inside`, or what the disk or the server says.
 */
export async function keepFolder(
  context: AccountContext,
  folder: string,
  namespaceName: string | null,
): Promise<KeptFolder> {
  const { home, keys, session, account } = context;
  const rootsOf = (registry: Registry): string[] => registry.folders.map((known) => known.path);
  const stateFolders = [await realpath(home.folder)];
  const real = await requireUsableRoot(folder, { roots: rootsOf(await readRegistry(home)), stateFolders });
  const namespaceId =
    namespaceName === null ? ownNamespace(keys) : await findOrCreateNamespace(home, keys, session, namespaceName);
  let kept: KeptFolder | undefined;
  await changeRegistry(home, async (registry) => {
    // Once more, now that nobody else can add one.
    await requireUsableRoot(real, { roots: rootsOf(registry), stateFolders });
    const twin = registry.folders.find((known) => known.namespaceId === namespaceId);
    if (twin !== undefined) {
      throw new OnefoldError(
        'root-in-use',
        `${twin.path} is kept in step with the same namespace; a second folder here would be its copy`,
      );
    }
    await requireNoneOf(registry.folders, real);
    await requireFreeMarker(real, account.device);
    const ids = { folderId: randomBytes(16).toString('hex'), deviceId: account.device, namespaceId };
    kept = { ...(await writeMarker(real, ids)), namespaceName: namespaceName ?? '', isPaused: false };
    return { ...registry, folders: [...registry.folders, kept] };
  });
  if (kept === undefined) throw new OnefoldError('internal', 'the folder was not kept');
  return kept;
}

/** Makes a folder, and those above it, unless it is there. Throws what the disk says. */
export async function makeFolder(folder: string): Promise<void> {
  if (!path.isAbsolute(folder)) throw new OnefoldError('invalid-argument', 'the whole path of a folder is meant');
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw diskError(error);
  }
}

/** A kept folder that was moved to another place is still that folder. Throws `root-in-use`. */
export async function requireNoneOf(folders: readonly KeptFolder[], real: string): Promise<void> {
  for (const kept of folders) {
    if ((await inspectRoot({ ...kept, path: real })).outcome !== 'present') continue;
    throw new OnefoldError(
      'root-in-use',
      `this is the synced folder of ${kept.path}, which was moved: locate that one`,
    );
  }
}

/** A marker of this device that no list names is left over from an `add` that was cut off; any other belongs to somebody. */
export async function requireFreeMarker(folder: string, device: string): Promise<void> {
  const marker = await readMarker(folder);
  if (marker === 'missing' || marker === 'unreadable' || marker.deviceId === device) return;
  throw new OnefoldError(
    'root-in-use',
    `another home keeps this folder; remove it there, or delete ${OWN_FOLDER}/marker.json if that home is gone`,
  );
}

/** Takes a folder off the list. Nothing of the user's is deleted, here or elsewhere. Throws `not-found`. */
export async function dropFolder(home: Home, folder: string): Promise<KeptFolder> {
  let dropped: KeptFolder | undefined;
  await changeRegistry(home, (registry) => {
    dropped = keptFolderAt(registry, folder);
    return { ...registry, folders: registry.folders.filter((known) => known !== dropped) };
  });
  if (dropped === undefined) throw new OnefoldError('internal', 'the folder was not taken off the list');
  await forgetState(home, dropped);
  return dropped;
}

/** The engine's state and the marker go; the trash stays as long as something is in it. */
async function forgetState(home: Home, folder: KeptFolder): Promise<void> {
  const state = home.stateFile(folder.folderId);
  for (const suffix of ['', '-wal', '-shm', '-journal', '.damaged', '.is-damaged'])
    await rm(`${state}${suffix}`, { force: true });
  const marker = await readMarker(folder.path).catch(() => 'missing' as const);
  if (typeof marker === 'string' || marker.folderId !== folder.folderId) return;
  const own = path.join(folder.path, OWN_FOLDER);
  for (const name of ['marker.json', 'lock']) await rm(path.join(own, name), { force: true });
  for (const name of await readdir(own).catch(() => [])) await rmdir(path.join(own, name)).catch(() => undefined);
  await rmdir(own).catch(() => undefined);
}
