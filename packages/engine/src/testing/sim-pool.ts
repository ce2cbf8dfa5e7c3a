/* Runs seeds in several processes at once and adds up what they report. */
import type { ChildProcess } from 'node:child_process';
import { Coverage, type CoverageJson } from './coverage.ts';
import type { Steering } from './generate-shape.ts';
import { seedName } from './seeded-random.ts';
import type { Script } from './steps.ts';
import { giveTask, startTasked } from './tasked-process.ts';

export interface WorkerTask {
  readonly seeds: readonly string[];
  readonly devices: readonly [number, number];
  readonly steps: number;
  /** Without the second run of each seed, whose trace must be the same. */
  readonly isOnce: boolean;
  readonly shrinkAttempts: number;
  readonly steering?: Steering;
}

export interface FailureReport {
  readonly seed: string;
  readonly promise: string;
  readonly message: string;
  readonly trace: string;
  /** Shrunk; what --replay takes. */
  readonly script: Script;
}

export interface ChunkReport {
  readonly seeds: number;
  readonly steps: number;
  readonly points: number;
  readonly coverage: CoverageJson;
  readonly failures: readonly FailureReport[];
}

export interface PoolOptions extends Omit<WorkerTask, 'seeds'> {
  readonly from: bigint;
  readonly count: number;
  readonly jobs: number;
  /** Goes on after a failure. */
  readonly keepGoing: boolean;
  readonly onFailure: (failure: FailureReport) => void;
  readonly onProgress?: (doneSeeds: number) => void;
}

export interface PoolResult {
  readonly seeds: number;
  readonly steps: number;
  readonly points: number;
  readonly coverage: Coverage;
  readonly failures: readonly FailureReport[];
  readonly seconds: number;
}

const SEEDS_PER_CHUNK = 8;

/** Processes that run seeds: the longer they live, the faster they are. To be killed by whoever started them. */
export function startWorkers(jobs: number): ChildProcess[] {
  return Array.from({ length: Math.max(1, jobs) }, () => startTasked('sim-worker.ts'));
}

/** In workers of its own. Rejects when one of them dies of anything but a failing seed. */
export async function runPool(options: PoolOptions): Promise<PoolResult> {
  const workers = startWorkers(Math.min(options.jobs, Math.ceil(options.count / SEEDS_PER_CHUNK)));
  try {
    return await runPoolIn(workers, options);
  } finally {
    for (const worker of workers) worker.kill();
  }
}

/** As `runPool`, in workers that go on living. */
export async function runPoolIn(
  workers: readonly ChildProcess[],
  options: Omit<PoolOptions, 'jobs'>,
): Promise<PoolResult> {
  const { from, count, devices, steps, isOnce, shrinkAttempts, steering } = options;
  const startedMs = performance.now();
  const total = { seeds: 0, steps: 0, points: 0, coverage: new Coverage(), failures: [] as FailureReport[] };
  let next = 0;

  function takeChunk(): WorkerTask | null {
    if (total.failures.length > 0 && !options.keepGoing) return null;
    const size = Math.min(SEEDS_PER_CHUNK, count - next);
    if (size <= 0) return null;
    const seeds = Array.from({ length: size }, (_, i) => seedName(from, next + i));
    next += size;
    return { seeds, devices, steps, isOnce, shrinkAttempts, ...(steering === undefined ? {} : { steering }) };
  }

  function add(report: ChunkReport): void {
    total.seeds += report.seeds;
    total.steps += report.steps;
    total.points += report.points;
    total.coverage.addJson(report.coverage);
    for (const failure of report.failures) options.onFailure(failure);
    total.failures.push(...report.failures);
    options.onProgress?.(total.seeds);
  }

  await Promise.all(
    workers.map(async (worker) => {
      for (let task = takeChunk(); task !== null; task = takeChunk())
        add(await giveTask<ChunkReport>(worker, task, 'a worker of the simulation'));
    }),
  );
  return { ...total, seconds: (performance.now() - startedMs) / 1_000 };
}
