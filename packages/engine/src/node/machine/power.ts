import { networkInterfaces } from 'node:os';
import type { Power } from '../../ports.ts';

const TICK_MS = 5_000;
/** A timer this late was not late: the machine slept. A busy machine delays timers by seconds, not by half a minute. */
const SLEPT_MS = 30_000;

export interface WatchedPower extends Power {
  close(): void;
}

/** Addresses of this machine: they change when it joins another network. */
function ownAddresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((ones) => ones ?? []);
  return all
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address)
    .sort()
    .join();
}

/**
 * Tells of the machine's waking up, and of another network, by its addresses. Waking shows by the gap it leaves in the wall clock. A clock that was set forward looks the same, and costs no more
 * than a needless look around. Electron's own power events may be given to `resumed` besides.
 */
export function watchPower(
  nowMs: () => number = Date.now,
  addresses: () => string = ownAddresses,
): WatchedPower & { resumed(): void } {
  const listeners = new Set<() => void>();
  let lastMs = nowMs();
  let lastAddresses = addressesNow();
  const timer = setInterval(() => {
    const gapMs = nowMs() - lastMs - TICK_MS;
    lastMs = nowMs();
    const present = addressesNow();
    const hasMoved = present !== null && lastAddresses !== null && present !== lastAddresses;
    lastAddresses = present ?? lastAddresses;
    if (gapMs > SLEPT_MS || hasMoved) resumed();
  }, TICK_MS);
  timer.unref();

  /** Null where the system does not say: asking takes a file, and a process may open only so many. */
  function addressesNow(): string | null {
    try {
      return addresses();
    } catch {
      return null;
    }
  }

  function resumed(): void {
    for (const listener of [...listeners]) listener();
  }

  return {
    onResume(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    resumed,
    close() {
      clearInterval(timer);
      listeners.clear();
    },
  };
}
