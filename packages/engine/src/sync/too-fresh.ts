import type { FileStat } from '../core/tree.ts';
import type { FileSystem } from '../ports.ts';

/**
 * What is recorded of a file that this engine has just put or touched. Where its times lie within one step of the disk's clock, a program may
 * write to it until that step is over and leave size and times as they are: then it is recorded as one that looks changed, so that it is
 * looked at, and read, once the step is over. (The same hazard as git's "racily clean" entries.)
 */
export function recordable(files: FileSystem, stat: FileStat): FileStat {
  return isTooFresh(files, stat) ? { ...stat, ctimeNs: NEVER_NS } : stat;
}

/** A write from now on may leave no trace in the times shown. */
function isTooFresh(files: FileSystem, { kind, ctimeNs, mtimeNs }: FileStat): boolean {
  if (kind !== 'file') return false;
  const apartNs = ctimeNs > mtimeNs ? ctimeNs - mtimeNs : mtimeNs - ctimeNs;
  return apartNs < files.mtimeGranularityNs();
}

/** No disk shows it. */
const NEVER_NS = 0n;
