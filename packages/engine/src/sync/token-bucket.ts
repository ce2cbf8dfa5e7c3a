import type { Clock } from '../ports.ts';

/** What may be saved up while nothing goes: little, so that a limit holds over every few seconds. */
const BURST_MS = 100;

/**
 * Lets bytes through at a rate, several askers in turn: urgent ones first, each kind in the order it asked. A piece goes as soon as those
 * before it are paid for, and is paid for afterwards: pieces should be small. After the generic cell rate algorithm (ITU-T I.371, annex A).
 */
export interface TokenBucket {
  /** Resolves when so many bytes may go. Rejects with the signal's reason when that comes first. */
  take(bytes: number, urgency: 'urgent' | 'bulk', signal?: AbortSignal): Promise<void>;
  /** Bytes per second; null: without a limit. Holds at once, for those who wait too. */
  setRate(bytesPerSecond: number | null): void;
  rate(): number | null;
}

interface Asker {
  readonly bytes: number;
  readonly go: () => void;
}

export function createTokenBucket(clock: Clock): TokenBucket {
  const queues = { urgent: [] as Asker[], bulk: [] as Asker[] };
  let rate: number | null = null;
  /** Everything that went is paid for by then. */
  let paidMs = -Infinity;
  let changed = new AbortController();
  let isPumping = false;

  async function pump(): Promise<void> {
    for (;;) {
      const queue = queues.urgent.length > 0 ? queues.urgent : queues.bulk;
      const [first] = queue;
      if (first === undefined) break;
      const nowMs = clock.monotonicMs();
      if (rate !== null && paidMs > nowMs) {
        // Another may be more urgent by then.
        await clock.sleep(paidMs - nowMs, changed.signal);
        continue;
      }
      queue.shift();
      pay(first.bytes, nowMs);
      first.go();
    }
    isPumping = false;
  }

  function pay(bytes: number, nowMs: number): void {
    if (rate !== null) paidMs = Math.max(paidMs, nowMs - BURST_MS) + (bytes * 1_000) / rate;
  }

  return {
    take(bytes, urgency, signal) {
      if (rate === null && queues.urgent.length + queues.bulk.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(asError(signal.reason));
        const queue = queues[urgency];
        const leave = (): void => {
          queue.splice(queue.indexOf(asker), 1);
          reject(asError(signal?.reason));
        };
        const asker: Asker = {
          bytes,
          go() {
            signal?.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal?.addEventListener('abort', leave, { once: true });
        queue.push(asker);
        if (isPumping) return;
        isPumping = true;
        void pump();
      });
    },
    setRate(next) {
      if (next === rate) return;
      const nowMs = clock.monotonicMs();
      const owedBytes = rate === null ? 0 : (Math.max(0, paidMs - nowMs) * rate) / 1_000;
      paidMs = next === null ? -Infinity : nowMs + (owedBytes * 1_000) / next;
      rate = next;
      changed.abort();
      changed = new AbortController();
    },
    rate: () => rate,
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
