import type { Attention } from '../ports.ts';
import { LINGER_MS, type Runner } from './runner.ts';
import { isPressing } from './status.ts';

export type SyncWaitResult =
  /** A complete scan and a head read, both begun after the call, left nothing to do. */
  | { readonly outcome: 'idle' }
  /** The same, but for what waits for a person. */
  | { readonly outcome: 'attention'; readonly attention: readonly Attention[] }
  /** As idle, but for deletes of what was moved into another kept folder, and has to wait there for a person. */
  | { readonly outcome: 'held-elsewhere' }
  /** Nothing moves until `resume`. */
  | { readonly outcome: 'paused' }
  /** Time was up, or the signal came; `offline` when the server could not be reached in the end. */
  | { readonly outcome: 'timeout' | 'offline' };

/** Waits for rest. `cycleEnd` resolves when the next cycle has ended. Watchers give no barrier, hence the scan of its own. */
export async function waitForRest(
  runner: Runner,
  cycleEnd: () => Promise<void>,
  wake: () => void,
  timeoutMs: number | null,
  signal?: AbortSignal,
): Promise<SyncWaitResult> {
  const { clock } = runner.session.ports;
  const scanNumber = runner.requestFull();
  const cycleNumber = runner.cycles().begun + 1;
  const deadlineMs = timeoutMs === null ? Infinity : clock.monotonicMs() + timeoutMs;
  runner.session.patience.hurry();
  runner.forgetFailures();
  wake();
  for (;;) {
    const leftMs = Math.min(deadlineMs - clock.monotonicMs(), LINGER_MS);
    if (leftMs <= 0 || signal?.aborted === true) {
      return { outcome: runner.last()?.isConnected === false ? 'offline' : 'timeout' };
    }
    const timer = new AbortController();
    await Promise.race([cycleEnd(), clock.sleep(leftMs, timer.signal)]);
    timer.abort('over');
    if (runner.isPaused()) return { outcome: 'paused' };
    const attention = runner.session.attention.list().filter(isPressing);
    // The root cannot be seen, or the journal is refused: no scan and no reading will ever complete. One that began before may not have seen it yet.
    const { begun, ended, answered } = runner.cycles();
    if (runner.session.stopped !== null || (runner.last()?.isRootSeen === false && ended >= cycleNumber))
      return { outcome: 'attention', attention };
    if (runner.completedScan() < scanNumber || answered < cycleNumber) continue;
    // Within a cycle what the scan has just taken in is counted nowhere yet.
    if (ended < begun || !runner.isQuiet()) continue;
    if (attention.length > 0) return { outcome: 'attention', attention };
    return { outcome: runner.heldElsewhere() > 0 ? 'held-elsewhere' : 'idle' };
  }
}
