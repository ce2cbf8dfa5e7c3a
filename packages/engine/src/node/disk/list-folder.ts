import { readdirSync } from 'node:fs';
import type { ErrorCode } from '@onefold/protocol';
import type { DiskEntry, Listing } from '../../ports.ts';
import type { FileStat, Name, RelPath } from '../../core/tree.ts';
import { diskErrorCode, isMissing } from './errno.ts';
import { packStats, unpackStat } from './file-stat.ts';
import { decodeName } from './name-bytes.ts';
import { OWN_FOLDER, parentOf, type RootedPaths } from './rooted-paths.ts';

const ATTEMPTS = 5;
/** A folder changed this recently may change again within one step of its clock: its names are read twice. */
const RECENT_NS = 3_000_000_000n;
const SEPARATOR = Buffer.from('/');

/** Folders of one call, looked at on the way down. */
type Seen = Map<RelPath, FileStat>;

/** Lists folders one after the other, each completely or not at all. Synchronous. */
export function listFolders(paths: RootedPaths, folders: readonly RelPath[]): Listing[] {
  const seen: Seen = new Map();
  return folders.map((folder) => listFolder(paths, folder, seen));
}

function listFolder(paths: RootedPaths, folder: RelPath, seen: Seen): Listing {
  try {
    const absolute = paths.locate(folder, seen);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const listing = tryList(paths, folder, absolute, seen);
      if (listing !== 'changed') return listing;
    }
    return { outcome: 'failed', code: 'file-changed' };
  } catch (error) {
    const code = diskErrorCode(error);
    return code === 'not-found' ? { outcome: 'missing' } : { outcome: 'failed', code };
  }
}

function tryList(paths: RootedPaths, folder: RelPath, absolute: Buffer, seen: Seen): Listing | 'changed' {
  const self = paths.stat(absolute);
  if (self === null || self.kind !== 'folder') return { outcome: 'missing' };
  const own = isVolumeTop(folder, self, seen) ? OWN_FOLDER : null;
  const prefix = Buffer.concat([absolute, SEPARATOR]);
  const entries: DiskEntry[] = [];
  const unreadable: { name: Name; code: ErrorCode }[] = [];

  const names = readdirSync(absolute, 'buffer');
  for (const bytes of names) {
    const name = decodeName(bytes);
    if (name === own) continue;
    try {
      const stat = paths.stat(Buffer.concat([prefix, bytes]));
      if (stat === null) return 'changed';
      entries.push({ name, stat });
    } catch (error) {
      if (isMissing(error)) return 'changed';
      unreadable.push({ name, code: diskErrorCode(error) });
    }
  }

  const after = paths.stat(absolute);
  if (after === null || after.inode !== self.inode) return 'changed';
  if (after.mtimeNs !== self.mtimeNs || after.ctimeNs !== self.ctimeNs) return 'changed';
  if (isRecent(self) && !holdsTheSame(names, readdirSync(absolute, 'buffer'))) return 'changed';
  seen.set(folder, self);
  return { outcome: 'listed', self, entries, unreadable };
}

function isVolumeTop(folder: RelPath, self: FileStat, seen: Seen): boolean {
  return folder === '' || seen.get(parentOf(folder))?.device !== self.device;
}

function isRecent(self: FileStat): boolean {
  const age = BigInt(Date.now()) * 1_000_000n - self.mtimeNs;
  return age < RECENT_NS && age > -RECENT_NS;
}

function holdsTheSame(before: readonly Buffer[], after: readonly Buffer[]): boolean {
  if (before.length !== after.length) return false;
  const names = new Set(before.map((name) => name.toString('latin1')));
  return after.every((name) => names.has(name.toString('latin1')));
}

// ------------------------------------------------------------------------------------------------------- between threads

export type PackedListing =
  | {
      readonly outcome: 'listed';
      readonly names: string;
      readonly unreadable: readonly { name: Name; code: ErrorCode }[];
    }
  | Exclude<Listing, { outcome: 'listed' }>;

export interface PackedListings {
  readonly listings: readonly PackedListing[];
  /** For every listed folder its own stat, then its entries'. */
  readonly stats: BigInt64Array;
}

/** Names joined by NUL (which no name holds) and stats in one buffer, which may be moved. */
export function packListings(listings: readonly Listing[]): PackedListings {
  const stats: FileStat[] = [];
  const packed = listings.map((listing): PackedListing => {
    if (listing.outcome !== 'listed') return listing;
    stats.push(listing.self);
    for (const entry of listing.entries) stats.push(entry.stat);
    const names = listing.entries.map((entry) => entry.name).join('\0');
    return { outcome: 'listed', names, unreadable: listing.unreadable };
  });
  return { listings: packed, stats: packStats(stats) };
}

export function unpackListings({ listings, stats }: PackedListings): Listing[] {
  let at = 0;
  return listings.map((packed): Listing => {
    if (packed.outcome !== 'listed') return packed;
    const self = unpackStat(stats, at++);
    const names = packed.names === '' ? [] : packed.names.split('\0');
    const entries = names.map((name) => ({ name, stat: unpackStat(stats, at++) }));
    return { outcome: 'listed', self, entries, unreadable: packed.unreadable };
  });
}
