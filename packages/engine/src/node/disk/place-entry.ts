import { linkSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol/plain';
import type { ChangeResult, DiskChange } from '../../ports.ts';
import { foldName, type NameRules } from '../../core/local-name.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { copyEntry, createStagingPath, failureOf, isTaken, removeName, takeBack } from './entry-names.ts';
import { errnoOf, isMissing } from './errno.ts';
import { stands, standsUntouched } from './file-stat.ts';
import { joinPath, STAGING, type RootedPaths } from './rooted-paths.ts';
import { areOnOneVolume, volumeTop } from './volumes.ts';

/*
 * Moving one entry to another name, so that nothing is ever overwritten that was not expected there:
 *
 *   free name    link(from, to) fails if anything stands at `to`; then `from` goes. Folders: rename, which never replaces anything but
 *                an empty folder.
 *   taken name   the old inode is linked to `keepAs`, what was linked is compared with what was expected, then rename.
 *
 * All calls are synchronous and follow each other within microseconds. rename(2) has no "only if unchanged"; the kept link is what is left
 * to compare afterwards. Where the last step is refused (a folder that may not be written to, a file that may not be renamed), the steps
 * before it are taken back: else the file would stand under two names, and be synced under both.
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
    if (atTarget !== null && !isOtherSpelling(from, to, atSource, atTarget))
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

/** A disk that ignores case, or takes both normal forms of a letter for one, shows the entry itself under its new spelling. */
export function isOtherSpelling(from: RelPath, to: RelPath, atSource: FileStat, atTarget: FileStat): boolean {
  const isOneEntry = atSource.inode === atTarget.inode && atSource.device === atTarget.device;
  return (
    isOneEntry &&
    from !== to &&
    foldName(from, ALL_FOLDED) === foldName(to, ALL_FOLDED) &&
    (atSource.kind === 'folder' || atSource.linkCount === 1)
  );
}

const ALL_FOLDED: NameRules = { system: 'mac', isCaseSensitive: false };

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
  try {
    removeName(paths, from, expect);
  } catch (error) {
    // Somebody took the old name away in between: the new one is all there is.
    if (!isMissing(error)) takeBack(paths, target, expect);
    return failureOf(error, paths.stat(source));
  }
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
  if (atSource.device !== atTarget.device || !areOnOneVolume(paths, change.from, change.to))
    return moveAcrossVolumes(paths, change);
  const { keepAs } = change;
  const source = paths.absolute(change.from);
  const target = paths.absolute(change.to);
  if (keepAs !== null) {
    const kept = keep(paths, target, paths.locate(keepAs), atTarget);
    if (kept !== 'kept') return { outcome: 'precondition', found: kept };
  }
  try {
    // rename does nothing at all between two names of one inode.
    if (atSource.inode === atTarget.inode) unlinkSync(source);
    else renameSync(source, target);
  } catch (error) {
    const standing = paths.stat(target);
    // Where something else stands there by now, what is kept may be the last of the old file.
    if (keepAs !== null && standing?.inode === atTarget.inode) unlinkSync(paths.absolute(keepAs));
    return failureOf(error, paths.stat(target));
  }
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
  // Its own volume says that it is another one: no staging folder is any nearer to the target.
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
  if (moved.outcome !== 'done') {
    unlinkSync(paths.absolute(staged));
    return moved;
  }
  try {
    removeName(paths, from, expectFrom);
  } catch (error) {
    // What was replaced is not to be had back; the source is then one of ours in staging, and swept.
    if (isMissing(error) || change.expectTo !== null) return moved;
    takeBack(paths, paths.absolute(to), copied);
    return failureOf(error);
  }
  return moved;
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
