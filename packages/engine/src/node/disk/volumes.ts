import { readFileSync } from 'node:fs';
import type { RelPath } from '../../core/tree.ts';
import { decodeName } from './name-bytes.ts';
import { parentOf, type RootedPaths } from './rooted-paths.ts';

const MOUNT_TABLE = '/proc/self/mountinfo';

/** Folders below the root on which another volume is mounted now. Empty where the system has no table of mounts. */
export function nestedMounts(paths: RootedPaths): RelPath[] {
  let table: Buffer;
  try {
    table = readFileSync(MOUNT_TABLE);
  } catch {
    return [];
  }
  const prefix = `${paths.place.path}/`;
  const mounts = decodeName(table)
    .split('\n')
    .map((line) => unescapeMount(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(prefix))
    .map((point) => point.slice(prefix.length));
  return [...new Set(mounts)];
}

/**
 * The topmost folder of the volume that holds `path` (or will: the nearest folder that exists decides). "" for the root's own. A folder of the same
 * volume that is mounted below the root (a bind mount) is a volume by itself: no rename and no hard link leads into it.
 */
export function volumeTop(paths: RootedPaths, path: RelPath): RelPath {
  return topIn(nestedMounts(paths), paths, path);
}

/** Whether two paths have the same top: a rename or a hard link may lead from one to the other. */
export function areOnOneVolume(paths: RootedPaths, one: RelPath, other: RelPath): boolean {
  const mounts = nestedMounts(paths);
  return topIn(mounts, paths, one) === topIn(mounts, paths, other);
}

function topIn(nested: readonly RelPath[], paths: RootedPaths, path: RelPath): RelPath {
  const byDevice = deviceTop(paths, path);
  const mounts = nested.filter((point) => path.startsWith(`${point}/`) && point.length > byDevice.length);
  // One that another mount hides is not there.
  const standing = mounts.filter((point) => paths.stat(paths.absolute(point))?.kind === 'folder');
  return standing.reduce((deepest, point) => (point.length > deepest.length ? point : deepest), byDevice);
}

/** Volumes that no table of mounts names (subvolumes of Btrfs, other systems) are told by their device numbers. */
function deviceTop(paths: RootedPaths, path: RelPath): RelPath {
  let folder = path;
  let stat = null;
  while (folder !== '') {
    folder = parentOf(folder);
    stat = paths.stat(paths.absolute(folder));
    if (stat !== null) break;
  }
  if (stat === null || stat.device === paths.place.alias.recorded) return '';
  while (folder !== '') {
    const parent = parentOf(folder);
    if (paths.stat(paths.absolute(parent))?.device !== stat.device) return folder;
    folder = parent;
  }
  return '';
}

/** mountinfo writes space, tab, newline and backslash as three octal digits. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
