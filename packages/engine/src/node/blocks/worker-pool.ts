import { startWorkerCalls, type WorkerCalls } from '../worker-calls.ts';
import type { BlockCalls } from './block-worker.ts';
import type { BlockWorkerData } from './block-calls.ts';

/** Threads that have nothing to do for this long end: an idle daemon holds no worker's memory. */
const IDLE_MS = 30_000;

export type BlockWorker = WorkerCalls<BlockCalls>;

/*
 * absent --(first job)--> working <--> waiting --(idle)--> absent
 * A token names what a job holds inside its worker, so a job stays with the worker it was given.
 */
export interface WorkerPool {
  /** Runs a job on the worker with the fewest jobs. */
  run<T>(job: (worker: BlockWorker, token: number) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Slot {
  worker: BlockWorker | null;
  jobs: number;
  idleTimer: NodeJS.Timeout | null;
}

export function createWorkerPool(data: BlockWorkerData, size: number): WorkerPool {
  const slots: Slot[] = Array.from({ length: size }, () => ({ worker: null, jobs: 0, idleTimer: null }));
  let nextToken = 1;

  function retire(slot: Slot): void {
    const { worker } = slot;
    slot.worker = null;
    void worker?.close();
  }

  return {
    async run(job) {
      const slot = slots.reduce((best, candidate) => (candidate.jobs < best.jobs ? candidate : best));
      if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
      slot.idleTimer = null;
      slot.worker ??= startWorkerCalls<BlockCalls>(new URL('./block-worker.ts', import.meta.url), data);
      const { worker } = slot;
      slot.jobs++;
      try {
        return await job(worker, nextToken++);
      } finally {
        slot.jobs--;
        if (slot.jobs === 0 && slot.worker === worker) {
          slot.idleTimer = setTimeout(() => retire(slot), IDLE_MS);
          slot.idleTimer.unref();
        }
      }
    },
    async close() {
      await Promise.all(
        slots.map(async (slot) => {
          if (slot.idleTimer !== null) clearTimeout(slot.idleTimer);
          const { worker } = slot;
          slot.worker = null;
          await worker?.close();
        }),
      );
    },
  };
}
