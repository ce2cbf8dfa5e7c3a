/*
 * What people and their programs do to the folder: every act is complete and durable at once (as by programs that fsync), except through
 * a writer, which holds its inode open whatever becomes of the name. Acts throw DiskError where a real system would refuse.
 */
import type { RelPath } from '../core/tree.ts';
import { DiskError } from './disk-error.ts';
import type { Found, MemoryDisk, Place } from './memory-disk.ts';
import type { Inode } from './memory-inode.ts';
import type { MemoryVolume } from './memory-volume.ts';

/** A program that keeps a file open. Its bytes go to the inode it opened. */
export interface Writer {
  readonly inode: Inode;
  write(data: Uint8Array): void;
  close(): void;
}

/**
 * How editors save: in place; a new file renamed over the old name; the old one renamed to a backup first (which stays or goes); or
 * by removing and creating anew.
 */
export type SaveStyle = 'in-place' | 'rename-over' | 'backup-kept' | 'backup-removed' | 'remove-create';

export interface DiskUser {
  write(path: RelPath, data: Uint8Array, style?: SaveStyle): void;
  append(path: RelPath, data: Uint8Array): void;
  /** Content changes, size and mtime look as before: only ctime tells. */
  writeQuietly(path: RelPath, data: Uint8Array): void;
  rename(from: RelPath, to: RelPath): void;
  /** Files, links and whole folders. */
  remove(path: RelPath): void;
  mkdir(path: RelPath): void;
  symlink(path: RelPath, target: string): void;
  /** A FIFO or socket: nothing that is ever synced. */
  special(path: RelPath): void;
  hardLink(from: RelPath, to: RelPath): void;
  chmod(path: RelPath, mode: number): void;
  touch(path: RelPath, mtimeNs: bigint): void;
  openWriter(path: RelPath): Writer;
}

export function createDiskUser(disk: MemoryDisk): DiskUser {
  function placeOf(path: RelPath): Place {
    const place = disk.place(path);
    if (place === null) throw new DiskError('not-folder', path);
    return place;
  }

  function existing(path: RelPath): Place & { readonly found: Found } {
    const place = placeOf(path);
    const found = disk.find(path);
    if (place.entry === undefined || found === null) throw new DiskError('missing', path);
    return { ...place, found };
  }

  function fileAt(path: RelPath): Found {
    const { found } = existing(path);
    if (found.inode.kind !== 'file') throw new DiskError('is-folder', path);
    return found;
  }

  function settle(volume: MemoryVolume, ...inodes: readonly Inode[]): void {
    for (const inode of inodes) volume.sync(inode);
  }

  function createFile(place: Place, name: string, data: Uint8Array, mode: number): Inode {
    place.volume.reserve(data.length, name);
    const inode = place.volume.create(place.folder, name, 'file', mode);
    place.volume.write(inode, data);
    settle(place.volume, inode, place.folder);
    return inode;
  }

  function write(path: RelPath, data: Uint8Array, style: SaveStyle = 'in-place'): void {
    const place = placeOf(path);
    if (place.entry === undefined) {
      createFile(place, place.name, data, 0o644);
      return disk.changed(path);
    }
    const { inode } = fileAt(path);
    const { volume, folder, name } = place;
    // Room for old and new at once, so that an act is whole or refused.
    volume.reserve(data.length, path);
    const beside = (suffix: string) => path.slice(0, path.length - name.length) + name + suffix;
    switch (style) {
      case 'in-place':
        volume.write(inode, data);
        settle(volume, inode);
        return disk.changed(path);
      case 'rename-over':
        createFile(place, `${name}.tmp`, data, inode.mode);
        volume.rename(folder, `${name}.tmp`, folder, name);
        settle(volume, folder);
        return disk.changed(beside('.tmp'), path);
      case 'backup-kept':
      case 'backup-removed': {
        if (volume.lookup(folder, `${name}~`) !== undefined) throw new DiskError('exists', path);
        volume.rename(folder, name, folder, `${name}~`);
        createFile(place, name, data, inode.mode);
        if (style === 'backup-removed') volume.unlink(folder, `${name}~`);
        settle(volume, folder);
        return disk.changed(beside('~'), path);
      }
      case 'remove-create':
        volume.unlink(folder, name);
        createFile(place, name, data, inode.mode);
        return disk.changed(path);
    }
  }

  function removeTree(volume: MemoryVolume, folder: Inode, name: string): void {
    const entry = volume.lookup(folder, name)!;
    for (const child of [...entry.inode.children.values()]) removeTree(volume, entry.inode, child.name);
    volume.unlink(folder, name);
    settle(volume, folder);
  }

  return {
    write,
    append(path, data) {
      const { volume, inode } = fileAt(path);
      const joined = new Uint8Array(inode.data.length + data.length);
      joined.set(inode.data);
      joined.set(data, inode.data.length);
      volume.write(inode, joined);
      settle(volume, inode);
      disk.changed(path);
    },
    writeQuietly(path, data) {
      const { volume, inode } = fileAt(path);
      if (data.length !== inode.data.length) throw new DiskError('invalid-argument', path);
      // Within one step of the volume's clock nothing at all would tell: no program rewrites a file and puts its time back that soon.
      if (volume.now() === inode.ctimeNs) throw new DiskError('file-busy', path);
      volume.write(inode, data, inode.mtimeNs);
      settle(volume, inode);
      disk.changed(path);
    },
    rename(from, to) {
      const source = existing(from);
      const target = placeOf(to);
      if (disk.isMountPoint(from)) throw new DiskError('file-busy', from);
      if (source.volume !== target.volume) throw new DiskError('cross-volume', to);
      source.volume.rename(source.folder, source.name, target.folder, target.name);
      settle(source.volume, source.folder, target.folder);
      disk.changed(from, to);
    },
    remove(path) {
      const { volume, folder, name } = existing(path);
      if (disk.tops().some((top) => top === path || top.startsWith(`${path}/`))) throw new DiskError('file-busy', path);
      removeTree(volume, folder, name);
      disk.changed(path);
    },
    mkdir(path) {
      const place = placeOf(path);
      const inode = place.volume.create(place.folder, place.name, 'folder', 0o755);
      settle(place.volume, inode, place.folder);
      disk.changed(path);
    },
    symlink(path, target) {
      const place = placeOf(path);
      place.volume.create(place.folder, place.name, 'link', 0o777, target);
      settle(place.volume, place.folder);
      disk.changed(path);
    },
    special(path) {
      const place = placeOf(path);
      place.volume.create(place.folder, place.name, 'special', 0o600);
      settle(place.volume, place.folder);
      disk.changed(path);
    },
    hardLink(from, to) {
      const { inode, volume } = fileAt(from);
      const target = placeOf(to);
      if (volume !== target.volume) throw new DiskError('cross-volume', to);
      volume.link(inode, target.folder, target.name);
      settle(volume, target.folder);
      disk.changed(to);
    },
    chmod(path, mode) {
      const { found } = existing(path);
      if (found.inode.kind === 'link') throw new DiskError('invalid-argument', path);
      found.volume.setMode(found.inode, mode);
      settle(found.volume, found.inode);
      disk.changed(path);
    },
    touch(path, mtimeNs) {
      const { volume, inode } = fileAt(path);
      volume.setTimes(inode, mtimeNs);
      settle(volume, inode);
      disk.changed(path);
    },
    openWriter(path) {
      const { volume, inode } = fileAt(path);
      volume.open(inode);
      return {
        inode,
        write(data) {
          volume.write(inode, data);
          settle(volume, inode);
          disk.changed(path);
        },
        close: () => volume.closeHandle(inode),
      };
    },
  };
}
