import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  chmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { OnefoldError, ROOT_NODE } from '@onefold/protocol/plain';
import type { ChangeResult, DiskChange } from '../../ports.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { takenLabel } from '../../sync/taken.ts';
import { errnoOf } from './errno.ts';
import { stands, standsUntouched } from './file-stat.ts';
import { joinPath, OWN_FOLDER, STAGING, type RootedPaths } from './rooted-paths.ts';
import { setMtime } from './set-times.ts';
import { volumeTop } from './volumes.ts';

/*
 * Moving one entry to another name, so that nothing is ever overwritten that was not expected there:
 *
 *   free name    link(from, to) fails if anything stands at `to`; then `from` goes. Folders: rename, which never replaces anything but
 *                an empty folder.
 *   taken name   the old inode is linked to `keepAs`, what was linked is compared with what was expected, then rename.
 *
 * All calls are synchronous and follow each other within microseconds. rename(2) has no "only if unchanged"; the kept link is what is left
 * to compare afterwards.
 */

/** link(2) of macOS links what a symbolic link points at. */
const LINK_FOLLOWS = process.platform === 'darwin';

const NO_HARD_LINKS = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES', 'EINVAL']);

export type MoveChange = Extract<DiskChange, { op: 'move' }>;

/** Makes a `move`. Synchronous; throws what the system throws. */
export function moveEntry(paths: RootedPaths, change: MoveChange): ChangeResult {
  const { from, to, expectTo } = change;
  const source = paths.locate(from);
  const target = paths.locate(to);
  const atSource = paths.stat(source);
  if (!sourceStands(change, atSource)) return { outcome: 'precondition', found: atSource };
  const atTarget = paths.stat(target);
  if (expectTo === null) {
    if (atTarget !== null && !isOtherCase(from, to, atSource, atTarget))
      return { outcome: 'precondition', found: atTarget };
    if (atTarget !== null || atSource.kind === 'folder') return renameEntry(paths, from, to);
    return placeAtFreeName(paths, from, to, atSource);
  }
  if (!standsUntouched(expectTo, atTarget)) return { outcome: 'precondition', found: atTarget };
  if (atTarget.kind === 'folder' || atSource.kind === 'folder') return { outcome: 'precondition', found: atTarget };
  return replace(paths, change, atSource, atTarget);
}

function sourceStands({ expectFrom, isRenamedSince }: MoveChange, found: FileStat | null): found is FileStat {
  return isRenamedSince === true ? stands(expectFrom, found) : standsUntouched(expectFrom, found);
}

/** A disk that ignores case shows the entry itself under its new spelling. */
function isOtherCase(from: RelPath, to: RelPath, atSource: FileStat, atTarget: FileStat): boolean {
  const isOneEntry = atSource.inode === atTarget.inode && atSource.device === atTarget.device;
  return (
    isOneEntry &&
    from !== to &&
    from.toLowerCase() === to.toLowerCase() &&
    (atSource.kind === 'folder' || atSource.linkCount === 1)
  );
}

function renameEntry(paths: RootedPaths, from: RelPath, to: RelPath): ChangeResult {
  const target = paths.absolute(to);
  try {
    renameSync(paths.absolute(from), target);
  } catch (error) {
    if (isTaken(error)) return { outcome: 'precondition', found: paths.stat(target) };
    throw error;
  }
  return { outcome: 'done', stat: paths.stat(target) };
}

/** Moves a file or link to a name where nothing stands; `precondition` if something does by now. */
export function placeAtFreeName(paths: RootedPaths, from: RelPath, to: RelPath, expect: FileStat): ChangeResult {
  const source = paths.absolute(from);
  const target = paths.absolute(to);
  if (expect.kind === 'link' && LINK_FOLLOWS) return renameToFreeName(source, target, paths);
  try {
    linkSync(source, target);
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (isTaken(error)) return { outcome: 'precondition', found: paths.stat(target) };
    if (errno === 'EXDEV')
      return moveAcrossVolumes(paths, { op: 'move', from, to, expectFrom: expect, expectTo: null, keepAs: null });
    if (!NO_HARD_LINKS.has(errno)) throw error;
    return renameToFreeName(source, target, paths);
  }
  const linked = paths.stat(target);
  if (linked?.inode !== expect.inode) {
    unlinkSync(target);
    return { outcome: 'precondition', found: paths.stat(source) };
  }
  removeName(paths, from, expect);
  return { outcome: 'done', stat: paths.stat(target) };
}

/** Without hard links: look, then rename. Synchronous, so only another process can slip in between. */
function renameToFreeName(source: Buffer, target: Buffer, paths: RootedPaths): ChangeResult {
  const found = paths.stat(target);
  if (found !== null) return { outcome: 'precondition', found };
  renameSync(source, target);
  return { outcome: 'done', stat: paths.stat(target) };
}

