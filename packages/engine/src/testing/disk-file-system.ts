/*
 * The FileSystem port over a simulated disk. Each change waits at its own gate point, so that anything may happen between two changes of
 * one batch, then checks and acts at once.
 */
import { OnefoldError, type ErrorCode } from '@onefold/protocol';
import type { FileStat, RelPath } from '../core/tree.ts';
import type { ChangeResult, DiskChange, DiskEntry, FileSystem, Listing, TrashEntry } from '../ports.ts';
import { createUnfilledPlaces } from '../sync/unfilled-places.ts';
import { DiskError, errorCodeOf } from './disk-error.ts';
import {
  OWN_FOLDER,
  STAGING_FOLDER,
  TRASH_FOLDER,
  type FaultOperation,
  type Found,
  type MemoryDisk,
  type Place,
} from './memory-disk.ts';
import type { Inode } from './memory-inode.ts';
import type { MemoryVolume } from './memory-volume.ts';
import type { Gate } from './scheduler.ts';

/** True when `found` is still what was `expected`, as far as a stat can tell. ctime counts where what is expected would vanish. */
export function stands(expected: FileStat, found: FileStat | null, isVanishing: boolean): found is FileStat {
  if (found === null || expected.kind !== found.kind) return false;
  if (expected.inode !== found.inode || expected.device !== found.device) return false;
  if (expected.kind === 'folder') return true;
  if (expected.sizeBytes !== found.sizeBytes || expected.mtimeNs !== found.mtimeNs) return false;
  return !isVanishing || expected.ctimeNs === found.ctimeNs;
}

const BELOW_STAGING = new RegExp(`(^|/)\\.onefold/${STAGING_FOLDER}/.`);

const FAULT_OF = {
  'create-folder': 'create',
  'create-link': 'create',
  move: 'move',
  trash: 'trash',
  'set-attributes': 'attributes',
} as const satisfies Record<DiskChange['op'], FaultOperation>;

/** Files and folders touched since the last flush: what that flush must make durable. */
export type Touched = Map<Inode, MemoryVolume>;

