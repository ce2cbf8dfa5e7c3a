import { uploadResponse } from '@onefold/protocol';
import type { S3Access } from '../../../../tools/engines/ceph.ts';
import { withCluster, type Cluster } from './linearizability/cluster.ts';
import { randomId } from './test-account.ts';
import { createClient, createFile, randomBlock, valueOf } from './test-client.ts';
import { announce, putPack, through } from './test-uploads.ts';

/** Two nodes on the bucket `halves` of a store; nobody sweeps, so what an upload becomes is the work of its calls alone. */
export async function withUnswept<T>(
  store: S3Access,
  bug: string | undefined,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const config = {
    sweepEveryMs: 3_600_000,
    s3: { ...store, bucket: 'halves', prefix: `${randomId(8)}/`, deadlineMs: 3_000 },
  };
  return withCluster({ nodes: 2, bug, config }, work);
}

/** How many uploads whose last two blocks came through two nodes at once were whole afterwards, until one was not. */
export async function uploadInHalves(cluster: Cluster, rounds: number): Promise<number> {
  const [a = '', b = ''] = cluster.urls;
  const client = await createClient(a);
  let whole = 0;
  for (let round = 0; round < rounds; round++) {
    const blocks = [randomBlock(20_000), randomBlock(20_000)] as const;
    const uploadId = await announce(client, blocks);
    await Promise.all([putPack(client, uploadId, [blocks[0]]), putPack(through(client, b), uploadId, [blocks[1]])]);
    const { state } = valueOf(await client.call('GET', client.path(`/uploads/${uploadId}`), uploadResponse));
    if (state !== 'uploaded') break;
    whole++;
    const { outcome } = valueOf(await client.commit([createFile(blocks)], { uploadId }));
    if (outcome !== 'committed') throw new Error(`an entry whose blocks are stored was ${outcome}`);
  }
  return whole;
}
