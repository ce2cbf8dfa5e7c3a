import { spawn } from 'node:child_process';
import { closeSync, constants } from 'node:fs';
import { fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import type { DiskResult } from '../../ports.ts';
import type { RelPath } from '../../core/tree.ts';
import { diskErrorCode, errnoOf } from './errno.ts';
import { parentOf, type RootedPaths } from './rooted-paths.ts';

/** Up to this many paths are fsynced one by one: measured, that takes half as long as a child process that flushes the whole volume. */
const FEW = 64;
const AT_ONCE = 16;

const openFile = promisify(open);
const syncFile = promisify(fsync);

/** Names that changes made since the last flush, and names that they took away. */
export interface Touched {
  readonly arrived: Set<RelPath>;
  readonly left: Set<RelPath>;
}

/**
 * Makes changes durable: files, then the folders where names arrived, then those that names left, so that a power cut between two folders
 * leaves a file with two names rather than none. On Linux one `sync -f` (syncfs) of each volume serves a whole batch; elsewhere, and for
 * a handful of paths, every file and folder is fsynced, many at a time.
 */
export async function flushPaths(
  paths: RootedPaths,
  { arrived, left }: Touched,
  syncVolumes: () => Promise<boolean>,
): Promise<DiskResult> {
  if (arrived.size + left.size === 0) return { outcome: 'done' };
  try {
    if (arrived.size + left.size > FEW && (await syncVolumes())) return { outcome: 'done' };
    const folders = new Set([...arrived].map(parentOf));
    const emptied = new Set([...left].map(parentOf).filter((folder) => !folders.has(folder)));
    let isComplete = true;
    for (const group of [arrived, folders, emptied]) isComplete = (await syncEach(paths, [...group])) && isComplete;
    // A file that its own mode keeps us from opening is still flushed with its volume.
    if (!isComplete) await syncVolumes();
    return { outcome: 'done' };
  } catch (error) {
    return { outcome: 'failed', code: diskErrorCode(error) };
  }
}

/**
 * Has the system write out the folder's volume and those mounted inside it. False where its `sync` cannot do it. Not for the control loop's
 * thread: making a child of a large process takes tens of milliseconds.
 */
export async function syncVolumesOf(paths: RootedPaths, nestedTops: readonly RelPath[]): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const places = ['', ...nestedTops].map((top) => (top === '' ? paths.place.path : `${paths.place.path}/${top}`));
  if (!places.every((place) => place.isWellFormed())) return false;
  return new Promise((resolve) => {
    const child = spawn('sync', ['-f', '--', ...places], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/** False when some could not be opened. */
async function syncEach(paths: RootedPaths, touched: readonly RelPath[]): Promise<boolean> {
  let next = 0;
  let isComplete = true;
  async function work(): Promise<void> {
    for (let path = touched[next++]; path !== undefined; path = touched[next++]) {
      const absolute = paths.absolute(path);
      // Opening a pipe or a device does something to it, and there is nothing of ours in it.
      const isSpecial = paths.stat(absolute)?.kind === 'special';
      isComplete = (isSpecial || (await syncOne(absolute))) && isComplete;
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, touched.length) }, work));
  return isComplete;
}

/** True for what is gone again, and for links, whose folder's fsync covers them; false for what may not be opened, or not be flushed by itself. */
async function syncOne(absolute: Buffer): Promise<boolean> {
  let fd: number;
  try {
    fd = await openFile(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') return true;
    if (errno === 'EACCES' || errno === 'EPERM' || errno === 'ENXIO') return false;
    throw error;
  }
  try {
    await syncFile(fd);
    return true;
  } catch (error) {
    // Some network file systems flush no folders.
    if (errnoOf(error) === 'EINVAL') return false;
    throw error;
  } finally {
    closeSync(fd);
  }
}
