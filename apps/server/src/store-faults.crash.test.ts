import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CephS3 } from '../../../tools/engines/ceph.ts';
import { fsck } from './admin/fsck.ts';
import { openPostgres } from './metadata/postgres.ts';
import { openS3PackStore } from './packs/s3.ts';
import { engineFolder } from './testing/engine-folder.ts';
import { startFaultyStore, type FaultyStore, type StoreFault } from './testing/faulty-store.ts';
import { startCluster, type Cluster } from './testing/linearizability/cluster.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import { useCeph } from './testing/test-ceph.ts';
import {
  createClient,
  createFile,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './testing/test-client.ts';
import { announce, putPack, readOne, unreadable } from './testing/test-uploads.ts';
import { uploadInHalves, withUnswept } from './testing/upload-halves.ts';

const ceph = useCeph(['halves', 'packs'], { keeps: 'disk', osds: 3 });

describe('uploads over two nodes and one store', () => {
  test('two nodes that store the last two blocks at once leave no upload waiting', async () => {
    await withUnswept(ceph().access, undefined, async (cluster) => expect(await uploadInHalves(cluster, 15)).toBe(15));
  });

  test.each(bugsFoundBy('uploads'))('the check finds a planted bug: %s', async (bug) => {
    // Whether the two meet is chance: two of three times they do.
    await withUnswept(ceph().access, bug, async (cluster) =>
      expect(await uploadInHalves(cluster, 40)).toBeLessThan(40),
    );
  });
});

interface Ground {
  readonly ceph: CephS3;
  readonly proxy: FaultyStore;
  /** Resolves when so many calls, writes and reads, have failed since the test began. */
  felt(calls?: number): Promise<void>;
  /** Resolves when every writer has had two more versions committed, the second of them begun after the call. */
  written(): Promise<void>;
}

/** Comes over the store while clients write and read, and is over when it resolves. */
type Fault = (ground: Ground) => Promise<void>;

function between(fault: StoreFault, isEnough: (ground: Ground) => Promise<void> = (ground) => ground.felt()): Fault {
  return async (ground) => {
    ground.proxy.set(fault);
    await isEnough(ground);
    ground.proxy.set('none');
  };
}

async function whenUp(ceph: CephS3, osds: number): Promise<void> {
  const up = async (): Promise<unknown> =>
    (JSON.parse(await ceph.ceph('osd', 'stat', '--format=json')) as Record<string, unknown>)['num_up_osds'];
  await expect.poll(up, { timeout: 60_000, interval: 500 }).toBe(osds);
}

async function setFullRatios(ceph: CephS3, ratios: readonly [string, string, string]): Promise<void> {
  const kinds = ['nearfull', 'backfillfull', 'full'];
  for (const [i, kind] of kinds.entries()) await ceph.ceph('osd', `set-${kind}-ratio`, ratios[i] ?? '');
}

/** Failed calls after which a fault may end: more than there are writers and readers. */
const FELT = 12;

/** Faults that the store or patience make up for: nobody need be told. */
const BORNE = ['is slow', 'loses one of its three disks, and gets it back'];

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['is slow', between('slow', (ground) => ground.written())],
  ['answers 503', between('refusing')],
  ['does its work and answers 500', between('forgetful')],
  ['is cut off amid its answers', between('cutting')],
  ['does not answer', between('hanging')],
  [
    'is full, and hangs as a full one does',
    async ({ ceph, felt }) => {
      // Each of them counts for no less than the one before it.
      await setFullRatios(ceph, ['0.00001', '0.00002', '0.00003']);
      await felt();
      await setFullRatios(ceph, ['0.85', '0.9', '0.95']);
    },
  ],
  [
    'loses one of its three disks, and gets it back',
    async ({ ceph, written }) => {
      await ceph.osd(1).kill();
      await whenUp(ceph, 2);
      await written();
      await ceph.restartOsd(1);
      await whenUp(ceph, 3);
    },
  ],
  [
    'stands still, loses all its processes and starts again',
    async ({ ceph, felt }) => {
      ceph.osd(0).signal('SIGSTOP');
      // The others soon do without it.
      await felt(1);
      ceph.osd(0).signal('SIGCONT');
      for (const at of [0, 1, 2]) await ceph.restartOsd(at);
      await ceph.restartGateway();
    },
  ],
];

