import { createHash } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  directPackRequest,
  directPackResponse,
  locateBlocksResponse,
  putPackResponse,
  readBlocksRequest,
  type Hash,
} from '@onefold/protocol';
import { engineFolder } from './testing/engine-folder.ts';
import { startFaultyStore, type FaultyStore, type StoreFault } from './testing/faulty-store.ts';
import { startCluster, type Cluster } from './testing/linearizability/cluster.ts';
import { useCeph } from './testing/test-ceph.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './testing/test-client.ts';
import { announce, unreadable } from './testing/test-uploads.ts';

const ceph = useCeph(['direct']);
const DEADLINE_MS = 3_000;
/** Calls of devices and of nodes that have failed when a fault may end. */
const FELT = 6;

/** Sends blocks past the server, by an address that a node gave, and tells a node. */
async function sendDirectly(client: TestClient, blocks: readonly TestBlock[]) {
  const uploadId = await announce(client, blocks);
  const { packId, bytes } = packOf(blocks);
  const sha256 = createHash('sha256').update(bytes).digest('hex') as Hash;
  const path = client.path(`/packs/${packId}`);
  const asked = { schema: directPackRequest, value: { sizeBytes: bytes.length, sha256 } };
  const granted = await client.call('POST', `${path}/direct?upload=${uploadId}`, directPackResponse, asked);
  const { url, headers } = valueOf(granted);
  const body = bytes as Uint8Array<ArrayBuffer>;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  // Whether it is there a node finds out: that the store answered otherwise, or not at all, says nothing.
  await fetch(url, { method: 'PUT', headers: Object.fromEntries(headers), body, signal }).catch(() => undefined);
  const { stored } = valueOf(await client.call('POST', `${path}/stored?upload=${uploadId}`, putPackResponse));
  expect(stored).toBe(blocks.length);
  return uploadId;
}

/** Reads a block from the store itself. Undefined where a call fails. */
async function readDirectly(client: TestClient, block: TestBlock): Promise<Uint8Array | undefined> {
  try {
    const asked = { schema: readBlocksRequest, value: { blocks: [block.ctHash] } };
    const located = await client.call('POST', client.path('/blocks/locate'), locateBlocksResponse, asked);
    const { urls, places } = valueOf(located);
    const [place] = places;
    if (place == null) return new Uint8Array();
    const range = `bytes=${place.offset}-${place.offset + place.length - 1}`;
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const answer = await fetch(urls[place.url] ?? '', { headers: { range }, signal });
    return answer.status === 206 ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

describe('devices that reach the store by themselves, while it is at fault', () => {
  const own = engineFolder();
  let proxy: FaultyStore;
  let cluster: Cluster;
  const kept: { client: TestClient; blocks: TestBlock[] }[] = [];

  beforeAll(async () => {
    proxy = await startFaultyStore(ceph().access.endpoint);
    const { endpoint } = proxy;
    cluster = await startCluster({
      folder: own.path,
      nodes: 2,
      config: {
        s3: { ...ceph().access, endpoint, deviceEndpoint: endpoint, bucket: 'direct', deadlineMs: DEADLINE_MS },
      },
    });
    for (const at of [0, 1]) kept.push({ client: await createClient(cluster.urls[at] ?? ''), blocks: [] });
  });
  afterAll(async () => {
    await cluster.end();
    proxy.close();
    own.remove();
  });

  test.each<[StoreFault, string]>([
    ['slow', 'is slow'],
    ['refusing', 'answers 503'],
    ['forgetful', 'does its work and answers 500'],
    ['cutting', 'is cut off amid its answers'],
    ['hanging', 'does not answer'],
  ])('%s: that it %s costs no acknowledged byte', async (fault) => {
    let isOver = false;
    let failures = 0;
    const wrong: string[] = [];
    const writing = kept.map(async ({ client, blocks: own }) => {
      while (!isOver) {
        const blocks = [randomBlock(30_000), randomBlock(200_000)];
        try {
          const uploadId = await sendDirectly(client, blocks);
          const { outcome } = valueOf(await client.commit([createFile(blocks)], { uploadId }));
          // What a node has called stored is stored.
          if (outcome !== 'committed') wrong.push(outcome);
          own.push(...blocks);
        } catch {
          failures++;
          await pass(20);
        }
      }
    });
    const reading = kept.map(async ({ client, blocks }) => {
      while (!isOver) {
        await pass(20);
        const block = blocks[Math.floor(Math.random() * blocks.length)];
        if (block === undefined) continue;
        const bytes = await readDirectly(client, block);
        if (bytes === undefined) failures++;
        else if (Buffer.compare(bytes, block.sealed) !== 0) wrong.push(block.ctHash);
      }
    });
    const written = async (): Promise<void> => {
      const before = kept.map(({ blocks }) => blocks.length);
      const fewest = (): number => Math.min(...kept.map(({ blocks }, i) => blocks.length - (before[i] ?? 0)));
      await expect.poll(fewest, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(4);
    };
    try {
      await written();
      const before = failures;
      proxy.set(fault);
      // Slowness is borne; of anything else somebody is told.
      if (fault === 'slow') await written();
      else await expect.poll(() => failures, { timeout: 60_000, interval: 50 }).toBeGreaterThan(before + FELT);
      proxy.set('none');
      await written();
    } finally {
      isOver = true;
      proxy.set('none');
    }
    await Promise.all([...writing, ...reading]);
    expect(wrong).toEqual([]);
    for (const { client, blocks } of kept) {
      expect(await unreadable(client, blocks)).toEqual([]);
      for (const block of blocks.slice(-20))
        expect(Buffer.compare((await readDirectly(client, block)) ?? new Uint8Array(), block.sealed)).toBe(0);
    }
  });
});
