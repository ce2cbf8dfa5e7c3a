import { steadyNow } from './clock-watch.ts';
import { createCollector } from './collect/collect.ts';
import { createScrubber } from './collect/scrub.ts';
import type { ServerContext } from './context.ts';
import { createTreeSumFiller } from './journal/fill-tree-sums.ts';
import { createRetention } from './retention/run-retention.ts';
import { createUploadSweeper } from './uploads/sweep-uploads.ts';

export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Short, and others count on its being on time: it never waits behind the work on what is stored, which may take hours. */
  readonly isPrompt?: boolean;
  /** Once `isOver` aborts it ends after the step it is at: the server stops. */
  run(isOver: AbortSignal): Promise<void>;
}

const RECHECK_MS = 30_000;

export function jobsOf(context: ServerContext): Job[] {
  const { config } = context;
  return [
    { name: 'uploads', everyMs: config.sweepEveryMs, run: createUploadSweeper(context) },
    { name: 'tree-sums', everyMs: config.retention.everyMs, run: createTreeSumFiller(context) },
    { name: 'retention', everyMs: config.retention.everyMs, run: createRetention(context) },
    { name: 'collection', everyMs: config.collection.everyMs, run: createCollector(context, () => steadyNow(context)) },
    {
      name: 'scrub',
      everyMs: config.collection.scrubEveryMs,
      run: createScrubber(context, (config.collection.scrubBytesPerSecond * config.collection.scrubEveryMs) / 1_000),
    },
    { name: 'presence', everyMs: config.presenceEveryMs, isPrompt: true, run: () => context.presence.refresh() },
    { name: 'listeners', everyMs: RECHECK_MS, isPrompt: true, run: () => context.events.recheck() },
  ];
}

/** How a job last went. */
export interface JobStatus {
  readonly name: string;
  readonly everyMs: number;
  readonly startedAtMs: number | undefined;
  readonly tookMs: number | undefined;
  readonly hasFailed: boolean;
  readonly runs: number;
}

export interface Jobs {
  status(): JobStatus[];
  /** Runs a job out of its turn; false when there is none of that name. */
  runNow(name: string): boolean;
  /** Begins nothing more, tells what runs, and waits for it. */
  stop(): Promise<void>;
}

/** Work that repeats: what is prompt one at a time, and the rest one at a time beside it. */
export function startJobs(context: Pick<ServerContext, 'log' | 'metrics' | 'nowMs'>, jobs: readonly Job[]): Jobs {
  const lanes = { prompt: Promise.resolve(), patient: Promise.resolve() };
  const over = new AbortController();
  const queued = new Set<string>();
  const status = new Map<string, JobStatus>();
  for (const { name, everyMs } of jobs)
    status.set(name, { name, everyMs, startedAtMs: undefined, tookMs: undefined, hasFailed: false, runs: 0 });
  const start = (job: Job): void => {
    // A job that takes longer than its interval does not pile up behind itself.
    if (over.signal.aborted || queued.has(job.name)) return;
    queued.add(job.name);
    const lane = job.isPrompt === true ? 'prompt' : 'patient';
    lanes[lane] = lanes[lane]
      .then(async () => {
        if (over.signal.aborted) return;
        const startedAtMs = context.nowMs();
        const outcome = await run(context, job, over.signal);
        const runs = (status.get(job.name)?.runs ?? 0) + 1;
        status.set(job.name, { name: job.name, everyMs: job.everyMs, startedAtMs, ...outcome, runs });
      })
      .finally(() => void queued.delete(job.name));
  };
  const timers = jobs.map((job) => setInterval(() => start(job), job.everyMs));
  return {
    status: () => [...status.values()],
    runNow(name) {
      const job = jobs.find((candidate) => candidate.name === name);
      if (job !== undefined) start(job);
      return job !== undefined;
    },
    async stop() {
      over.abort();
      for (const timer of timers) clearInterval(timer);
      await Promise.all([lanes.prompt, lanes.patient]);
    },
  };
}

async function run(
  { log, metrics }: Pick<ServerContext, 'log' | 'metrics'>,
  job: Job,
  isOver: AbortSignal,
): Promise<{ readonly tookMs: number; readonly hasFailed: boolean }> {
  const startedAtMs = performance.now();
  let hasFailed = false;
  try {
    await job.run(isOver);
  } catch (thrown) {
    hasFailed = true;
    log.error({ err: thrown, job: job.name }, 'background work failed');
  }
  const tookMs = performance.now() - startedAtMs;
  metrics.job(job.name, tookMs, hasFailed);
  return { tookMs, hasFailed };
}
