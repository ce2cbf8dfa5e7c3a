import { isUtf8 } from 'node:buffer';
import { existsSync, readdirSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnefoldError } from '@onefold/protocol';
import { diskError, isMissing } from './errno.ts';
import { OWN_FOLDER } from './rooted-paths.ts';

/** How deep below a new root a server's data and other homes' roots are looked for. */
const SEARCH_DEPTH = 3;

export interface RootSurroundings {
  /** Real paths of all folders this home already keeps. */
  readonly roots: readonly string[];
  /** Real paths of folders that hold the product's own state (the home). */
  readonly stateFolders: readonly string[];
}

/**
 * Real path of a folder that may become a root. Throws `not-found`, `name-illegal` (a path that is no UTF-8), `invalid-argument` (no folder), `root-in-use` (bound already),
 * `root-nested` (inside or around another root) or `root-state-inside` (holds or lies in the product's own state or a server's data).
 */
export async function requireUsableRoot(folder: string, surroundings: RootSurroundings): Promise<string> {
  const real = await realFolder(folder);
  for (const root of surroundings.roots) {
    const where = await relate(real, root);
    if (where === 'same') throw new OnefoldError('root-in-use', 'this folder is already synced');
    if (where === 'inside') throw new OnefoldError('root-nested', 'the folder lies inside a synced one');
    if (where === 'around') throw new OnefoldError('root-nested', 'a synced folder lies inside this one');
  }
  for (const state of surroundings.stateFolders) {
    if ((await relate(real, state)) !== 'apart')
      throw new OnefoldError('root-state-inside', 'the folder would hold the product’s own state');
  }
  for (let above = path.dirname(real); ; above = path.dirname(above)) {
    // Another home's root: its `.onefold` is seen even though its list is not ours.
    if (existsSync(path.join(above, OWN_FOLDER, 'marker.json'))) {
      throw new OnefoldError('root-nested', 'the folder lies inside a synced one');
    }
    if (isServerData(above)) throw new OnefoldError('root-state-inside', 'the folder lies in a server’s data');
    if (above === path.dirname(above)) break;
  }
  const below = whatLiesBelow(real, SEARCH_DEPTH);
  if (below === 'server') throw new OnefoldError('root-state-inside', 'the folder holds a server’s data');
  if (below === 'root') throw new OnefoldError('root-nested', 'a folder that another home syncs lies inside this one');
  return real;
}

async function realFolder(folder: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await realpath(path.resolve(folder), { encoding: 'buffer' });
  } catch (error) {
    // Bytes that are no text come as this letter, and name nothing any more.
    if (isMissing(error) && folder.includes('\uFFFD')) throw notText();
    throw isMissing(error) ? new OnefoldError('not-found', 'there is no such folder') : diskError(error);
  }
  if (!isUtf8(bytes)) throw notText();
  const real = bytes.toString();
  if (!(await lstat(real)).isDirectory()) throw new OnefoldError('invalid-argument', 'this is no folder');
  return real;
}

/** Everything that names the folder names it by text: the list of kept folders, the page, the command line. */
function notText(): OnefoldError {
  return new OnefoldError(
    'name-illegal',
    'the path of this folder is not written in UTF-8: rename it, or what is above it',
  );
}

/**
 * Where one folder lies, seen from another. Real paths are compared, and the folders themselves: one that is mounted in two places has two real
 * paths. Of a folder that is not there the path alone is known.
 */
async function relate(folder: string, other: string): Promise<'same' | 'inside' | 'around' | 'apart'> {
  const [own, its] = await Promise.all([identitiesUpwards(folder), identitiesUpwards(other)]);
  const has = (among: readonly string[], one: string | undefined): boolean => one !== undefined && among.includes(one);
  if (folder === other || has(own.slice(0, 1), its[0])) return 'same';
  if (isInside(folder, other) || has(own, its[0])) return 'inside';
  if (isInside(other, folder) || has(its, own[0])) return 'around';
  return 'apart';
}

/** Volume and inode of a folder and of each one above it; empty when it cannot be looked at. */
async function identitiesUpwards(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for (let at = folder; ; at = path.dirname(at)) {
      const { dev, ino } = await stat(at, { bigint: true });
      found.push(`${dev}:${ino}`);
      if (at === path.dirname(at)) return found;
    }
  } catch {
    return [];
  }
}

/** True if `inner` lies below `outer` (not equal). */
export function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** A server keeps `server.lock` and its metadata in its data folder. */
function isServerData(folder: string): boolean {
  return existsSync(path.join(folder, 'server.lock')) && existsSync(path.join(folder, 'metadata.db'));
}

function whatLiesBelow(folder: string, depth: number): 'server' | 'root' | null {
  if (isServerData(folder)) return 'server';
  if (depth === 0) return null;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const inner = path.join(folder, entry.name);
      if (existsSync(path.join(inner, OWN_FOLDER, 'marker.json'))) return 'root';
      const found = whatLiesBelow(inner, depth - 1);
      if (found !== null) return found;
    }
  } catch {
    // What cannot be read will not be synced either.
  }
  return null;
}