/** One engine's view of the disk. Each call waits at `gate` before it acts, and acts at once. */
export function createDiskFileSystem(disk: MemoryDisk, gate: Gate, touched: Touched = new Map()): FileSystem {
  function statAt(path: RelPath): FileStat | null {
    const found = disk.find(path);
    return found === null ? null : disk.statOf(found);
  }

  /** The place of a change, or what is wrong with it. A missing or odd parent is an unmet precondition. `volume`: of a place where something is to be put. */
  function placeFor(path: RelPath, volume?: bigint): Place | ChangeResult {
    const place = disk.place(path);
    if (place === null) return { outcome: 'precondition', found: null };
    if (volume !== undefined && place.volume.options.device !== volume)
      return { outcome: 'failed', code: 'volume-missing' };
    if ((place.folder.mode & 0o300) !== 0o300) return { outcome: 'failed', code: 'access-denied' };
    return place;
  }

  async function changeOne(change: DiskChange): Promise<ChangeResult> {
    await gate(`${change.op} ${change.op === 'move' ? `${change.from} -> ${change.to}` : change.path}`);
    const fault = disk.takeFault(FAULT_OF[change.op]);
    if (fault !== null) return { outcome: 'failed', code: fault };
    try {
      switch (change.op) {
        case 'create-folder':
          return createEntry(change.path, 'folder', change.mode ?? 0o755, '', change.volume);
        case 'create-link':
          return createEntry(change.path, 'link', 0o777, change.target);
        case 'move':
          return move(change);
        case 'trash':
          return trash(change.path, change.expect, change.isSent);
        case 'set-attributes':
          return setAttributes(change);
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return { outcome: 'failed', code: errorCodeOf(error) };
    }
  }

  function touch(volume: MemoryVolume, ...inodes: readonly Inode[]): void {
    for (const inode of inodes) touched.set(inode, volume);
  }

  function createEntry(
    path: RelPath,
    kind: 'folder' | 'link',
    mode: number,
    target: string,
    volume?: bigint,
  ): ChangeResult {
    if (isOwnPath(path)) prepareStaging(disk, path);
    const place = placeFor(path, volume);
    if ('outcome' in place) return place;
    if (place.entry !== undefined) return { outcome: 'precondition', found: statAt(path) };
    const inode = place.volume.create(place.folder, place.name, kind, mode, target);
    touch(place.volume, place.folder, inode);
    disk.changed(path);
    return { outcome: 'done', stat: disk.statOf({ volume: place.volume, inode }) };
  }

  function listOne(path: RelPath): Listing {
    const fault = disk.takeFault('list');
    if (fault !== null) return { outcome: 'failed', code: fault };
    const folder = disk.find(path);
    if (folder?.inode.kind !== 'folder') return { outcome: 'missing' };
    const denied = disk.brokenCode(folder.inode, 'list');
    if (denied !== null) return { outcome: 'failed', code: denied };
    const entries: DiskEntry[] = [];
    const unreadable: { name: string; code: NonNullable<ReturnType<MemoryDisk['brokenCode']>> }[] = [];
    for (const { name, found } of disk.entries(folder)) {
      const code = disk.brokenCode(found.inode, 'stat');
      if (code === null) entries.push({ name, stat: disk.statOf(found) });
      else unreadable.push({ name, code });
    }
    return { outcome: 'listed', self: disk.statOf(folder), entries, unreadable };
  }

  function move({
    from,
    to,
    expectFrom,
    expectTo,
    keepAs,
    isRenamedSince,
    volume,
  }: DiskChange & { readonly op: 'move' }): ChangeResult {
    for (const path of [to, keepAs]) if (path !== null && isOwnPath(path)) prepareStaging(disk, path);
    const source = placeFor(from);
    if ('outcome' in source) return source;
    const target = placeFor(to, volume);
    if ('outcome' in target) return target;
    const sourceStat = statAt(from);
    if (source.entry === undefined || !stands(expectFrom, sourceStat, isRenamedSince !== true)) {
      return { outcome: 'precondition', found: sourceStat };
    }
    const targetStat = statAt(to);
    const isCaseChange = target.entry !== undefined && target.entry === source.entry;
    if (!isCaseChange) {
      if (expectTo === null ? targetStat !== null : !stands(expectTo, targetStat, true)) {
        return { outcome: 'precondition', found: targetStat };
      }
    }
    if (disk.isMountPoint(from)) return { outcome: 'failed', code: 'mount-point' };
    const isFar = source.volume !== target.volume;
    if (isFar && source.entry.inode.kind === 'folder') return { outcome: 'failed', code: 'other-disk' };
    if (isFar) target.volume.reserve(source.entry.inode.data.length, to);
    if (target.entry !== undefined && !isCaseChange) {
      if (target.entry.inode.kind === 'folder') return { outcome: 'failed', code: 'precondition-failed' };
      disk.observer?.({ act: keepAs === null ? 'displace' : 'displace-kept', path: to, inode: target.entry.inode });
      if (keepAs !== null) {
        const kept = disk.place(keepAs);
        if (kept === null) return { outcome: 'failed', code: 'precondition-failed' };
        kept.volume.link(target.entry.inode, kept.folder, kept.name);
        touch(kept.volume, kept.folder);
      }
    }
    if (isFar) carry(source, target);
    else source.volume.rename(source.folder, source.name, target.folder, target.name);
    touch(source.volume, source.folder);
    touch(target.volume, target.folder);
    disk.changed(from, to);
    return { outcome: 'done', stat: statAt(to) };
  }

  /** No rename leads to another volume: a copy takes the place, durably, and what it is a copy of goes. */
  function carry(source: Place, { volume, folder, name, entry }: Place): void {
    const { kind, mode, target, data, mtimeNs } = source.entry!.inode;
    if (entry !== undefined) volume.unlink(folder, name);
    const copy = volume.create(folder, name, kind, mode, target);
    if (kind === 'file') {
      volume.write(copy, data);
      volume.setTimes(copy, roundToUtimes(mtimeNs));
    }
    for (const inode of [copy, folder]) volume.sync(inode);
    source.volume.unlink(source.folder, source.name);
  }

  function trash(path: RelPath, expect: FileStat, isSent: boolean): ChangeResult {
    const place = placeFor(path);
    if ('outcome' in place) return place;
    const stat = statAt(path);
    if (place.entry === undefined || !stands(expect, stat, true)) return { outcome: 'precondition', found: stat };
    const { inode } = place.entry;
    if (inode.kind === 'folder') {
      if (disk.isMountPoint(path)) return { outcome: 'failed', code: 'mount-point' };
      if (inode.children.size > 0) return { outcome: 'precondition', found: stat };
      place.volume.unlink(place.folder, place.name);
      touch(place.volume, place.folder);
    } else {
      disk.observer?.({ act: 'trash', path, inode, isSent });
      const found = disk.ownSubfolder(disk.topOf(path), TRASH_FOLDER);
      const name = `${disk.nextStagingName()}-${place.name}`;
      place.volume.rename(place.folder, place.name, found.inode, name);
      const top = disk.topOf(path);
      const at = `${top === '' ? '' : `${top}/`}${OWN_FOLDER}/${TRASH_FOLDER}/${name}`;
      disk.trashed.set(at, { path, isSent });
      touch(place.volume, place.folder, found.inode);
    }
    disk.changed(path);
    return { outcome: 'done', stat: null };
  }

  function setAttributes({
    path,
    expect,
    attributes,
    isRenamedSince,
  }: DiskChange & { readonly op: 'set-attributes' }): ChangeResult {
    const found = disk.find(path);
    const stat = found === null ? null : disk.statOf(found);
    if (found === null || !stands(expect, stat, isRenamedSince !== true))
      return { outcome: 'precondition', found: stat };
    if (attributes.mode !== null && found.inode.kind !== 'link')
      found.volume.setMode(found.inode, attributes.mode & 0o777);
    if (attributes.mtimeNs !== null && found.inode.kind === 'file') {
      found.volume.setTimes(found.inode, roundToUtimes(attributes.mtimeNs));
    }
    touch(found.volume, found.inode);
    disk.changed(path);
    return { outcome: 'done', stat: disk.statOf(found) };
  }

  function statOne(path: RelPath): FileStat | null | { readonly outcome: 'failed'; readonly code: ErrorCode } {
    const fault = disk.takeFault('stat');
    const found = disk.find(path);
    const code = fault ?? (found === null ? null : disk.brokenCode(found.inode, 'stat'));
    if (code !== null) return { outcome: 'failed', code };
    return found === null ? null : disk.statOf(found);
  }

  function removeBelow(volume: MemoryVolume, folder: Inode, name: string): void {
    const entry = volume.lookup(folder, name)!;
    if (entry.inode.kind === 'folder')
      for (const child of [...entry.inode.children.values()]) removeBelow(volume, entry.inode, child.name);
    else disk.observer?.({ act: 'discard', path: name, inode: entry.inode });
    volume.unlink(folder, name);
    touch(volume, folder);
  }

  return {
    async checkRoot() {
      await gate('check-root');
      const problem = disk.rootProblem();
      if (problem === 'missing') return { outcome: 'missing' };
      if (problem === 'replaced') return { outcome: 'replaced', why: 'the folder is not the one that was added' };
      return { outcome: 'present', stat: disk.statOf({ volume: disk.main, inode: disk.requireRoot() }) };
    },
    async list(paths) {
      const listings: Listing[] = [];
      for (const path of paths) {
        await gate(`list ${path}`);
        listings.push(listOne(path));
      }
      return listings;
    },
    async stat(paths) {
      await gate(`stat ${paths.join(' ')}`);
      return paths.map(statOne);
    },
    async readLinks(paths) {
      await gate(`readlink ${paths.join(' ')}`);
      return paths.map((path) => {
        const found = disk.find(path);
        return found?.inode.kind === 'link' ? found.inode.target : null;
      });
    },
    async readSmall(path, maxBytes) {
      await gate(`read-small ${path}`);
      const found = disk.find(path);
      if (found?.inode.kind !== 'file' || found.inode.data.length > maxBytes) return null;
      const code = disk.brokenCode(found.inode, 'read');
      return code === null ? found.inode.data.slice() : { outcome: 'failed', code };
    },
    mtimeGranularityNs: () => disk.granularityNs,
    nameRules: () => disk.nameRules,
    async freeBytes() {
      await gate('free-bytes');
      return Math.max(0, disk.main.capacityBytes - disk.main.usedBytes());
    },
    stagingPath: (near, label = '') => stagingPathAt(disk.topOf(near), label + disk.nextStagingName()),
    async change(changes) {
      const results: ChangeResult[] = [];
      const unfilled = createUnfilledPlaces();
      for (const one of changes) {
        const result: ChangeResult = unfilled.isBelow(one)
          ? { outcome: 'precondition', found: null }
          : await changeOne(one);
        unfilled.note(one, result.outcome);
        results.push(result);
      }
      return results;
    },
    async discard(stagingPaths) {
      await gate(`discard ${stagingPaths.join(' ')}`);
      const fault = disk.takeFault('discard');
      if (fault !== null) return { outcome: 'failed', code: fault };
      for (const path of stagingPaths) {
        if (!isOwnPath(path)) throw new OnefoldError('invalid-argument', 'only what is in staging can be discarded');
        const place = disk.place(path);
        if (place?.entry !== undefined) removeBelow(place.volume, place.folder, place.name);
      }
      return { outcome: 'done' };
    },
    async listTrash() {
      await gate('list-trash');
      const entries: TrashEntry[] = [];
      for (const [at, { path, isSent }] of disk.trashed) {
        const found = disk.find(at);
        if (found === null) continue;
        const stat = disk.statOf(found);
        entries.push({ at, path, isSent, stat, trashedAtMs: Number(stat.ctimeNs / 1_000_000n) });
      }
      return entries;
    },
    async purgeTrash(paths) {
      await gate(`purge-trash ${paths.join(' ')}`);
      for (const path of paths) {
        const place = disk.place(path);
        if (place?.entry !== undefined) removeBelow(place.volume, place.folder, place.name);
        disk.trashed.delete(path);
      }
      return { outcome: 'done' };
    },
    async listStaging() {
      await gate('list-staging');
      const paths: RelPath[] = [];
      for (const top of disk.tops()) {
        const folder = `${top === '' ? '' : `${top}/`}.onefold/${STAGING_FOLDER}`;
        const found = disk.find(folder);
        if (found?.inode.kind !== 'folder') continue;
        for (const { name } of found.inode.children.values()) paths.push(`${folder}/${name}`);
      }
      return paths;
    },
    async flush(paths) {
      await gate('flush');
      const fault = disk.takeFault('flush');
      if (fault !== null) return { outcome: 'failed', code: fault };
      // Also what an engine did that is gone.
      for (const path of paths) {
        const place = disk.place(path);
        if (place === null) continue;
        touched.set(place.folder, place.volume);
        if (place.entry !== undefined) touched.set(place.entry.inode, place.volume);
      }
      for (const [inode, volume] of touched) volume.sync(inode);
      touched.clear();
      return { outcome: 'done' };
    },
  };
}

function stagingPathAt(top: RelPath, name: string): RelPath {
  return `${top === '' ? '' : `${top}/`}${OWN_FOLDER}/${STAGING_FOLDER}/${name}`;
}

/** Makes the folders that a staging path lies in, where they are missing. */
export function prepareStaging(disk: MemoryDisk, path: RelPath): void {
  const suffix = `${OWN_FOLDER}/${STAGING_FOLDER}/`;
  const top = path.slice(0, path.lastIndexOf(suffix)).replace(/\/$/, '');
  disk.ownSubfolder(top, STAGING_FOLDER);
}

/** True for a path below a staging folder. */
export function isOwnPath(path: RelPath): boolean {
  return BELOW_STAGING.test(path);
}

/** What utimes(2) through a double of seconds keeps of nanoseconds: microseconds. */
export function roundToUtimes(mtimeNs: bigint): bigint {
  return mtimeNs - (mtimeNs % 1_000n);
}

/** As opening it again and cutting it to nothing. */
export function removeStagedFile(disk: MemoryDisk, path: RelPath): void {
  const place = disk.place(path);
  if (place?.entry !== undefined && isOwnPath(path)) place.volume.unlink(place.folder, place.name);
}

/** Writes a whole new file into staging. Throws DiskError. */
export function writeStagedFile(
  disk: MemoryDisk,
  touched: Touched,
  path: RelPath,
  data: Uint8Array,
  attributes: { readonly mtimeNs: bigint | null; readonly mode: number | null } | null,
): Found {
  if (isOwnPath(path)) prepareStaging(disk, path);
  const place = disk.place(path);
  if (place === null || !isOwnPath(path)) throw new DiskError('missing', path);
  if (place.entry !== undefined) throw new DiskError('exists', path);
  const inode = place.volume.create(place.folder, place.name, 'file', (attributes?.mode ?? 0o644) & 0o777);
  try {
    place.volume.write(inode, data);
  } catch (error) {
    place.volume.unlink(place.folder, place.name);
    throw error;
  }
  if (attributes !== null && attributes.mtimeNs !== null)
    place.volume.setTimes(inode, roundToUtimes(attributes.mtimeNs));
  touched.set(inode, place.volume);
  touched.set(place.folder, place.volume);
  return { volume: place.volume, inode };
}
