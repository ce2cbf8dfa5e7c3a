/** Lets work begin while the bytes it holds stay below a limit; the rest waits its turn, first come, first served. */
export interface ByteBudget {
  /** Resolves when there is room; the answer gives the bytes back. One piece of work larger than the limit runs alone. */
  take(sizeBytes: number): Promise<() => void>;
}

export function createByteBudget(limitBytes: number): ByteBudget {
  let heldBytes = 0;
  const queue: { readonly sizeBytes: number; readonly start: () => void }[] = [];
  function admit(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (heldBytes > 0 && heldBytes + next.sizeBytes > limitBytes) return;
      queue.shift();
      heldBytes += next.sizeBytes;
      next.start();
    }
  }
  return {
    take: (sizeBytes) =>
      new Promise((resolve) => {
        let isHeld = true;
        const giveBack = (): void => {
          if (!isHeld) return;
          isHeld = false;
          heldBytes -= sizeBytes;
          admit();
        };
        queue.push({ sizeBytes, start: () => resolve(giveBack) });
        admit();
      }),
  };
}
