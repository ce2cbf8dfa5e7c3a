import { isAlive } from '../core/settled.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import { keyOfBytes } from './content-ledger.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** Folder in which only this device writes in phase `own`. */
export function territoryOf(device: number): RelPath {
  return `own-${device}`;
}

export function isInTerritory(path: RelPath): boolean {
  return /^own-\d(\/|$)/.test(path);
}

/**
 * Everything below `folder` in lines that compare: path, kind, mode, mtime of files, bytes or target. `folder` null: everything outside the
 * territories. `stepNs` is the coarsest step of times that all compared disks hold.
 */
export function snapshotOf(
  disk: MemoryDisk,
  folder: RelPath | null,
  stepNs = 1n,
  leftOut: ReadonlySet<RelPath> = new Set(),
  nameOf: (path: RelPath) => RelPath = (path) => path,
): string {
  const lines: string[] = [];
  for (const { path, found } of disk.walk()) {
    const { kind, mode, mtimeNs, data, target } = found.inode;
    const isInside =
      folder === null ? !isInTerritory(path) : folder === '' || path === folder || path.startsWith(`${folder}/`);
    if (!isInside || kind === 'special' || leftOut.has(path)) continue;
    const name = JSON.stringify(nameOf(path));
    if (kind === 'file')
      lines.push(`${name} file ${mode.toString(8)} ${mtimeNs - (mtimeNs % stepNs)} ${data.length} ${keyOfBytes(data)}`);
    else if (kind === 'link') lines.push(`${name} link ${target}`);
    else lines.push(`${name} folder ${mode.toString(8)}`);
  }
  return lines.sort().join('\n');
}

/** What is called otherwise on this disk than elsewhere, by its name elsewhere. Of several names of one file each has its own. */
export function namesElsewhere(disk: MemoryDisk, rows: readonly NodeRow[]): (path: RelPath) => RelPath {
  const folders = new Map(rows.map(({ node, local }) => [node, local === null ? undefined : inodeKey(local.stat)]));
  const renamed = new Map(
    rows.flatMap(({ local }) =>
      local?.diskName === undefined ? [] : [[`${folders.get(local.parent)}/${local.diskName}`, local] as const],
    ),
  );
  return (path) => {
    if (renamed.size === 0) return path;
    const parts = path.split('/');
    let folder: string | undefined;
    const names = parts.map((part, i) => {
      const local = renamed.get(`${folder}/${part}`);
      const found = disk.find(parts.slice(0, i + 1).join('/'));
      folder = found === null ? undefined : inodeKey(disk.statOf(found));
      return local !== undefined && inodeKey(local.stat) === folder ? local.name : part;
    });
    return names.join('/');
  };
}

/** Folders that stay on one disk for what they hold untracked, though they were deleted elsewhere. */
export function residuesOf(disk: MemoryDisk, rows: readonly NodeRow[]): ReadonlySet<RelPath> {
  const residueInodes = new Set(
    rows
      .filter(
        ({ local, remote, synced }) =>
          local?.kind === 'folder' && remote !== null && !isAlive(remote) && synced === null,
      )
      .map(({ local }) => inodeKey(local!.stat)),
  );
  if (residueInodes.size === 0) return new Set();
  const entries = disk.walk();
  const holdsUntracked = (path: RelPath) =>
    entries.some((entry) => entry.path.startsWith(`${path}/`) && entry.found.inode.kind === 'special');
  return new Set(
    entries
      .filter(
        ({ path, found }) =>
          found.inode.kind === 'folder' && residueInodes.has(inodeKey(disk.statOf(found))) && holdsUntracked(path),
      )
      .map(({ path }) => path),
  );
}

/** Numbers of inodes are those of one volume only. */
function inodeKey({ device, inode }: Pick<FileStat, 'device' | 'inode'>): string {
  return `${device}:${inode}`;
}
