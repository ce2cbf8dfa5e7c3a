import type { S3Access } from '../../../../../tools/engines/ceph.ts';
import { engineFolder } from '../engine-folder.ts';
import { randomId } from '../test-account.ts';
import { startCluster } from './cluster.ts';
import { runWorkload } from './run.ts';

/** Most bugs show within a second or two: the longest that one may take is ten of these. */
const ROUND_MS = 4_000;
const MOST_ROUNDS = 10;
const LOAD = { clients: 15, hotNodes: 5, writeShare: 0.4, durationMs: ROUND_MS };

export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A store's bucket `packs` as the nodes of one cluster use it. */
export function storeOfCluster(store: S3Access) {
  const { endpoint } = store;
  return { ...store, bucket: 'packs', prefix: `${randomId(8)}/`, deviceEndpoint: endpoint, deadlineMs: 3_000 };
}

/** What the check says of two nodes with this bug, or of sound ones, in the first of some rounds in which it says anything. */
export async function problemsOf(
  bug: string | undefined,
  options: { readonly store: S3Access; readonly seed: number; readonly rounds?: number },
): Promise<{ readonly problems: readonly string[]; readonly rounds: number }> {
  const folder = engineFolder();
  const cluster = await startCluster({
    ...{ folder: folder.path, nodes: 2, config: { s3: storeOfCluster(options.store) } },
    ...(bug === undefined ? {} : { bug }),
  });
  const random = seeded(options.seed);
  const most = options.rounds ?? MOST_ROUNDS;
  try {
    for (let rounds = 1; ; rounds++) {
      const { problems } = await runWorkload(cluster, { ...LOAD, random });
      if (problems.length > 0 || rounds === most) return { problems, rounds };
    }
  } finally {
    await cluster.end();
    folder.remove();
  }
}
