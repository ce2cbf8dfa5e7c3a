import { lstatSync, type BigIntStats } from 'node:fs';
import type { FileStat } from '../../core/tree.ts';

const KINDS = ['file', 'folder', 'link', 'special'] as const;
/** Numbers per packed stat. */
const FIELDS = 9;

/**
 * Device numbers of many file systems change from one mount to the next. The root's own volume is always reported under the number it had
 * when the folder was added, so that what was recorded about it stays comparable.
 */
export interface DeviceAlias {
  readonly actual: bigint;
  readonly recorded: bigint;
}

export const NO_ALIAS: DeviceAlias = { actual: -1n, recorded: -1n };

/** Stat of `path` itself, never of what a link points to; null if nothing is there. Throws what the system throws. */
export function lstatOf(path: Buffer | string, alias: DeviceAlias = NO_ALIAS): FileStat | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : toFileStat(stats, alias);
}

export function toFileStat(stats: BigIntStats, alias: DeviceAlias): FileStat {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'special',
    sizeBytes: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    birthtimeNs: stats.birthtimeNs,
    inode: stats.ino,
    device: stats.dev === alias.actual ? alias.recorded : stats.dev,
    linkCount: Number(stats.nlink),
    mode: Number(stats.mode & 0o777n),
  };
}

/** What was expected stands there: same kind and inode, for files and links also size and mtime. A folder's own size and times say nothing. */
export function stands(expect: FileStat, found: FileStat | null): found is FileStat {
  if (found === null || expect.kind !== found.kind) return false;
  if (expect.inode !== found.inode || expect.device !== found.device) return false;
  return expect.kind === 'folder' || (expect.sizeBytes === found.sizeBytes && expect.mtimeNs === found.mtimeNs);
}

/** As `stands`, and not even a change that put size and mtime back has happened: for what is about to vanish from its place. */
export function standsUntouched(expect: FileStat, found: FileStat | null): found is FileStat {
  return stands(expect, found) && (expect.kind === 'folder' || expect.ctimeNs === found.ctimeNs);
}

/** Stats side by side in one buffer: moving it between threads costs nothing, cloning 100,000 objects would. */
export function packStats(stats: readonly FileStat[]): BigInt64Array {
  const packed = new BigInt64Array(stats.length * FIELDS);
  let at = 0;
  for (const stat of stats) {
    packed[at] = BigInt(KINDS.indexOf(stat.kind));
    packed[at + 1] = BigInt(stat.sizeBytes);
    packed[at + 2] = stat.mtimeNs;
    packed[at + 3] = stat.ctimeNs;
    packed[at + 4] = stat.birthtimeNs;
    packed[at + 5] = stat.inode;
    packed[at + 6] = stat.device;
    packed[at + 7] = BigInt(stat.linkCount);
    packed[at + 8] = BigInt(stat.mode);
    at += FIELDS;
  }
  return packed;
}

/** The `index`th stat of a packed buffer. */
export function unpackStat(packed: BigInt64Array, index: number): FileStat {
  const at = index * FIELDS;
  return {
    kind: KINDS[Number(packed[at])]!,
    sizeBytes: Number(packed[at + 1]),
    mtimeNs: packed[at + 2]!,
    ctimeNs: packed[at + 3]!,
    birthtimeNs: packed[at + 4]!,
    inode: BigInt.asUintN(64, packed[at + 5]!),
    device: BigInt.asUintN(64, packed[at + 6]!),
    linkCount: Number(packed[at + 7]),
    mode: Number(packed[at + 8]),
  };
}
