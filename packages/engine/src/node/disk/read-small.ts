import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { RelPath } from '../../core/tree.ts';
import type { SmallFile } from '../../ports.ts';
import { diskErrorCode, errnoOf } from './errno.ts';
import type { RootedPaths } from './rooted-paths.ts';

/** What nothing answers to, a link, and a socket. */
const NO_FILE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO']);

/** The bytes of a regular file of at most `maxBytes`, or null for anything else. Never follows a link, never waits on a pipe. */
export function readSmall(paths: RootedPaths, path: RelPath, maxBytes: number): SmallFile {
  let fd: number;
  try {
    fd = openSync(paths.locate(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return NO_FILE.has(errnoOf(error)) ? null : { outcome: 'failed', code: diskErrorCode(error) };
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > maxBytes) return null;
    const bytes = new Uint8Array(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length <= maxBytes; length += read)
      read = readSync(fd, bytes, length, bytes.length - length, null);
    return length > maxBytes ? null : bytes.slice(0, length);
  } catch (error) {
    return { outcome: 'failed', code: diskErrorCode(error) };
  } finally {
    closeSync(fd);
  }
}
