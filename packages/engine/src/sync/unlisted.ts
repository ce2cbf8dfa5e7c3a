import type { NodeId } from '@onefold/protocol';
import type { Clock } from '../ports.ts';

/** A folder that could not be looked into is tried this often, */
const AGAIN_MS = 1_000;
/** and for this long: what is missing elsewhere may have been moved there. A folder that stays closed holds nobody up for longer. */
const PATIENCE_MS = 10_000;

/** Folders that cannot be looked into, or not at all that is in them. */
export interface Unlisted {
  failed(folder: NodeId): void;
  listed(folder: NodeId): void;
  /** To be tried again by now. */
  due(): NodeId[];
  /** Until the next is to be tried; null when none has failed for so short a time that nothing may be concluded of what is missing elsewhere. */
  nextDueMs(): number | null;
}

export function createUnlisted(clock: Clock): Unlisted {
  const failing = new Map<NodeId, { readonly sinceMs: number; readonly triedMs: number }>();
  const waiting = () => [...failing].filter(([, { sinceMs }]) => clock.monotonicMs() - sinceMs < PATIENCE_MS);

  return {
    failed(folder) {
      const nowMs = clock.monotonicMs();
      failing.set(folder, { sinceMs: failing.get(folder)?.sinceMs ?? nowMs, triedMs: nowMs });
    },
    listed: (folder) => void failing.delete(folder),
    due: () =>
      waiting()
        .filter(([, { triedMs }]) => clock.monotonicMs() - triedMs >= AGAIN_MS)
        .map(([folder]) => folder),
    nextDueMs() {
      const dues = waiting().map(([, { triedMs }]) => Math.max(0, triedMs + AGAIN_MS - clock.monotonicMs()));
      return dues.length === 0 ? null : Math.min(...dues);
    },
  };
}
