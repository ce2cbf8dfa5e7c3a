import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { ROOT_NODE } from '@onefold/protocol/plain';
import type { ChangeResult } from '../../ports.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { takenLabel } from '../../sync/taken.ts';
import { diskErrorCode, errnoOf, isMissing } from './errno.ts';
import { joinPath, OWN_FOLDER, parentOf, STAGING, type RootedPaths } from './rooted-paths.ts';
import { setMtime } from './set-times.ts';
import { volumeTop } from './volumes.ts';

/* What moves are made of: names that are made and taken away, one at a time, and taken back where the rest of a move is refused. */

/** A copy of a file or link at a free path, flushed. */
export function copyEntry(source: Buffer, target: Buffer, expect: FileStat): void {
  if (expect.kind === 'link') {
    symlinkSync(readlinkSync(source, 'buffer'), target);
    return;
  }
  copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  try {
    flushFile(target);
    chmodSync(target, expect.mode);
    setMtime(target, expect.mtimeNs);
  } catch (error) {
    unlinkIfPossible(target);
    throw error;
  }
}

function flushFile(absolute: Buffer): void {
  const fd = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Takes away one name of `expect`. A name in the user's own ground first moves to staging and is looked at there: whatever took the name in
 * the meantime goes back instead of being deleted. Throws where the name stays.
 */
export function removeName(paths: RootedPaths, path: RelPath, expect: FileStat): void {
  const absolute = paths.absolute(path);
  if (path.startsWith(`${OWN_FOLDER}/`)) return unlinkSync(absolute);
  const aside = createStagingPath(paths, path, takenLabel('kept', ROOT_NODE, expect));
  const asideBytes = paths.absolute(aside);
  renameSync(absolute, asideBytes);
  if (paths.stat(asideBytes)?.inode === expect.inode) unlinkIfPossible(asideBytes);
  else renameBack(asideBytes, absolute);
}

function renameBack(aside: Buffer, original: Buffer): void {
  try {
    linkSync(aside, original);
    unlinkSync(aside);
  } catch {
    // The name is taken once more: what was set aside stays in staging, where sweeping finds it by its name.
  }
}

/** What cannot be taken out of staging now is swept later. */
function unlinkIfPossible(absolute: Buffer): void {
  try {
    unlinkSync(absolute);
  } catch {
    // Its name says whose it is.
  }
}

/** Takes a name that was just given to `expect` away again, if it still has it. */
export function takeBack(paths: RootedPaths, absolute: Buffer, expect: Pick<FileStat, 'inode'>): void {
  if (paths.stat(absolute)?.inode === expect.inode) unlinkIfPossible(absolute);
}

/**
 * What a failed system call means for a change. `touched`: the entry that was to give way, as the attempt has left it.
 */
export function failureOf(error: unknown, touched: FileStat | null = null): ChangeResult {
  if (isMissing(error)) return { outcome: 'precondition', found: null };
  const code = diskErrorCode(error);
  if (code === 'not-found') return { outcome: 'precondition', found: null };
  return touched === null ? { outcome: 'failed', code } : { outcome: 'failed', code, touched };
}

/** Makes a folder and those above it that are missing. Node's own way to do that calls a volume that may only be read a missing folder. */
export function makeFolders(paths: RootedPaths, folder: RelPath, mode?: number): void {
  const absolute = paths.absolute(folder);
  try {
    makeFolder(absolute, mode);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || folder === '') throw error;
    makeFolders(paths, parentOf(folder), mode);
    makeFolder(absolute, mode);
  }
}

/** Whatever else stands there may be found out by whoever goes on. */
export function makeFolder(absolute: Buffer, mode = 0o777): void {
  try {
    mkdirSync(absolute, { mode });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

/** A fresh name in the staging folder of the volume that holds `near`. Makes the folder where it is missing. Throws what the system says. */
export function createStagingPath(paths: RootedPaths, near: RelPath, label = ''): RelPath {
  return stagingIn(paths, volumeTop(paths, near), label);
}

/** The same, or one in the root's own staging folder where that volume takes none: what it refuses is told of the change that is to go there. */
export function nearestStagingPath(paths: RootedPaths, near: RelPath, label = ''): RelPath {
  const top = volumeTop(paths, near);
  try {
    return stagingIn(paths, top, label);
  } catch (error) {
    if (top === '') throw error;
    return stagingIn(paths, '', label);
  }
}

function stagingIn(paths: RootedPaths, top: RelPath, label: string): RelPath {
  const folder = joinPath(top, STAGING);
  if (paths.stat(paths.absolute(folder)) === null) makeFolders(paths, folder, 0o700);
  return joinPath(folder, label + randomBytes(12).toString('hex'));
}

export function isTaken(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EEXIST' || errno === 'ENOTEMPTY' || errno === 'ENOTDIR' || errno === 'EISDIR';
}
