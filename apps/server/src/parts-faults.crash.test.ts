import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { fsck } from './admin/fsck.ts';
import { openPostgres } from './metadata/postgres.ts';
import { openS3PackStore } from './packs/s3.ts';
import { engineFolder } from './testing/engine-folder.ts';
import { startFaultyStore } from './testing/faulty-store.ts';
import { startCluster } from './testing/linearizability/cluster.ts';
import { useCeph } from './testing/test-ceph.ts';
import { createClient, createFile, randomBlock, valueOf, type TestBlock } from './testing/test-client.ts';
import { announce, putPack, through, unreadable } from './testing/test-uploads.ts';

const ceph = useCeph(['parts']);
const MIB = 1024 * 1024;
const GRACE_MS = 8_000;
const ROUNDS = 3;

/** Two parts, and a little more than the first. */
const largeBlocks = (): TestBlock[] => [randomBlock(3 * MIB), randomBlock(3 * MIB)];

test('a node that dies between the parts of a pack leaves nothing for good, and costs no committed block', async () => {
  const own = engineFolder();
  const proxy = await startFaultyStore(ceph().access.endpoint);
  const cluster = await startCluster({
    folder: own.path,
    nodes: 2,
    config: {
      uploadExpiryMs: GRACE_MS,
      sweepEveryMs: 500,
      collection: { everyMs: 500, graceMs: GRACE_MS, condemnedMs: 500, scrubBytesPerSecond: 0 },
      s3: { ...ceph().access, endpoint: proxy.endpoint, bucket: 'parts' },
    },
  });
  const { endpoint, region, ...credentials } = ceph().access;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  onTestFinished(async () => {
    s3.destroy();
    await cluster.end();
    proxy.close();
    own.remove();
  });
  const unfinished = async (): Promise<number> =>
    ((await s3.send(new ListMultipartUploadsCommand({ Bucket: 'parts' }))).Uploads ?? []).length;
  const [a = '', b = ''] = cluster.urls;
  const client = await createClient(a);
  const committed: TestBlock[] = [];

  for (let round = 0; round < ROUNDS; round++) {
    const blocks = largeBlocks();
    const first = await announce(client, blocks);
    proxy.set('parted');
    const before = proxy.secondParts();
    const sending = putPack(client, first, blocks).then(
      () => 'answered',
      () => 'cut off',
    );
    await expect.poll(() => proxy.secondParts(), { interval: 10 }).toBeGreaterThan(before);
    await cluster.node(0).kill();
    expect(await sending).toBe('cut off');
    proxy.set('none');
    // The store keeps what came of it, and no listing of objects shows it.
    expect(await unfinished()).toBeGreaterThan(0);
    // The device goes on at the other node; there the pack goes in parts as well.
    const other = through(client, b);
    const again = await announce(other, blocks);
    await putPack(other, again, blocks);
    const entry = client.sign([createFile(blocks)]);
    const answer = valueOf(await other.send({ entry, uploadId: again }));
    expect(answer.outcome).toBe('committed');
    client.head = other.head;
    committed.push(...blocks);
    await cluster.startNode(0);
  }
  // Another one is begun and its device never comes again.
  await putPack(client, await announce(client, []), largeBlocks());

  await expect.poll(unfinished, { timeout: 60_000, interval: 500 }).toBe(0);
  const metadata = await openPostgres({ urls: [cluster.primary().url] });
  const options = { bucket: 'parts', prefix: '', partBytes: 5 * MIB, deadlineMs: 10_000, nowMs: Date.now };
  const packs = await openS3PackStore({ ...ceph().access, ...options });
  onTestFinished(async () => {
    await packs.close();
    await metadata.close();
  });
  const left = async (): Promise<number> => {
    const { blocks, strayObjects } = await fsck(metadata, packs);
    return blocks + strayObjects.length;
  };
  await expect.poll(left, { timeout: 60_000, interval: 1_000 }).toBe(committed.length);
  expect((await fsck(metadata, packs)).damage).toEqual([]);
  expect(await unreadable(client, committed)).toEqual([]);
});
