import { readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { OnefoldError } from '@onefold/protocol/plain';
import type { DiskResult, TrashEntry } from '../../ports.ts';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { diskErrorCode } from './errno.ts';
import { decodeName } from './name-bytes.ts';
import { joinPath, parentOf, TRASH, type RootedPaths } from './rooted-paths.ts';
import { nestedMounts } from './volumes.ts';

/* `.onefold/trash/2026-11-22/papers/report.txt`, on the volume where it stood: a folder that people can open by themselves. */

const DAY = /^(\d{4}-\d\d-\d\d)( not sent)?(?: \(\d+\))?$/;
const NOT_SENT = ' not sent';

/** Name of the folder for what is trashed now; `copy` counts from 1 what was trashed of one path. */
export function trashDay(now: Date, isSent: boolean, copy: number): string {
  return now.toISOString().slice(0, 10) + (isSent ? '' : NOT_SENT) + (copy === 1 ? '' : ` (${copy})`);
}

/** Everything in the trash of the root's volume and of those mounted inside, oldest first. */
export function listTrash(paths: RootedPaths): TrashEntry[] {
  const entries: TrashEntry[] = [];
  for (const top of ['', ...nestedMounts(paths)]) {
    const trash = joinPath(top, TRASH);
    for (const day of namesIn(paths, trash)) {
      const isSent = DAY.exec(day)?.[2] === undefined;
      if (!DAY.test(day)) continue;
      for (const { at, stat } of filesBelow(paths, joinPath(trash, day))) {
        const path = joinPath(top, at.slice(trash.length + day.length + 2));
        // The rename into the trash set it.
        entries.push({ at, path, isSent, stat, trashedAtMs: Number(stat.ctimeNs / 1_000_000n) });
      }
    }
  }
  return entries.sort((a, b) => a.trashedAtMs - b.trashedAtMs);
}

function filesBelow(paths: RootedPaths, folder: RelPath): { readonly at: RelPath; readonly stat: FileStat }[] {
  const found: { at: RelPath; stat: FileStat }[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const name of namesIn(paths, at)) {
      const path = joinPath(at, name);
      const stat = paths.stat(paths.absolute(path));
      if (stat?.kind === 'folder') open.push(path);
      else if (stat !== null) found.push({ at: path, stat });
    }
  }
  return found;
}

function namesIn(paths: RootedPaths, folder: RelPath): string[] {
  try {
    return readdirSync(paths.locate(folder), 'buffer').map(decodeName);
  } catch {
    return [];
  }
}

/** Removes entries of the trash, and the folders that they leave empty. Throws `invalid-argument` for anything outside of it. */
export function purgeTrash(paths: RootedPaths, at: readonly RelPath[]): DiskResult {
  const purged = at.map((path) => purgeOne(paths, path));
  return purged.find((result) => result.outcome === 'failed') ?? { outcome: 'done' };
}

function purgeOne(paths: RootedPaths, path: RelPath): DiskResult {
  const isInside = path.startsWith(`${TRASH}/`) || path.includes(`/${TRASH}/`);
  if (!isInside || path.split('/').includes('..')) {
    throw new OnefoldError('invalid-argument', 'only what is in the trash may be purged');
  }
  try {
    unlinkSync(paths.locate(path));
    for (let folder = parentOf(path); !folder.endsWith(TRASH); folder = parentOf(folder)) {
      rmdirSync(paths.absolute(folder));
    }
    return { outcome: 'done' };
  } catch (error) {
    const code = diskErrorCode(error);
    const isHarmless = code === 'not-found' || code === 'precondition-failed';
    return isHarmless ? { outcome: 'done' } : { outcome: 'failed', code };
  }
}
