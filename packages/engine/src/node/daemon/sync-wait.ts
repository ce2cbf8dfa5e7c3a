import { systemClock } from '../machine/clock.ts';
import { isPassing, type FolderRunner, type Running } from './folder-runner.ts';
import type { SyncOutcome } from './shapes.ts';

const LOOK_MS = 200;

/** `stopped`: this runner keeps the folder no more; who does now is on the list. */
type FolderOutcome = SyncOutcome | 'held-elsewhere' | 'stopped';

/**
 * Waits until every folder that is not paused has nothing left to do. Folders that are still being opened are waited for, those that are opened
 * anew meanwhile once more; one that cannot be opened without a person makes it `attention`. What was moved into a paused folder cannot be
 * waited for: then it is `paused`.
 */
export async function waitForAll(
  list: () => readonly FolderRunner[],
  timeoutMs: number | null,
  isCancelled: () => boolean,
): Promise<SyncOutcome> {
  const cancelling = new AbortController();
  const timer = setInterval(() => {
    if (isCancelled()) cancelling.abort();
  }, LOOK_MS);
  try {
    const deadlineMs = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
    for (;;) {
      const runners = list();
      const awake = runners.filter((runner) => !runner.isPaused());
      if (runners.length > 0 && awake.length === 0) return 'paused';
      const outcomes = await Promise.all(awake.map((runner) => waitForOne(runner, deadlineMs, cancelling.signal)));
      if (!outcomes.includes('stopped')) return sumUp(outcomes, runners);
      if (cancelling.signal.aborted || performance.now() >= deadlineMs) return 'timed-out';
    }
  } finally {
    clearInterval(timer);
  }
}

function sumUp(outcomes: readonly FolderOutcome[], runners: readonly FolderRunner[]): SyncOutcome {
  const worst = (['offline', 'timed-out', 'attention'] as const).find((outcome) => outcomes.includes(outcome));
  if (worst !== undefined) return worst;
  if (outcomes.includes('held-elsewhere')) return runners.some((runner) => runner.isPaused()) ? 'paused' : 'attention';
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'paused') ? 'paused' : 'idle';
}

async function waitForOne(runner: FolderRunner, deadlineMs: number, signal: AbortSignal): Promise<FolderOutcome> {
  for (;;) {
    const running = await waitUntilOpen(runner, deadlineMs, signal);
    if (typeof running === 'string') return running;
    const outcome = await waitWhileOpen(runner, running, deadlineMs, signal);
    if (outcome !== 'closed') return outcome;
  }
}

/** An engine that was closed comes to rest no more. */
async function waitWhileOpen(
  runner: FolderRunner,
  running: Running,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<FolderOutcome | 'closed'> {
  const closed = new AbortController();
  const timer = setInterval(() => {
    if (runner.running() !== running || runner.isStopped()) closed.abort();
  }, LOOK_MS);
  try {
    const leftMs = deadlineMs === Infinity ? null : Math.max(1, deadlineMs - performance.now());
    const { outcome } = await running.engine.syncWait(leftMs, AbortSignal.any([signal, closed.signal]));
    if (closed.signal.aborted && !signal.aborted && performance.now() < deadlineMs) return 'closed';
    return outcome === 'timeout' ? 'timed-out' : outcome;
  } finally {
    clearInterval(timer);
  }
}

async function waitUntilOpen(
  runner: FolderRunner,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Running | SyncOutcome | 'stopped'> {
  runner.hurry();
  for (;;) {
    if (runner.isStopped()) return 'stopped';
    const running = runner.running();
    if (running !== null) return running;
    const problem = runner.problem();
    if (problem !== null && !isPassing(problem.code)) return 'attention';
    if (signal.aborted || performance.now() >= deadlineMs) return problem === null ? 'timed-out' : 'offline';
    await systemClock.sleep(LOOK_MS, signal);
  }
}