describe('while the store is at fault', () => {
  const own = engineFolder();
  let proxy: FaultyStore;
  let cluster: Cluster;
  const kept: { client: TestClient; blocks: TestBlock[] }[] = [];

  beforeAll(async () => {
    proxy = await startFaultyStore(ceph().access.endpoint);
    cluster = await startCluster({
      folder: own.path,
      nodes: 2,
      config: {
        uploadExpiryMs: 8_000,
        sweepEveryMs: 500,
        collection: { everyMs: 1_000, graceMs: 8_000, condemnedMs: 1_000, scrubBytesPerSecond: 0 },
        s3: { ...ceph().access, endpoint: proxy.endpoint, bucket: 'packs', deadlineMs: 3_000 },
      },
    });
    for (const at of [0, 1, 0]) kept.push({ client: await createClient(cluster.urls[at] ?? ''), blocks: [] });
  });
  afterAll(async () => {
    await cluster.end();
    proxy.close();
    own.remove();
  });

  test.each(FAULTS)('that it %s costs no acknowledged byte', async (name, fault) => {
    let isOver = false;
    const failures: string[] = [];
    const wrong: string[] = [];
    let unread = 0;
    const writing = kept.map(async ({ client, blocks: own }) => {
      while (!isOver) {
        const blocks = [randomBlock(30_000), randomBlock(200_000)];
        try {
          const uploadId = await announce(client, blocks);
          await putPack(client, uploadId, blocks);
          const answer = valueOf(await client.commit([createFile(blocks)], { uploadId }));
          if (answer.outcome === 'committed') own.push(...blocks);
          else await client.catchUp();
        } catch (thrown) {
          failures.push(String(thrown));
        }
      }
    });
    const reading = kept.map(async ({ client, blocks }) => {
      while (!isOver) {
        const block = blocks[Math.floor(Math.random() * blocks.length)];
        await pass(20);
        if (block === undefined) continue;
        // No answer, or half of one, is what a fault may cost; other bytes are not.
        const answer = await readOne(client, block).catch(() => undefined);
        if (answer === undefined) unread++;
        else if (Buffer.compare(answer, block.sealed) !== 0) wrong.push(block.ctHash);
      }
    });
    const felt = async (calls = FELT): Promise<void> => {
      const look = (): number => failures.length + unread;
      await expect.poll(look, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(calls);
    };
    try {
      await written();
      await fault({ ceph: ceph(), proxy, felt, written });
      await written();
    } finally {
      isOver = true;
      proxy.set('none');
    }
    await Promise.all([...writing, ...reading]);
    expect(wrong).toEqual([]);
    // A fault that nobody feels shows nothing.
    if (!BORNE.includes(name)) expect(failures.length + unread).toBeGreaterThan(0);
    // What goes wrong is told as such, and as nothing else.
    for (const words of failures) expect(words).toMatch(/503 server-error|507 server-full/);
    for (const { client, blocks } of kept) expect(await unreadable(client, blocks)).toEqual([]);
  });

  /** A version is two blocks; the first to come may have been on its way before. */
  async function written(): Promise<void> {
    const before = kept.map(({ blocks }) => blocks.length);
    const fewest = (): number => Math.min(...kept.map(({ blocks }, i) => blocks.length - (before[i] ?? 0)));
    await expect.poll(fewest, { timeout: 60_000, interval: 50 }).toBeGreaterThanOrEqual(4);
  }

  test('what was given up meanwhile is collected, and the rest is sound', async () => {
    const metadata = await openPostgres({ urls: [cluster.primary().url] });
    const options = { bucket: 'packs', prefix: '', partBytes: 16 * 1024 ** 2, deadlineMs: 10_000, nowMs: Date.now };
    const packs = await openS3PackStore({ ...ceph().access, ...options });
    try {
      const left = async (): Promise<string[]> => (await fsck(metadata, packs)).strayObjects.slice();
      await expect.poll(left, { timeout: 90_000, interval: 2_000 }).toEqual([]);
      const report = await fsck(metadata, packs);
      expect(report.damage).toEqual([]);
      expect(report.blocks).toBe(kept.flatMap(({ blocks }) => blocks).length);
      for (const { client, blocks } of kept) expect(await unreadable(client, blocks)).toEqual([]);
    } finally {
      await packs.close();
      await metadata.close();
    }
  });
});
