/*
 * Memory for what is being received. A share goes
 *
 *   waiting -> held, arriving -> held, arrived -> given back
 *                   \-> cut: it has arrived for longer than the patience, and the first in line has waited as long
 *
 * so senders that fall asleep hold no one up, and slow ones are cut only while others wait for their share.
 */

/** A share of the budget. */
export interface ByteShare {
  /** All bytes are here: from now on the share is never cut. */
  arrived(): void;
  giveBack(): void;
}

/** Lets work begin while the bytes it holds stay below a limit; the rest waits its turn, first come, first served. */
export interface ByteBudget {
  /** Resolves when there is room. One piece of work larger than the limit runs alone. `cut` must end the work, which then gives its share back. */
  take(sizeBytes: number, cut: () => void): Promise<ByteShare>;
  /** Takes a place in line away again; its promise never resolves. Does nothing once there is a share. */
  leave(cut: () => void): void;
  readonly heldBytes: number;
  readonly waiting: number;
}

interface Holder {
  readonly sinceMs: number;
  readonly cut: () => void;
}

interface Waiter {
  readonly sizeBytes: number;
  readonly sinceMs: number;
  readonly cut: () => void;
  readonly start: (share: ByteShare) => void;
}

/** `nowMs` and `later` are the caller's clock; `later` runs its work once after the delay. */
export function createByteBudget(
  limitBytes: number,
  patienceMs: number,
  clock: { readonly nowMs: () => number; readonly later: (work: () => void, delayMs: number) => void },
): ByteBudget {
  let heldBytes = 0;
  let isLooking = false;
  const queue: Waiter[] = [];
  /** In order of starting. */
  const arriving = new Set<Holder>();

  function admit(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (heldBytes > 0 && heldBytes + next.sizeBytes > limitBytes) break;
      queue.shift();
      next.start(hold(next));
    }
    if (queue.length > 0) lookLater();
  }

  function hold({ sizeBytes, cut }: Waiter): ByteShare {
    heldBytes += sizeBytes;
    const holder: Holder = { sinceMs: clock.nowMs(), cut };
    arriving.add(holder);
    let isHeld = true;
    return {
      arrived: () => void arriving.delete(holder),
      giveBack() {
        if (!isHeld) return;
        isHeld = false;
        arriving.delete(holder);
        heldBytes -= sizeBytes;
        admit();
      },
    };
  }

  function lookLater(): void {
    if (isLooking) return;
    isLooking = true;
    clock.later(() => {
      isLooking = false;
      const [first] = queue;
      if (first === undefined) return;
      const nowMs = clock.nowMs();
      const [oldest] = arriving;
      const isDue = nowMs - first.sinceMs >= patienceMs;
      if (isDue && oldest !== undefined && nowMs - oldest.sinceMs >= patienceMs) {
        arriving.delete(oldest);
        oldest.cut();
      }
      lookLater();
    }, patienceMs / 4);
  }

  return {
    take: (sizeBytes, cut) =>
      new Promise((start) => {
        queue.push({ sizeBytes, sinceMs: clock.nowMs(), cut, start });
        admit();
      }),
    leave(cut) {
      const at = queue.findIndex((waiter) => waiter.cut === cut);
      if (at === -1) return;
      queue.splice(at, 1);
      admit();
    },
    get heldBytes() {
      return heldBytes;
    },
    get waiting() {
      return queue.length;
    },
  };
}
