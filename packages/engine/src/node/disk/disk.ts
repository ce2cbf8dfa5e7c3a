import { statfs } from 'node:fs/promises';
import { OnefoldError } from '@onefold/protocol';
import type { ChangeResult, DiskChange, FileSystem } from '../../ports.ts';
import { startWorkerCalls } from '../worker-calls.ts';
import type { DiskCalls } from './disk-worker.ts';
import { nearestStagingPath } from './entry-names.ts';
import { diskError } from './errno.ts';
import { flushPaths, type Touched } from './flush.ts';
import { unpackListings } from './list-folder.ts';
import { takeProcessLock } from './process-lock.ts';
import { inspectRoot, lockPath, type RootRecord } from './root-marker.ts';
import { createRootedPaths, type RootPlace } from './rooted-paths.ts';

/** A real folder behind the FileSystem port. Holds the folder's lock until closed. */
export interface Disk extends FileSystem {
  readonly place: RootPlace;
  /** Resolves when it must be opened anew: its thread has ended, or its volume was mounted anew under another number. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a folder that was added before. Throws `root-missing`, `root-replaced`, or `root-in-use` when another engine has it.
 */
export async function openDisk(record: RootRecord): Promise<Disk> {
  const state = await inspectRoot(record);
  if (state.outcome === 'missing') throw new OnefoldError('root-missing', 'the folder is not there');
  if (state.outcome === 'replaced') throw new OnefoldError('root-replaced', state.why);
  const lock = takeProcessLock(lockPath(record.path), 'root-in-use');
  try {
    return await startDisk(record, state.place, () => lock.release());
  } catch (error) {
    lock.release();
    throw diskError(error);
  }
}

async function startDisk(record: RootRecord, place: RootPlace, release: () => void): Promise<Disk> {
  const paths = createRootedPaths(place);
  const worker = startWorkerCalls<DiskCalls>(new URL('./disk-worker.ts', import.meta.url), place);
  const { call } = worker;
  const traits = await call('probe');
  let touched: Touched = { arrived: new Set(), left: new Set() };
  const lost = Promise.withResolvers<undefined>();
  void worker.ended.then(() => lost.resolve(undefined));

  function note({ arrived, left }: Touched): void {
    for (const path of arrived) touched.arrived.add(path);
    for (const path of left) touched.left.add(path);
  }

  async function change(changes: readonly DiskChange[]): Promise<readonly ChangeResult[]> {
    const answer = await call('change', changes);
    note(answer.touched);
    return answer.results;
  }

  return {
    place,
    lost: lost.promise,
    async checkRoot() {
      try {
        const state = await inspectRoot(record);
        if (state.outcome !== 'present') return state;
        if (state.place.alias.actual === place.alias.actual) return { outcome: 'present', stat: state.stat };
        // Back on a volume that has another number now: everything seen since would look like another volume's.
        lost.resolve(undefined);
        return { outcome: 'missing' };
      } catch (error) {
        throw diskError(error);
      }
    },
    list: async (folders) => unpackListings(await call('list', folders)),
    stat: (asked) => call('stat', asked),
    readLinks: (asked) => call('readLinks', asked),
    readSmall: (path, maxBytes) => call('readSmall', path, maxBytes),
    mtimeGranularityNs: () => traits.mtimeGranularityNs,
    nameRules: () => traits.names,
    async freeBytes() {
      try {
        const { bavail, bsize } = await statfs(paths.absolute(''));
        return bavail * bsize;
      } catch {
        return null;
      }
    },
    stagingPath: (near, label) => nearestStagingPath(paths, near, label),
    change,
    discard: (stagingPaths) => call('discard', stagingPaths),
    listTrash: () => call('listTrash'),
    purgeTrash: (at) => call('purgeTrash', at),
    listStaging: () => call('listStaging'),
    async flush(asked) {
      const flushing: Touched = { arrived: new Set([...touched.arrived, ...asked]), left: touched.left };
      touched = { arrived: new Set(), left: new Set() };
      const result = await flushPaths(paths, flushing, () => call('syncVolumes'));
      if (result.outcome === 'failed') note(flushing);
      return result;
    },
    async close() {
      await worker.close();
      release();
    },
  };
}
