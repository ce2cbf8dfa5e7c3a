import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { RelPath } from '../../core/tree.ts';
import type { RootedPaths } from './rooted-paths.ts';

/** The bytes of a regular file of at most `maxBytes`, or null for anything else. Never follows a link, never waits on a pipe. */
export function readSmall(paths: RootedPaths, path: RelPath, maxBytes: number): Uint8Array | null {
  let fd: number;
  try {
    fd = openSync(paths.locate(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxBytes) return null;
    const bytes = new Uint8Array(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= maxBytes; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, null);
    return length > maxBytes ? null : bytes.slice(0, length);
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