function replace(paths: RootedPaths, change: MoveChange, atSource: FileStat, atTarget: FileStat): ChangeResult {
  if (atSource.device !== atTarget.device) return moveAcrossVolumes(paths, change);
  const { keepAs } = change;
  const source = paths.absolute(change.from);
  const target = paths.absolute(change.to);
  if (keepAs !== null) {
    const kept = keep(paths, target, paths.locate(keepAs), atTarget);
    if (kept !== 'kept') return { outcome: 'precondition', found: kept };
  }
  // rename does nothing at all between two names of one inode.
  if (atSource.inode === atTarget.inode) unlinkSync(source);
  else renameSync(source, target);
  return { outcome: 'done', stat: paths.stat(target) };
}

/** Gives the old inode a second name (else copies it), and makes sure that it was the expected one. */
function keep(paths: RootedPaths, target: Buffer, keepAs: Buffer, expect: FileStat): 'kept' | FileStat | null {
  let isLinked = expect.kind !== 'link' || !LINK_FOLLOWS;
  try {
    if (isLinked) linkSync(target, keepAs);
    else copyEntry(target, keepAs, expect);
  } catch (error) {
    if (!NO_HARD_LINKS.has(errnoOf(error) ?? '')) throw error;
    copyEntry(target, keepAs, expect);
    isLinked = false;
  }
  const kept = paths.stat(isLinked ? keepAs : target);
  const isExpected =
    kept?.inode === expect.inode && kept.sizeBytes === expect.sizeBytes && kept.mtimeNs === expect.mtimeNs;
  if (isExpected) return 'kept';
  unlinkSync(keepAs);
  return paths.stat(target);
}

/** Copies next to the target first: what arrives at `to` is whole and flushed. */
function moveAcrossVolumes(paths: RootedPaths, change: MoveChange): ChangeResult {
  const { from, to, expectFrom } = change;
  // Two mounts of one volume: no staging folder of it is any nearer to the target.
  if (from.startsWith(`${joinPath(volumeTop(paths, to), STAGING)}/`)) {
    throw new OnefoldError('disk-error', 'a mount inside the folder can be reached by no rename');
  }
  const staged = createStagingPath(paths, to);
  const source = paths.absolute(from);
  copyEntry(source, paths.absolute(staged), expectFrom);
  const found = paths.stat(source);
  if (!sourceStands(change, found)) {
    unlinkSync(paths.absolute(staged));
    return { outcome: 'precondition', found };
  }
  const copied = paths.stat(paths.absolute(staged));
  if (copied === null) throw new OnefoldError('disk-error', 'a staged copy vanished');
  const moved = moveEntry(paths, { ...change, from: staged, expectFrom: copied });
  if (moved.outcome !== 'done') unlinkSync(paths.absolute(staged));
  else removeName(paths, from, expectFrom);
  return moved;
}

function copyEntry(source: Buffer, target: Buffer, expect: FileStat): void {
  if (expect.kind === 'link') {
    symlinkSync(readlinkSync(source, 'buffer'), target);
    return;
  }
  copyFileSync(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const fd = openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  chmodSync(target, expect.mode);
  setMtime(target, expect.mtimeNs);
}

/**
 * Takes away one name of `expect`. A name in the user's own ground first moves to staging and is looked at there: whatever took the name in
 * the meantime goes back instead of being deleted.
 */
export function removeName(paths: RootedPaths, path: RelPath, expect: FileStat): void {
  const absolute = paths.absolute(path);
  if (path.startsWith(`${OWN_FOLDER}/`)) return unlinkSync(absolute);
  const aside = createStagingPath(paths, path, takenLabel('kept', ROOT_NODE, expect));
  const asideBytes = paths.absolute(aside);
  renameSync(absolute, asideBytes);
  if (paths.stat(asideBytes)?.inode === expect.inode) return unlinkSync(asideBytes);
  renameBack(asideBytes, absolute);
}

function renameBack(aside: Buffer, original: Buffer): void {
  try {
    linkSync(aside, original);
    unlinkSync(aside);
  } catch {
    // The name is taken once more: what was set aside stays in staging, where sweeping finds it by its name.
  }
}

/** A fresh name in the staging folder of the volume that holds `near`. Makes the folder where it is missing. */
export function createStagingPath(paths: RootedPaths, near: RelPath, label = ''): RelPath {
  const folder = joinPath(volumeTop(paths, near), STAGING);
  const absolute = paths.absolute(folder);
  if (paths.stat(absolute) === null) mkdirSync(absolute, { recursive: true, mode: 0o700 });
  return joinPath(folder, label + randomBytes(12).toString('hex'));
}

/** Removes an empty folder. `precondition` if it is not empty. */
export function removeFolder(paths: RootedPaths, path: RelPath): ChangeResult {
  const absolute = paths.absolute(path);
  try {
    rmdirSync(absolute);
  } catch (error) {
    if (isTaken(error)) return { outcome: 'precondition', found: paths.stat(absolute) };
    throw error;
  }
  return { outcome: 'done', stat: null };
}

export function isTaken(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'EEXIST' || errno === 'ENOTEMPTY' || errno === 'ENOTDIR' || errno === 'EISDIR';
}
