/** Runs much work, each piece under a key, so that no key can hold up the others. */
export interface Lanes {
  /** Work must not throw. */
  add(key: string, work: () => Promise<void>): void;
  /** Starts nothing more, and waits for what runs. */
  close(): Promise<void>;
}

/** At most `most` at once, and `mostOfKey` of one key; keys take turns. */
export function createLanes(most: number, mostOfKey: number): Lanes {
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const runningOf = new Map<string, number>();
  const running = new Set<Promise<void>>();

  function startMore(): void {
    // A key that has more goes behind the others, and comes up again in this very loop.
    for (const [key, works] of waiting) {
      if (running.size >= most) return;
      const count = runningOf.get(key) ?? 0;
      if (count >= mostOfKey) continue;
      const work = works.shift();
      waiting.delete(key);
      if (works.length > 0) waiting.set(key, works);
      if (work === undefined) continue;
      runningOf.set(key, count + 1);
      const ending = work().finally(() => {
        running.delete(ending);
        const left = (runningOf.get(key) ?? 1) - 1;
        if (left > 0) runningOf.set(key, left);
        else runningOf.delete(key);
        startMore();
      });
      running.add(ending);
    }
  }

  return {
    add(key, work) {
      const works = waiting.get(key);
      if (works === undefined) waiting.set(key, [work]);
      else works.push(work);
      startMore();
    },
    async close() {
      waiting.clear();
      await Promise.all(running);
    },
  };
}
