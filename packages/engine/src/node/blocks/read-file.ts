import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { FileStat, RelPath } from '../../core/tree.ts';
import type { ReadFailure } from '../../ports.ts';
import { diskErrorCode, isMissing } from '../disk/errno.ts';
import { standsUntouched, toFileStat } from '../disk/file-stat.ts';
import type { RootedPaths } from '../disk/rooted-paths.ts';

/** A file opened because it is what was seen. Whoever opened it closes it. */
export interface OpenFile {
  readonly descriptor: number;
  /** It still is what was seen, in size, times and inode. Asked after the last byte was read. */
  isUnchanged(): boolean;
  close(): void;
}

/** Opens a file without following a link anywhere on the way. */
export function openExpected(
  paths: RootedPaths,
  path: RelPath,
  expect: FileStat,
): { readonly outcome: 'open'; readonly file: OpenFile } | ReadFailure {
  try {
    const descriptor = openSync(paths.locate(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const isUnchanged = (): boolean =>
      standsUntouched(expect, toFileStat(fstatSync(descriptor, { bigint: true }), paths.place.alias));
    const file: OpenFile = { descriptor, isUnchanged, close: () => closeSync(descriptor) };
    if (isUnchanged()) return { outcome: 'open', file };
    file.close();
    return { outcome: 'changed' };
  } catch (error) {
    return readFailure(error);
  }
}

export function readFailure(error: unknown): ReadFailure {
  if (isMissing(error) || diskErrorCode(error) === 'not-found') return { outcome: 'missing' };
  const code = diskErrorCode(error);
  // ELOOP: a link stands where a file was seen.
  return code === 'precondition-failed' ? { outcome: 'changed' } : { outcome: 'failed', code };
}

/** Reads exactly `target.length` bytes at `offset`; false when the file ends before. */
export function readFully(descriptor: number, target: Uint8Array, offset: number): boolean {
  let filled = 0;
  while (filled < target.length) {
    const read = readSync(descriptor, target, filled, target.length - filled, offset + filled);
    if (read === 0) return false;
    filled += read;
  }
  return true;
}
