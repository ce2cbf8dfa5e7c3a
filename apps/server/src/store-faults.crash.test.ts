import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadResponse } from '@onefold/protocol';
import { startCeph, type CephS3 } from '../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../tools/engines/s3-bucket.ts';
import { engineFolder } from './testing/engine-folder.ts';
import { startCluster, type Cluster } from './testing/linearizability/cluster.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import { createClient, createFile, randomBlock, valueOf, type TestBlock } from './testing/test-client.ts';
import { announce, putPack, through, unreadable } from './testing/test-uploads.ts';

const folder = engineFolder();
let ceph: CephS3;

beforeAll(async () => {
  ceph = await startCeph({ folder: folder.path, keeps: 'disk' });
  await makeBucket(ceph.access, 'packs');
});
afterAll(async () => {
  await ceph.kill();
  folder.remove();
});

/** Two nodes on one store; nobody sweeps, so what an upload becomes is the work of its calls alone. */
async function withCluster(bug: string | undefined, work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const own = engineFolder();
  const cluster = await startCluster({
    folder: own.path,
    nodes: 2,
    ...(bug === undefined ? {} : { bug }),
    config: { sweepEveryMs: 3_600_000, s3: { ...ceph.access, bucket: 'packs', deadlineMs: 3_000 } },
  });
  try {
    await work(cluster);
  } finally {
    await cluster.end();
    own.remove();
  }
}

/** How many of the uploads whose last two blocks came through two nodes at once are whole afterwards. */
async function uploadInHalves(cluster: Cluster, rounds: number): Promise<number> {
  const [a = '', b = ''] = cluster.urls;
  const client = await createClient(a);
  let whole = 0;
  for (let round = 0; round < rounds; round++) {
    const blocks = [randomBlock(20_000), randomBlock(20_000)] as const;
    const uploadId = await announce(client, blocks);
    await Promise.all([putPack(client, uploadId, [blocks[0]]), putPack(through(client, b), uploadId, [blocks[1]])]);
    const { state } = valueOf(await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse));
    if (state === 'uploaded') whole++;
    expect(valueOf(await client.commit([createFile(blocks)], { uploadId })).outcome).toBe('committed');
  }
  return whole;
}

describe('uploads over two nodes and one store', () => {
  test('two nodes that store the last two blocks at once leave no upload waiting', async () => {
    await withCluster(undefined, async (cluster) => expect(await uploadInHalves(cluster, 15)).toBe(15));
  });

  test.each(bugsFoundBy('uploads'))('the check finds a planted bug: %s', async (bug) => {
    await withCluster(bug, async (cluster) => expect(await uploadInHalves(cluster, 5)).toBeLessThan(5));
  });

  test('a store that is stopped, killed and cut off loses no acknowledged byte', async () => {
    await withCluster(undefined, async (cluster) => {
      const clients = await Promise.all([0, 1, 0].map((at) => createClient(cluster.urls[at] ?? '')));
      const kept = clients.map((): TestBlock[] => []);
      const refused: string[] = [];
      let isOver = false;
      const writing = clients.map(async (client, i) => {
        while (!isOver) {
          const blocks = [randomBlock(30_000), randomBlock(200_000)];
          try {
            const uploadId = await announce(client, blocks);
            await putPack(client, uploadId, blocks);
            const answer = valueOf(await client.commit([createFile(blocks)], { uploadId }));
            if (answer.outcome === 'committed') kept[i]?.push(...blocks);
            else await client.catchUp();
          } catch (thrown) {
            refused.push(String(thrown));
          }
        }
      });
      const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
      await sleep(2_000);
      ceph.osd().signal('SIGSTOP');
      await sleep(5_000);
      ceph.osd().signal('SIGCONT');
      await sleep(2_000);
      await ceph.restartOsd();
      await sleep(6_000);
      await ceph.restartGateway();
      await sleep(4_000);
      isOver = true;
      await Promise.all(writing);
      expect(kept.flat().length).toBeGreaterThan(10);
      // A store that hangs is told as such, and as nothing else.
      for (const words of refused) expect(words).toMatch(/503 server-error/);
      expect(refused.length).toBeGreaterThan(0);
      for (const [i, client] of clients.entries()) expect(await unreadable(client, kept[i] ?? [])).toEqual([]);
    });
  });
});
