import type { RelPath } from '../core/tree.ts';
import {
  contentBytes,
  editedBytes,
  keyOfBytes,
  keyOfTarget,
  type ContentKey,
  type ContentLedger,
} from './content-ledger.ts';
import { DiskError } from './disk-error.ts';
import type { Inode } from './memory-inode.ts';
import type { SimDevice } from './sim-device.ts';
import type { UserAct } from './steps.ts';

/** Bytes written to an open file: it stands in the folder or will be put back there; only the trash has it; nobody can see it any more. */
export type WriterFate = 'stands' | 'kept' | 'lost';

/** A writer that writes later than this after its file was replaced writes for nobody: the engine's last look is over. */
export const DISPLACED_WRITE_LIMIT_MS = 25_000;

/**
 * Does what a user does and keeps the ledger: what this act overwrites or deletes, as it stands on this very disk, is given up, what it
 * writes is owed. False when the system refuses, and nothing has changed.
 */
export function performAct(
  device: SimDevice,
  ledger: ContentLedger,
  act: UserAct,
  fateOf: (inode: Inode) => WriterFate,
): boolean {
  const { user, disk } = device;
  const contentAt = (path: RelPath): ContentKey[] => {
    const inode = disk.find(path)?.inode;
    if (inode === undefined) return [];
    if (inode.kind === 'file') return [keyOfBytes(inode.data)];
    if (inode.kind === 'link') return [keyOfTarget(inode.target)];
    return disk
      .walk()
      .filter((entry) => entry.path.startsWith(`${path}/`))
      .flatMap(({ path: below, found }) => (found.inode.kind === 'folder' ? [] : contentAt(below)));
  };
  const fileBytes = (path: RelPath): Uint8Array => {
    const inode = disk.find(path)?.inode;
    if (inode?.kind !== 'file') throw new DiskError('missing', path);
    return inode.data;
  };
  const giveUp = (keys: readonly ContentKey[]) => {
    for (const key of keys) ledger.givenUp(key);
  };
  const owe = (bytes: Uint8Array, what: string, isOwed = true) => {
    // Bytes written to a file of several names are in all of them.
    const names = disk.walk().filter(({ found }) => found.inode.data === bytes).length;
    for (let copy = 0; copy < Math.max(1, names); copy++) ledger.writtenBytes(bytes, what, isOwed);
  };
  const mayDouble = (key: ContentKey | null): void => {
    if (key !== null) ledger.mayDouble(key);
  };
  const below = (top: RelPath): { readonly path: RelPath; readonly key: ContentKey | null }[] =>
    disk
      .walk()
      .filter(({ path }) => path === top || path.startsWith(`${top}/`))
      .map(({ path, found }) => ({ path, key: found.inode.kind === 'folder' ? null : (contentAt(path)[0] ?? null) }));
  /**
   * A path that is occupied before and after keeps its node, whatever was moved there: what left it and what came are new there and gone
   * where they were, and a move elsewhere outdoes a delete. So both may come to stand twice.
   */
  const occupy = (path: RelPath, arriving: ContentKey | null): void => {
    const left = device.vacated.get(path);
    if (left === undefined) return;
    mayDouble(left);
    mayDouble(arriving);
  };
  const save = (path: RelPath, bytes: Uint8Array, what: string, write: () => void) => {
    const before = contentAt(path);
    write();
    giveUp(before);
    owe(bytes, what);
  };

  try {
    switch (act.act) {
      case 'write': {
        const bytes = contentBytes(act.content, act.size);
        const before = act.style === 'backup-kept' ? [] : contentAt(act.path);
        const old = contentAt(act.path);
        user.write(act.path, bytes, act.style);
        giveUp(before);
        if (act.style === 'backup-kept') old.forEach(mayDouble);
        occupy(act.path, null);
        owe(bytes, `#${act.content} at ${act.path} on ${device.index}`);
        return true;
      }
      case 'edit':
      case 'append': {
        const bytes = editedBytes(fileBytes(act.path), act.content, act.act === 'append' ? 'end' : 'middle');
        save(act.path, bytes, `#${act.content} in ${act.path} on ${device.index}`, () => user.write(act.path, bytes));
        return true;
      }
      case 'quiet': {
        const bytes = contentBytes(act.content, fileBytes(act.path).length);
        if (bytes.length < 12) throw new DiskError('invalid-argument', act.path);
        save(act.path, bytes, `#${act.content} quietly at ${act.path} on ${device.index}`, () =>
          user.writeQuietly(act.path, bytes),
        );
        return true;
      }
      case 'copy': {
        const bytes = fileBytes(act.path);
        const before = contentAt(act.to);
        if (act.path === act.to) throw new DiskError('exists', act.to);
        user.write(act.to, bytes);
        giveUp(before);
        occupy(act.to, null);
        owe(bytes, `copy of ${act.path} on ${device.index}`, false);
        return true;
      }
      case 'rename': {
        const [from, over] = [disk.find(act.path)?.inode, disk.find(act.to)?.inode];
        const before = from === over ? [] : contentAt(act.to);
        const moved = from === over ? [] : below(act.path);
        // Nor can a new name of a file that has others still: only one that went and one that came.
        const isOneOfSeveral = from?.kind === 'file' && from.linkCount > 1;
        if (from?.kind === over?.kind || isOneOfSeveral) for (const { key } of moved) mayDouble(key);
        user.rename(act.path, act.to);
        giveUp(before);
        for (const { path, key } of moved) {
          occupy(act.to + path.slice(act.path.length), key);
          device.vacated.set(path, key);
        }
        return true;
      }
      case 'hard-link':
        owe(fileBytes(act.path), `link to ${act.path}`, false);
        user.hardLink(act.path, act.to);
        // A rename just before cannot be told from a delete any more: a move elsewhere outdoes it.
        contentAt(act.path).forEach(mayDouble);
        occupy(act.to, null);
        return true;
      case 'remove': {
        const before = contentAt(act.path);
        const removed = below(act.path);
        user.remove(act.path);
        giveUp(before);
        for (const { path } of removed) device.vacated.set(path, null);
        return true;
      }
      case 'mkdir':
        user.mkdir(act.path);
        return true;
      case 'special':
        user.special(act.path);
        return true;
      case 'symlink':
        user.symlink(act.path, act.to);
        occupy(act.path, null);
        ledger.writtenTarget(act.to, `link at ${act.path} on ${device.index}`);
        return true;
      case 'chmod':
        // Folders that their owner may not enter stay enterable elsewhere, so that they can be filled: not alike, on purpose.
        if (disk.find(act.path)?.inode.kind === 'folder' && (act.mode & 0o700) !== 0o700)
          throw new DiskError('access-denied', act.path);
        user.chmod(act.path, act.mode);
        return true;
      case 'touch':
        user.touch(act.path, BigInt(act.mtimeNs));
        return true;
      case 'writer-open':
        device.writer?.close();
        device.writer = user.openWriter(act.path);
        return true;
      case 'writer-write': {
        if (device.writer === null) return false;
        const before = keyOfBytes(device.writer.inode.data);
        const bytes = contentBytes(act.content, act.size);
        const fate = fateOf(device.writer.inode);
        device.writer.write(bytes);
        ledger.givenUp(before);
        owe(bytes, `#${act.content} through an open file on ${device.index}`, fate !== 'lost');
        if (fate === 'kept') ledger.keptAside(keyOfBytes(bytes));
        return true;
      }
      case 'writer-close':
        device.writer?.close();
        device.writer = null;
        return true;
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return false;
  }
}
