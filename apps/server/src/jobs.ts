import { collect } from './collect/collect.ts';
import { createScrubber } from './collect/scrub.ts';
import type { ServerContext } from './context.ts';
import { createUploadSweeper } from './uploads/sweep-uploads.ts';

interface Job {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

const RECHECK_MS = 30_000;

function jobsOf(context: ServerContext): Job[] {
  const { config } = context;
  return [
    { name: 'uploads', everyMs: config.sweepEveryMs, run: createUploadSweeper(context) },
    { name: 'collection', everyMs: config.collection.everyMs, run: () => collect(context) },
    {
      name: 'scrub',
      everyMs: config.collection.scrubEveryMs,
      run: createScrubber(context, (config.collection.scrubBytesPerSecond * config.collection.scrubEveryMs) / 1_000),
    },
    { name: 'listeners', everyMs: RECHECK_MS, run: () => context.events.recheck() },
  ];
}

/** Work that repeats, one at a time. Answers with its end, which waits for what runs. */
export function startJobs(context: ServerContext): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const queued = new Set<string>();
  const start = (job: Job): void => {
    // A job that takes longer than its interval does not pile up behind itself.
    if (queued.has(job.name)) return;
    queued.add(job.name);
    running = running.then(() => run(context, job)).finally(() => void queued.delete(job.name));
  };
  const timers = jobsOf(context).map((job) => setInterval(() => start(job), job.everyMs));
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await running;
  };
}

async function run({ log, metrics }: ServerContext, job: Job): Promise<void> {
  const startedAtMs = performance.now();
  let hasFailed = false;
  try {
    await job.run();
  } catch (thrown) {
    hasFailed = true;
    log.error({ err: thrown, job: job.name }, 'background work failed');
  }
  metrics.job(job.name, performance.now() - startedAtMs, hasFailed);
}
