import type { Clock } from '../../ports.ts';

/** A change that lasts this long is told: people look at minutes, and devices at work go to and fro. */
const LASTS_MS = 3_000;
/** After the server could not be told. */
const AGAIN_MS = 60_000;

/** Tells the server when this device comes in step and when it no longer is, for the account's other devices to show. */
export interface InStepTeller {
  /** The state may have changed. */
  look(): void;
  /** The server is reached anew: what it knew may be old. */
  connected(): void;
  close(): void;
}

export function createInStepTeller(options: {
  readonly clock: Clock;
  /** Null: not known. */
  readonly isInStep: () => boolean | null;
  readonly isConnected: () => boolean;
  readonly tell: (isInStep: boolean) => Promise<void>;
}): InStepTeller {
  const { clock } = options;
  const closing = new AbortController();
  let told: boolean | null = null;
  let isWaiting = false;

  async function wait(delayMs: number): Promise<void> {
    isWaiting = true;
    const before = options.isInStep();
    await clock.sleep(delayMs, closing.signal);
    isWaiting = false;
    const now = options.isInStep();
    if (closing.signal.aborted || now === null || now === told || !options.isConnected()) return;
    if (now !== before) return look();
    try {
      await options.tell(now);
      told = now;
      look();
    } catch {
      await wait(AGAIN_MS);
    }
  }

  function look(): void {
    const now = options.isInStep();
    if (isWaiting || closing.signal.aborted || now === null || now === told) return;
    void wait(LASTS_MS);
  }

  return {
    look,
    connected() {
      told = null;
      look();
    },
    close: () => closing.abort(),
  };
}
