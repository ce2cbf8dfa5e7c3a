import type { CephS3 } from '../../../../../tools/engines/ceph.ts';
import type { Cluster } from './cluster.ts';
import type { Load } from './run.ts';

export interface Faults {
  readonly counts: Readonly<Record<string, number>>;
  /** Ends the faults and puts everything back on its feet. */
  stop(): Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long is waited for a commit to be on its way at the node that is to be killed or stopped. */
const MID_COMMIT_MS = 2_000;
const MOST_STARTS = 20;

/** Kills and stops nodes, flushes and kills Redis, restarts and fails over PostgreSQL, stops the object store: one after the other, never all at once. */
export function startFaults(
  cluster: Cluster,
  load: Load,
  options: {
    readonly random: () => number;
    readonly everyMs: number;
    readonly failOverAfterMs?: number;
    readonly store?: CephS3;
  },
): Faults {
  const { random } = options;
  const counts: Record<string, number> = {};
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  const began = performance.now();
  let isStopping = false;
  let hasFailedOver = false;

  /** Waits until the node has a commit to answer, and says whether it has. */
  async function midCommit(at: number): Promise<string> {
    const url = cluster.urls[at] ?? '';
    const untilMs = performance.now() + MID_COMMIT_MS;
    while (load.commitsInFlight(url) === 0 && performance.now() < untilMs) await sleep(1);
    return load.commitsInFlight(url) > 0 ? ' amid a commit' : '';
  }

  /** As a service manager does: a node that finds no store or no database when it starts ends, and is started once more. */
  async function startAgain(at: number): Promise<void> {
    for (let tries = 1; ; tries++)
      try {
        await cluster.startNode(at);
        return;
      } catch (thrown) {
        if (tries === MOST_STARTS) throw thrown;
        count('start tried again');
        await sleep(1_000);
      }
  }

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
      const when = await midCommit(at);
      await cluster.node(at).kill();
      await startAgain(at);
      count(`node killed${when}`);
    } else if (chance < 0.75) {
      const when = await midCommit(at);
      cluster.node(at).signal('SIGSTOP');
      // Some longer than the database waits for an author in the middle of a transaction.
      await sleep(200 + random() * (random() < 0.2 ? 7_000 : 1_000));
      cluster.node(at).signal('SIGCONT');
      count(`node stopped${when}`);
    } else if (chance < 0.8 && options.store !== undefined) {
      options.store.osd().signal('SIGSTOP');
      // Some longer than a node waits for its store.
      await sleep(500 + random() * 5_000);
      options.store.osd().signal('SIGCONT');
      count('store stopped');
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
