import { realpath } from 'node:fs/promises';
import { OnefoldError } from '@onefold/protocol';
import type { Store } from '../../ports.ts';
import { inspectRoot, writeMarker } from '../disk/root-marker.ts';
import { requireUsableRoot } from '../disk/root-rules.ts';
import { requireFreeMarker, requireNoneOf } from './add-folder.ts';
import { changeRegistry, keptFolderAt, type KeptFolder } from './folder-registry.ts';
import type { Home } from './home.ts';

/*
 * A kept folder that is not where it was, or in whose place another one stands, is looked for by a person:
 *
 *   the very folder, moved     its path is written down; what is known of it holds
 *   any other (a copy on a     it gets the marker; what is known of the disk is forgotten before the engine looks at it, so that nothing
 *   new disk, an empty one)    missing in it counts as deleted: equal files are adopted, others are met like a stranger's
 */

/**
 * Has a kept folder stand at `to` from now on; what is unticked, its mode and its history stay. No engine may have it open. Throws `not-found`,
 * `root-in-use` where it still stands where it was or another home keeps `to`, and as requireUsableRoot.
 */
export async function relocateFolder(home: Home, folder: string, to: string): Promise<KeptFolder> {
  const stateFolders = [await realpath(home.folder)];
  let located: KeptFolder | undefined;
  await changeRegistry(home, async (registry) => {
    const kept = keptFolderAt(registry, folder);
    const others = registry.folders.filter((known) => known !== kept);
    const real = await requireUsableRoot(to, { roots: others.map((known) => known.path), stateFolders });
    if ((await inspectRoot(kept)).outcome === 'present')
      throw new OnefoldError('root-in-use', `the folder stands where it was, at ${kept.path}`);
    await requireNoneOf(others, real);
    located = (await asItStands(kept, real)) ?? (await asAnother(kept, real));
    const next = located;
    return { ...registry, folders: registry.folders.map((known) => (known === kept ? next : known)) };
  });
  if (located === undefined) throw new OnefoldError('internal', 'the folder was not located');
  return located;
}

async function asItStands(kept: KeptFolder, real: string): Promise<KeptFolder | null> {
  const moved = { ...kept, path: real };
  return (await inspectRoot(moved)).outcome === 'present' ? moved : null;
}

async function asAnother(kept: KeptFolder, real: string): Promise<KeptFolder> {
  await requireFreeMarker(real, kept.deviceId);
  const { folderId, deviceId, namespaceId } = kept;
  const marked = await writeMarker(real, { folderId, deviceId, namespaceId });
  return { ...kept, ...marked, isAnother: true };
}

/** Before an engine runs on the state of a folder that another one has taken the place of. A crash in between does it once more. */
export async function forgetFormerDisk(home: Home, folder: KeptFolder, store: Store): Promise<void> {
  if (folder.isAnother !== true) return;
  const remove = (await store.diskIntents()).map(({ id }) => id);
  await store.commit({ forgetLocal: true, diskIntents: { remove } });
  await changeRegistry(home, (registry) => ({
    ...registry,
    folders: registry.folders.map((known) => {
      if (known.folderId !== folder.folderId || known.inode !== folder.inode) return known;
      const { isAnother, ...rest } = known;
      return isAnother === true ? rest : known;
    }),
  }));
}
