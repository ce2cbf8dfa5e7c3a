import { chmodSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol/plain';
import type { ChangeResult, DiskChange, DiskResult } from '../../ports.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { failureOf, isTaken, makeFolders } from './entry-names.ts';
import { diskErrorCode, errnoOf } from './errno.ts';
import { stands, standsUntouched } from './file-stat.ts';
import { decodeName, encodeName } from './name-bytes.ts';
import type { Touched } from './flush.ts';
import { moveEntry, placeAtFreeName, removeFolder } from './place-entry.ts';
import { joinPath, parentOf, STAGING, TRASH, type RootedPaths } from './rooted-paths.ts';
import { setMtime } from './set-times.ts';
import { trashDay } from './trash.ts';
import { nestedMounts, volumeTop } from './volumes.ts';

/** Fulfils FileSystem.change for one change, and notes what a flush must make durable. Synchronous. */
export function changeEntry(paths: RootedPaths, change: DiskChange, touched: Touched): ChangeResult {
  const result = attempt(paths, change, touched);
  if (result.outcome !== 'done') return result;
  if (change.op === 'trash') touched.left.add(change.path);
  else if (change.op !== 'move') touched.arrived.add(change.path);
  else {
    touched.arrived.add(change.to);
    touched.left.add(change.from);
    if (change.keepAs !== null) touched.arrived.add(change.keepAs);
  }
  return result;
}

function attempt(paths: RootedPaths, change: DiskChange, touched: Touched): ChangeResult {
  try {
    if (isElsewhere(paths, change)) return { outcome: 'failed', code: 'volume-missing' };
    switch (change.op) {
      case 'create-folder':
        return createFolder(paths, change.path, change.mode);
      case 'create-link':
        return createLink(paths, change.path, change.target);
      case 'move':
        return moveEntry(paths, change);
      case 'trash':
        return trashEntry(paths, change, touched);
      case 'set-attributes':
        return setAttributes(paths, change);
    }
  } catch (error) {
    const isBusy = diskErrorCode(error) === 'file-busy';
    return isBusy && isMountPoint(paths, change) ? { outcome: 'failed', code: 'mount-point' } : failureOf(error);
  }
}

/** What a disk is mounted on can neither be renamed nor removed. */
function isMountPoint(paths: RootedPaths, change: DiskChange): boolean {
  const path = change.op === 'move' ? change.from : change.path;
  return paths.stat(paths.locate(path))?.kind === 'folder' && volumeTop(paths, joinPath(path, 'in it')) === path;
}

/** Another disk stands by now where something is to be put. A folder that is not there at all is another matter. */
function isElsewhere(paths: RootedPaths, change: DiskChange): boolean {
  if (!('volume' in change) || change.volume === undefined) return false;
  const folder = paths.stat(paths.locate(parentOf(change.op === 'move' ? change.to : change.path)));
  return folder !== null && folder.device !== change.volume;
}

function createFolder(paths: RootedPaths, path: RelPath, mode: number | null): ChangeResult {
  const absolute = paths.locate(path);
  try {
    mkdirSync(absolute);
  } catch (error) {
    if (isTaken(error)) return { outcome: 'precondition', found: paths.stat(absolute) };
    throw error;
  }
  // mkdir's own mode passes through the umask.
  if (mode !== null) chmodSync(absolute, mode & 0o777);
  return { outcome: 'done', stat: paths.stat(absolute) };
}

function createLink(paths: RootedPaths, path: RelPath, target: string): ChangeResult {
  const absolute = paths.locate(path);
  try {
    symlinkSync(encodeName(target), absolute);
  } catch (error) {
    if (isTaken(error)) return { outcome: 'precondition', found: paths.stat(absolute) };
    throw error;
  }
  return { outcome: 'done', stat: paths.stat(absolute) };
}

/** Text of a link's target; null if no link stands there. */
export function readLink(paths: RootedPaths, path: RelPath): string | null {
  try {
    return decodeName(readlinkSync(paths.locate(path), 'buffer'));
  } catch (error) {
    if (diskErrorCode(error) === 'not-found' || errnoOf(error) === 'EINVAL') return null;
    throw error;
  }
}

type AttributesChange = Extract<DiskChange, { op: 'set-attributes' }>;

function setAttributes(paths: RootedPaths, change: AttributesChange): ChangeResult {
  const { path, expect, attributes, isRenamedSince } = change;
  const absolute = paths.locate(path);
  const found = paths.stat(absolute);
  const isThere = isRenamedSince === true ? stands(expect, found) : standsUntouched(expect, found);
  if (!isThere || found === null) return { outcome: 'precondition', found };
  // Links have no mode of their own, and chmod would follow them.
  if (attributes.mode !== null && found.kind !== 'link' && found.mode !== (attributes.mode & 0o777)) {
    chmodSync(absolute, attributes.mode & 0o777);
  }
  if (attributes.mtimeNs !== null && found.kind === 'file' && found.mtimeNs !== attributes.mtimeNs) {
    setMtime(absolute, attributes.mtimeNs);
  }
  return { outcome: 'done', stat: paths.stat(absolute) };
}

/**
 * Files and links go to `.onefold/trash/DAY/their own path` on their volume (`DAY not sent` where no committed version holds them; `DAY (2)` for
 * the second one of a path); an empty folder is simply removed (it holds nothing to keep, and only rmdir refuses a folder that is no longer
 * empty).
 */
function trashEntry(
  paths: RootedPaths,
  { path, expect, isSent }: Extract<DiskChange, { op: 'trash' }>,
  touched: Touched,
): ChangeResult {
  const absolute = paths.locate(path);
  const found = paths.stat(absolute);
  if (!standsUntouched(expect, found)) return { outcome: 'precondition', found };
  if (found.kind === 'folder') return removeFolder(paths, path);
  const top = volumeTop(paths, path);
  const trash = joinPath(top, TRASH);
  for (let copy = 1; copy < MOST_COPIES; copy++) {
    const day = joinPath(trash, trashDay(new Date(), isSent, copy));
    const place = makePlace(paths, day, top === '' ? path : path.slice(top.length + 1));
    // Something of another kind lies in the way there.
    if (place === null) continue;
    const moved = placeAtFreeName(paths, path, place, found);
    if (moved.outcome === 'done') {
      for (let made = place; made !== trash; made = parentOf(made)) touched.arrived.add(made);
      return { outcome: 'done', stat: null };
    }
    if (moved.outcome === 'failed' || !stands(expect, paths.stat(absolute))) return moved;
  }
  throw new OnefoldError('disk-error', 'the trash has no free name left');
}

const MOST_COPIES = 10_000;

/** Makes the folders for a path in the trash, as much of its end as a path of the system holds. Null if something else lies in their way. */
function makePlace(paths: RootedPaths, day: RelPath, path: RelPath): RelPath | null {
  for (let below = path; ; below = below.slice(below.indexOf('/') + 1)) {
    const place = joinPath(day, below);
    try {
      makeFolders(paths, parentOf(place));
      paths.stat(paths.absolute(place));
      return place;
    } catch (error) {
      if (isTaken(error)) return null;
      if (errnoOf(error) !== 'ENAMETOOLONG' || !below.includes('/')) throw error;
    }
  }
}

/** Removes something of ours, recursively. Throws `invalid-argument` for anything outside staging. */
export function discard(paths: RootedPaths, path: RelPath): DiskResult {
  const isOurs = path.startsWith(`${STAGING}/`) || path.includes(`/${STAGING}/`);
  if (!isOurs) throw new OnefoldError('invalid-argument', 'only staging may be discarded');
  try {
    const absolute = paths.locate(path);
    const found = paths.stat(absolute);
    if (found !== null) removeTree(paths, absolute, found);
    return { outcome: 'done' };
  } catch (error) {
    const code = diskErrorCode(error);
    return code === 'not-found' ? { outcome: 'done' } : { outcome: 'failed', code };
  }
}

function removeTree(paths: RootedPaths, absolute: Buffer, found: FileStat): void {
  if (found.kind !== 'folder') return unlinkSync(absolute);
  for (const name of readdirSync(absolute, 'buffer')) {
    const child = Buffer.concat([absolute, Buffer.from('/'), name]);
    const stat = paths.stat(child);
    if (stat !== null) removeTree(paths, child, stat);
  }
  rmdirSync(absolute);
}

/** Everything in the staging folders of the root's volume and of the volumes mounted inside. */
export function listStaging(paths: RootedPaths): RelPath[] {
  return ['', ...nestedMounts(paths)].flatMap((top) => {
    const folder = joinPath(top, STAGING);
    try {
      return readdirSync(paths.locate(folder), 'buffer').map((name) => joinPath(folder, decodeName(name)));
    } catch (error) {
      if (diskErrorCode(error) === 'not-found') return [];
      throw error;
    }
  });
}
