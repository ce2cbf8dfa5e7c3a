import { OnefoldError } from '@onefold/protocol/plain';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { encodeName, encodePath } from './name-bytes.ts';
import { lstatOf, type DeviceAlias } from './file-stat.ts';

/** The product's own entry inside a synced folder. */
export const OWN_FOLDER = '.onefold';
export const STAGING = `${OWN_FOLDER}/staging`;
export const TRASH = `${OWN_FOLDER}/trash`;

const SEPARATOR = Buffer.from('/');

/** Which folder on disk is the root: its place and what was recorded when it was added. Crosses threads. */
export interface RootPlace {
  /** Absolute, real (no component is a link), as text that may carry escaped bytes. */
  readonly path: string;
  readonly inode: bigint;
  readonly alias: DeviceAlias;
}

/** Paths and stats below one root. Synchronous. */
export interface RootedPaths {
  readonly place: RootPlace;
  /** Absolute bytes; says nothing about what is there. Throws `name-illegal`. */
  absolute(path: RelPath): Buffer;
  /**
   * Absolute bytes of `path` after a look at the root and at every folder on the way: none is a link, all exist.
   * `seen` skips folders already looked at; share it only within one synchronous batch.
   * Throws `root-missing`, `root-replaced` or `not-found`.
   */
  locate(path: RelPath, seen?: Map<RelPath, FileStat>): Buffer;
  /** Stat of the entry itself, by absolute bytes. */
  stat(absolute: Buffer): FileStat | null;
}

export function createRootedPaths(place: RootPlace): RootedPaths {
  const rootBytes = encodeName(place.path);

  function absolute(path: RelPath): Buffer {
    return path === '' ? rootBytes : Buffer.concat([rootBytes, SEPARATOR, encodePath(path)]);
  }

  function stat(bytes: Buffer): FileStat | null {
    return lstatOf(bytes, place.alias);
  }

  function requireRoot(seen: Map<RelPath, FileStat> | undefined): void {
    if (seen?.has('') === true) return;
    const found = stat(rootBytes);
    if (found === null) throw new OnefoldError('root-missing', 'the folder is not there');
    if (found.kind !== 'folder' || found.inode !== place.inode) {
      throw new OnefoldError('root-replaced', 'another folder stands in its place');
    }
    seen?.set('', found);
  }

  function locate(path: RelPath, seen?: Map<RelPath, FileStat>): Buffer {
    const bytes = absolute(path);
    requireRoot(seen);
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash);
      if (seen?.has(folder) === true) continue;
      const found = stat(absolute(folder));
      // A link is not followed: for whoever asks, there is no such folder.
      if (found?.kind !== 'folder') throw new OnefoldError('not-found', 'a folder on the way is not there');
      seen?.set(folder, found);
    }
    return bytes;
  }

  return { place, absolute, locate, stat };
}

/** The folder that holds `path`; "" for a top-level name. */
export function parentOf(path: RelPath): RelPath {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function joinPath(folder: RelPath, name: string): RelPath {
  return folder === '' ? name : `${folder}/${name}`;
}
