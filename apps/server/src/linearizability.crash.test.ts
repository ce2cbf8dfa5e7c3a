import { describe, expect, onTestFinished, test } from 'vitest';
import { engineFolder } from './testing/engine-folder.ts';
import { startCluster, type Cluster, type ClusterOptions } from './testing/linearizability/cluster.ts';
import { problemsOf, seeded, storeOfCluster } from './testing/linearizability/find-bug.ts';
import { startFaults, type Faults } from './testing/linearizability/faults.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import { runWorkload } from './testing/linearizability/run.ts';
import { useCeph } from './testing/test-ceph.ts';

const SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 32);

const ceph = useCeph(['packs']);

async function start(options: Omit<ClusterOptions, 'folder' | 'config'>): Promise<Cluster> {
  const folder = engineFolder();
  const config = { s3: storeOfCluster(ceph().access) };
  const cluster = await startCluster({ ...options, folder: folder.path, config });
  onTestFinished(async () => {
    await cluster.end();
    folder.remove();
  });
  return cluster;
}

const HOT_NODES = 5;
const CLIENTS = 15;
/** Faults after which the history is long enough; the failover is one of the first. */
const FAULTS = 12;
const LONGEST_MS = 40_000;
const FAIL_OVER_AFTER_MS = 10_000;
describe('many clients on three nodes', () => {
  test(`see one journal, whatever is killed, stopped, flushed and failed over (seed ${SEED})`, async () => {
    const cluster = await start({ nodes: 3, hasStandby: true });
    const random = seeded(SEED);
    let faults: Faults | undefined;
    const happened = (): number => Object.values(faults?.counts ?? {}).reduce((sum, count) => sum + count, 0);
    const { problems, outcomes, blocks } = await runWorkload(cluster, {
      ...{ clients: CLIENTS, hotNodes: HOT_NODES, writeShare: 0.3, random, durationMs: LONGEST_MS, operations: 1 },
      isEnough: () => happened() >= FAULTS && faults?.counts['failover'] === 1,
      begin: (load) =>
        (faults = startFaults(cluster, load, {
          ...{ random, everyMs: 700, failOverAfterMs: FAIL_OVER_AFTER_MS, store: ceph() },
        })),
    });
    expect(problems).toEqual([]);
    expect(outcomes['committed']).toBeGreaterThan(20);
    expect(outcomes['read']).toBeGreaterThan(100);
    // What is never asked, or never told, is never found wrong.
    for (const kind of ['versions', 'skipped', 'snapshot', 'blocks', 'announced', 'silence'])
      expect(outcomes[kind], kind).toBeGreaterThan(0);
    for (const way of ['inline', 'upload', 'direct']) expect(blocks[way], way).toBeGreaterThan(0);
    expect(faults?.counts['failover']).toBe(1);
  });

  test.each(bugsFoundBy('history'))(`the check finds a planted bug: %s (seed ${SEED})`, async (bug) => {
    const { problems } = await problemsOf(bug, { store: ceph().access, seed: SEED });
    expect(problems).not.toEqual([]);
  });
});
