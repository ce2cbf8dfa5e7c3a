import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { NameRules } from '../../core/local-name.ts';
import { OWN_FOLDER, type RootedPaths } from './rooted-paths.ts';
import { setMtime } from './set-times.ts';

/** What the root's volume can tell apart. */
export interface VolumeTraits {
  /** Smallest step of mtime that is both shown after a write and kept when set, nanoseconds. */
  readonly mtimeGranularityNs: bigint;
  readonly names: NameRules;
}

const WATCH_MS = 60;
const ENOUGH_STEPS = 4;
/** Steps this short are not the clock's but the time between two writes. */
const FINE_STEP_NS = 500_000n;
/** FAT's two seconds: assumed where nothing moves while we watch. */
const COARSEST_NS = 2_000_000_000n;
const SET_STEPS_NS = [1n, 100n, 1_000n, 1_000_000n, 10_000_000n, 1_000_000_000n, COARSEST_NS] as const;
const SAMPLES_NS = [1_763_812_345_123_456_789n, 1_700_000_001_999_999_999n, 1_600_000_002_000_000_001n] as const;

/** Measures with a file of our own in `.onefold/`. Synchronous, at most about 60 ms. */
export function probeVolume(paths: RootedPaths): VolumeTraits {
  const name = `${OWN_FOLDER}/probe-${randomBytes(6).toString('hex')}`;
  const path = paths.absolute(name);
  const fd = openSync(path, 'wx');
  try {
    const written = writtenStep(fd);
    const kept = keptStep(paths, path);
    const isCaseSensitive = paths.stat(paths.absolute(name.replace('probe', 'PROBE'))) === null;
    const names = { system: probeSystem(paths, name), isCaseSensitive };
    return { mtimeGranularityNs: written > kept ? written : kept, names };
  } finally {
    closeSync(fd);
    unlinkSync(path);
  }
}

/** FAT and its kin refuse what Windows refuses, under any system; macOS takes two normal forms for one name. */
function probeSystem(paths: RootedPaths, name: string): NameRules['system'] {
  // A colon would open a stream of another file there.
  if (process.platform === 'win32') return 'windows';
  if (!isHeld(paths, `${name}?`, null)) return 'windows';
  return isHeld(paths, `${name}\u00e9`, `${name}e\u0301`) ? 'mac' : 'linux';
}

/** Whether a file of this name can be made, and then found under the other one, if any. */
function isHeld(paths: RootedPaths, name: string, found: string | null): boolean {
  const path = paths.absolute(name);
  try {
    closeSync(openSync(path, 'wx'));
  } catch {
    return false;
  }
  const isThere = found === null || paths.stat(paths.absolute(found)) !== null;
  unlinkSync(path);
  return isThere;
}

/** The clock's step: the shortest distance between the times of writes that follow each other at once. */
function writtenStep(fd: number): bigint {
  const until = performance.now() + WATCH_MS;
  let last: bigint | undefined;
  let shortest = COARSEST_NS;
  let steps = 0;
  while (steps < ENOUGH_STEPS && performance.now() < until) {
    writeSync(fd, 'x', 0);
    const { mtimeNs } = fstatSync(fd, { bigint: true });
    if (last !== undefined && mtimeNs > last) {
      steps++;
      if (mtimeNs - last < shortest) shortest = mtimeNs - last;
    }
    last = mtimeNs;
  }
  return shortest < FINE_STEP_NS ? 1n : shortest;
}

/** The step at which times that were set come back: what Node and the volume lose together. */
function keptStep(paths: RootedPaths, path: Buffer): bigint {
  const shown = SAMPLES_NS.map((sample) => {
    setMtime(path, sample);
    return paths.stat(path)?.mtimeNs ?? 0n;
  });
  return (
    SET_STEPS_NS.find((step) => SAMPLES_NS.every((sample, i) => sample / step === shown[i]! / step)) ?? COARSEST_NS
  );
}
