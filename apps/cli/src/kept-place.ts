import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ControlClient } from '@onefold/control';
import { OnefoldError } from '@onefold/protocol';

/** A kept folder, and a path inside it with `/`; empty for the folder itself. */
export interface KeptPlace {
  readonly folder: string;
  readonly path: string;
}

/** Where a path on the disk lies. Throws `not-found` outside of every synced folder. */
export async function findKeptPlace(client: ControlClient, text: string): Promise<KeptPlace> {
  const { folders } = await client.call('status', {});
  const place = placeAmong(
    folders.map(({ path }) => path),
    resolveKept(text),
  );
  if (place === null) throw new OnefoldError('not-found', `${text} lies in no synced folder`);
  return place;
}

export function placeAmong(folders: readonly string[], path: string): KeptPlace | null {
  for (const folder of folders) {
    const inside = relative(folder, path).split(sep);
    if (inside[0] !== '..' && resolve(folder, ...inside) === path) return { folder, path: inside.join('/') };
  }
  return null;
}

/** Every kept folder has one, and nothing else does. */
const OWN_FOLDER = '.onefold';

/**
 * A path as the daemon knows it, absolute: people come to a kept folder by links as well, and it is known by where it is. What lies in it is left
 * as it is called, links too.
 */
export function resolveKept(text: string): string {
  const absolute = resolve(text);
  for (let root = absolute; root !== dirname(root); root = dirname(root))
    if (existsSync(join(root, OWN_FOLDER))) return join(realpathSync(root), relative(root, absolute));
  return absolute;
}
