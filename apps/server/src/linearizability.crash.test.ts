import { describe, expect, onTestFinished, test } from 'vitest';
import { engineFolder } from './testing/engine-folder.ts';
import { startCluster, type ClusterOptions } from './testing/linearizability/cluster.ts';
import { startFaults, type Faults } from './testing/linearizability/faults.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import { runWorkload, type RunResult } from './testing/linearizability/run.ts';

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const SEED = Number(process.env['ONEFOLD_SEED'] ?? Date.now() % 2 ** 32);

async function run(
  cluster: Omit<ClusterOptions, 'folder'>,
  load: { durationMs: number; clients: number; writeShare: number; hasFaults?: boolean },
): Promise<RunResult & { faults: Faults | undefined }> {
  const folder = engineFolder();
  const started = await startCluster({ ...cluster, folder: folder.path });
  onTestFinished(async () => {
    await started.end();
    folder.remove();
  });
  const random = seeded(SEED);
  let faults: Faults | undefined;
  const { durationMs } = load;
  const result = await runWorkload(started, {
    ...load,
    hotNodes: 5,
    random,
    ...(load.hasFaults === true
      ? {
          begin: (load) =>
            (faults = startFaults(started, load, { random, everyMs: 1_500, failOverAfterMs: durationMs / 2 })),
        }
      : {}),
  });
  return { ...result, faults };
}

describe('many clients on three nodes', () => {
  test(`see one journal, whatever is killed, stopped, flushed and failed over (seed ${SEED})`, async () => {
    const { problems, committed, reads, faults } = await run(
      { nodes: 3, hasStandby: true },
      { durationMs: 40_000, clients: 15, writeShare: 0.3, hasFaults: true },
    );
    expect(problems).toEqual([]);
    expect(committed).toBeGreaterThan(20);
    expect(reads).toBeGreaterThan(100);
    expect(faults?.counts['failover']).toBe(1);
  });

  test.each(bugsFoundBy('history'))(`the check finds a planted bug: %s (seed ${SEED})`, async (bug) => {
    const { problems } = await run({ nodes: 2, bug }, { durationMs: 12_000, clients: 15, writeShare: 0.4 });
    expect(problems).not.toEqual([]);
  });
});
