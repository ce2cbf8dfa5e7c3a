import { systemClock } from '../machine/clock.ts';
import { isPassing, type FolderRunner, type Running } from './folder-runner.ts';
import type { SyncOutcome } from './shapes.ts';

const LOOK_MS = 200;

type FolderOutcome = SyncOutcome | 'held-elsewhere';

/**
 * Waits until every folder that is not paused has nothing left to do. Folders that are still being opened are waited for; one that cannot
 * be opened without a person makes it `attention`. What was moved into a paused folder cannot be waited for: then it is `paused`.
 */
export async function waitForAll(
  runners: readonly FolderRunner[],
  timeoutMs: number | null,
  isCancelled: () => boolean,
): Promise<SyncOutcome> {
  const awake = runners.filter((runner) => !runner.isPaused());
  if (runners.length > 0 && awake.length === 0) return 'paused';
  const cancelling = new AbortController();
  const timer = setInterval(() => {
    if (isCancelled()) cancelling.abort();
  }, LOOK_MS);
  try {
    const deadlineMs = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
    const outcomes = await Promise.all(awake.map((runner) => waitForOne(runner, deadlineMs, cancelling.signal)));
    const worst = (['offline', 'timed-out', 'attention'] as const).find((outcome) => outcomes.includes(outcome));
    if (worst !== undefined) return worst;
    if (outcomes.includes('held-elsewhere'))
      return runners.some((runner) => runner.isPaused()) ? 'paused' : 'attention';
    return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'paused') ? 'paused' : 'idle';
  } finally {
    clearInterval(timer);
  }
}

async function waitForOne(runner: FolderRunner, deadlineMs: number, signal: AbortSignal): Promise<FolderOutcome> {
  const running = await waitUntilOpen(runner, deadlineMs, signal);
  if (typeof running === 'string') return running;
  const leftMs = deadlineMs === Infinity ? null : Math.max(1, deadlineMs - performance.now());
  const { outcome } = await running.engine.syncWait(leftMs, signal);
  return outcome === 'timeout' ? 'timed-out' : outcome;
}

async function waitUntilOpen(
  runner: FolderRunner,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Running | SyncOutcome> {
  runner.hurry();
  for (;;) {
    const running = runner.running();
    if (running !== null) return running;
    const problem = runner.problem();
    if (problem !== null && !isPassing(problem.code)) return 'attention';
    if (signal.aborted || performance.now() >= deadlineMs) return problem === null ? 'timed-out' : 'offline';
    await systemClock.sleep(LOOK_MS, signal);
  }
}
