import { Readable } from 'node:stream';
import { createTokenBucket, type TokenBucket } from '../../sync/token-bucket.ts';
import { systemClock } from '../machine/clock.ts';

/** How fast this device may send and fetch, shared by everything that talks to its server. Bodies are counted, headers are not. */
export interface Pace {
  readonly up: TokenBucket;
  readonly down: TokenBucket;
}

/** Without limits until somebody sets them. */
export function createPace(): Pace {
  return { up: createTokenBucket(systemClock), down: createTokenBucket(systemClock) };
}

const MOST_PIECE_BYTES = 64 * 1024;
const LEAST_PIECE_BYTES = 1024;
/** Under a limit a piece is a twentieth of a second's worth, so that whatever is urgent waits no longer than that. */
const PIECES_PER_SECOND = 20;

/** The time a call may take, less what it waits for its turn. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The time of `work` does not count. */
  outside<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

export function createDeadline(deadlineMs: number): Deadline {
  const controller = new AbortController();
  let leftMs = deadlineMs;
  let sinceMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let outside = 0;

  function run(): void {
    sinceMs = performance.now();
    timer = setTimeout(() => controller.abort(), leftMs);
  }

  function halt(): void {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    leftMs -= performance.now() - sinceMs;
  }

  run();
  return {
    signal: controller.signal,
    async outside(work) {
      if (outside++ === 0) halt();
      try {
        return await work;
      } finally {
        if (--outside === 0) run();
      }
    },
    end() {
      // Never runs again: who is still outside has lost interest.
      outside = Infinity;
      halt();
    },
  };
}

/** One call's way through the pace. */
export interface Turns {
  send(body: Uint8Array): Readable;
  received(bytes: number): Promise<void>;
}

export function createTurns(
  { up, down }: Pace,
  deadline: Deadline,
  urgency: 'urgent' | 'bulk',
  signal: AbortSignal,
): Turns {
  async function* pieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < body.length;) {
      const piece = body.subarray(at, at + pieceBytes(up.rate()));
      if (up.rate() !== null) await deadline.outside(up.take(piece.length, urgency, signal));
      yield piece;
      at += piece.length;
    }
  }
  return {
    send: (body) => Readable.from(pieces(body), { objectMode: false }),
    async received(bytes) {
      if (down.rate() !== null) await deadline.outside(down.take(bytes, urgency, signal));
    },
  };
}

function pieceBytes(rate: number | null): number {
  if (rate === null) return MOST_PIECE_BYTES;
  return Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, Math.round(rate / PIECES_PER_SECOND)));
}
