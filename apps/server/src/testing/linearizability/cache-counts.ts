import { setTimeout as pass } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';

const EVERY_MS = 300;
const ANSWER_MS = 1_000;
const CACHES = { page_cache: 'redis', entry_cache: 'in process' } as const;
const LINE = /^onefold_(page_cache|entry_cache)_total\{outcome="(\w+)"\} (\d+)$/gm;

export interface CacheCounts {
  /** Look-ups by cache and outcome. At least so many: what a node counted between its last telling and its death is not among them. */
  readonly counts: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Counts, by what the nodes tell of themselves, how often their caches were asked and what they had. */
export function countCaches(cluster: Pick<Cluster, 'urls'>): CacheCounts {
  const counts: Record<string, number> = {};
  const last = new Map<string, number>();
  let isStopping = false;

  async function look(url: string): Promise<void> {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    for (const [, cache, outcome = '', value] of (await response.text()).matchAll(LINE)) {
      const name = `${CACHES[cache as keyof typeof CACHES]} ${outcome}`;
      const before = last.get(`${url} ${name}`) ?? 0;
      const now = Number(value);
      // A process that has just started counts from nothing.
      counts[name] = (counts[name] ?? 0) + (now < before ? now : now - before);
      last.set(`${url} ${name}`, now);
    }
  }

  const lookAtAll = (): Promise<unknown> => Promise.allSettled(cluster.urls.map(look));
  const running = (async () => {
    while (!isStopping) {
      await lookAtAll();
      await pass(EVERY_MS);
    }
    await lookAtAll();
  })();
  return {
    counts,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}
