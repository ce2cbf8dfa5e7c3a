import type { Cluster } from './cluster.ts';

export interface Faults {
  readonly counts: Readonly<Record<string, number>>;
  /** Ends the faults and puts everything back on its feet. */
  stop(): Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills and stops nodes, flushes and kills Redis, restarts and fails over PostgreSQL: one after the other, never all at once. */
export function startFaults(
  cluster: Cluster,
  options: { readonly random: () => number; readonly everyMs: number; readonly failOverAfterMs?: number },
): Faults {
  const { random } = options;
  const counts: Record<string, number> = {};
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  const began = performance.now();
  let isStopping = false;
  let hasFailedOver = false;

  async function fault(): Promise<void> {
    const at = Math.floor(random() * cluster.urls.length);
    const chance = random();
    if (
      !hasFailedOver &&
      options.failOverAfterMs !== undefined &&
      performance.now() - began > options.failOverAfterMs
    ) {
      hasFailedOver = true;
      await cluster.failOver();
      count('failover');
    } else if (chance < 0.4) {
      await cluster.node(at).kill();
      await cluster.startNode(at);
      count('node killed');
    } else if (chance < 0.8) {
      cluster.node(at).signal('SIGSTOP');
      // Some longer than the database waits for an author in the middle of a transaction.
      await sleep(200 + random() * (random() < 0.2 ? 7_000 : 1_000));
      cluster.node(at).signal('SIGCONT');
      count('node stopped');
    } else if (chance < 0.9) {
      await cluster.redis.flush().catch(() => undefined);
      count('redis flushed');
    } else if (chance < 0.95) {
      await cluster.redis.kill();
      await sleep(300);
      await cluster.redis.restart();
      count('redis restarted');
    } else {
      await cluster.primary().kill();
      await cluster.primary().restart();
      count('postgresql restarted');
    }
  }

  const running = (async () => {
    while (!isStopping) {
      await sleep(options.everyMs * (0.5 + random()));
      await fault();
    }
  })();
  return {
    counts,
    async stop() {
      isStopping = true;
      await running;
    },
  };
}
