import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCeph, type CephS3 } from '../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../tools/engines/s3-bucket.ts';
import { engineFolder } from './testing/engine-folder.ts';
import { startCluster, type Cluster } from './testing/linearizability/cluster.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import {
  createClient,
  createFile,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './testing/test-client.ts';
import { announce, putPack, through, unreadable } from './testing/test-uploads.ts';

const folder = engineFolder();
let ceph: CephS3;

beforeAll(async () => {
  ceph = await startCeph({ folder: folder.path });
  await makeBucket(ceph.access, 'packs');
});
afterAll(async () => {
  await ceph.kill();
  folder.remove();
});

const GRACE_MS = 1_000;
const BLOCKS = 40;
const CLIENTS = 3;
const ROUNDS = 2;

/** Two nodes that collect all the time, with a grace as short as it may be. */
async function withCollectors<T>(bug: string | undefined, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const own = engineFolder();
  const cluster = await startCluster({
    folder: own.path,
    nodes: 2,
    ...(bug === undefined ? {} : { bug }),
    config: {
      uploadExpiryMs: GRACE_MS,
      sweepEveryMs: 50,
      collection: { everyMs: 50, graceMs: GRACE_MS, condemnedMs: 300, scrubBytesPerSecond: 0 },
      s3: { ...ceph.access, bucket: 'packs' },
    },
  });
  try {
    return await work(cluster);
  } finally {
    await cluster.end();
    own.remove();
  }
}

interface Found {
  readonly committed: number;
  /** Said to be missing although they had just been taken in. */
  readonly forgotten: number;
  /** Used by a version and not there any more. */
  readonly lost: number;
}

/** Sends blocks, lets their grace run out, and sends and uses each of them again just when they are collected. */
async function reuploadAmidCollection(client: TestClient, other: TestClient): Promise<Found> {
  const blocks = Array.from({ length: BLOCKS }, () => randomBlock());
  const first = await announce(client, blocks);
  for (const block of blocks) await putPack(client, first, [block]);
  await pass(GRACE_MS - 100);
  const used: TestBlock[] = [];
  let forgotten = 0;
  for (const block of blocks) {
    const again = await announce(other, [block]);
    // What was collected while it arrived is asked for once more.
    await putPack(other, again, [block]).catch(() => putPack(other, again, [block]));
    const { outcome } = valueOf(await client.commit([createFile([block])], { uploadId: again }));
    if (outcome === 'committed') used.push(block);
    else forgotten++;
  }
  await pass(2 * GRACE_MS);
  return { committed: used.length, forgotten, lost: (await unreadable(client, used)).length };
}

async function total(cluster: Cluster, rounds: number): Promise<Found> {
  const [a = '', b = ''] = cluster.urls;
  const sum = { committed: 0, forgotten: 0, lost: 0 };
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => createClient(a)));
  for (let round = 0; round < rounds; round++) {
    const found = await Promise.all(clients.map((client) => reuploadAmidCollection(client, through(client, b))));
    for (const { committed, forgotten, lost } of found) {
      sum.committed += committed;
      sum.forgotten += forgotten;
      sum.lost += lost;
    }
  }
  return sum;
}

describe('blocks that are sent again while they are collected', () => {
  test('are kept, whichever of the two comes first', async () => {
    const found = await withCollectors(undefined, (cluster) => total(cluster, ROUNDS));
    expect(found).toEqual({ committed: ROUNDS * CLIENTS * BLOCKS, forgotten: 0, lost: 0 });
  });

  test.each(bugsFoundBy('collection'))('the check finds a planted bug: %s', async (bug) => {
    const { forgotten, lost } = await withCollectors(bug, (cluster) => total(cluster, ROUNDS));
    expect(forgotten + lost).toBeGreaterThan(0);
  });
});
