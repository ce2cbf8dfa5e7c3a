import { setTimeout as pass } from 'node:timers/promises';
import { uploadResponse, type NodeId } from '@onefold/protocol';
import type { S3Access } from '../../../../tools/engines/ceph.ts';
import { withCluster, type Cluster } from './linearizability/cluster.ts';
import { randomId } from './test-account.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from './test-client.ts';
import { announce, putPack, through, unreadable } from './test-uploads.ts';

const GRACE_MS = 2_000;
const BLOCKS = 40;
const LANES = 8;
/** Longer than a collection that began before a block came again may hold its judgement. */
const LOOK_AGAIN_MS = 250;
const MOST_TRIES = 10;
const CLIENTS = 2;
const ROUNDS = 2;
export const BLOCKS_OF_RUN = ROUNDS * CLIENTS * BLOCKS;

/** Two nodes on the bucket `packs` of a store that collect all the time, with a grace as short as it may be. */
export async function withCollectors<T>(
  store: S3Access,
  bug: string | undefined,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const config = {
    uploadExpiryMs: GRACE_MS,
    sweepEveryMs: 50,
    collection: { everyMs: 50, graceMs: GRACE_MS, condemnedMs: 300, scrubBytesPerSecond: 0 },
    s3: { ...store, bucket: 'packs', prefix: `${randomId(8)}/` },
  };
  return withCluster({ nodes: 2, bug, config }, work);
}

export interface Found {
  readonly committed: number;
  /** Said to be missing although they had been taken in less than a grace before. */
  readonly forgotten: number;
  /** Used by a version and not there any more. */
  readonly lost: number;
}

/** Sends blocks with an entry that is refused, lets their grace run out, and sends and uses each of them again just when all are collected. */
async function reuploadAmidCollection(client: TestClient, other: TestClient): Promise<Found> {
  const blocks = Array.from({ length: BLOCKS }, () => randomBlock());
  const nowhere = createFile(blocks, { parent: randomId<NodeId>(16) });
  const { outcome } = valueOf(await client.commit([nowhere], { pack: packOf(blocks) }));
  if (outcome !== 'refused') throw new Error(`an entry below nothing was ${outcome}`);
  await pass(GRACE_MS - 200);
  const used: TestBlock[] = [];
  let forgotten = 0;
  let turn = Promise.resolve();
  const left = [...blocks];
  const lane = async (): Promise<void> => {
    // Opened before, and naming nothing: only what arrives is pinned.
    let upload = await announce(other, []);
    for (let block = left.pop(); block !== undefined; block = left.pop()) {
      const sent = [block];
      let sentAtMs = performance.now();
      // What was collected or held up while it arrived is asked for once more, and on a slow machine the upload may have run out.
      for (let tries = 1; ; tries++) {
        const isTaken = await putPack(other, upload, sent).then(
          () => true,
          (thrown: unknown) => {
            if (tries === MOST_TRIES) throw thrown;
            return false;
          },
        );
        if (isTaken) break;
        upload = await announce(other, []);
        sentAtMs = performance.now();
      }
      await pass(LOOK_AGAIN_MS);
      const { state, stored } = valueOf(await other.call('GET', other.path(`/uploads/${upload}`), uploadResponse));
      const isYoung = performance.now() - sentAtMs < GRACE_MS;
      // An upload that has run out lists nothing; the commit below still tells whether the block is there.
      if (isYoung && state !== 'expired' && !stored.includes(block.ctHash)) forgotten++;
      // A device has one commit on its way at a time.
      turn = turn.then(async () => {
        const { outcome } = valueOf(await client.commit([createFile(sent)]));
        if (outcome === 'committed') used.push(...sent);
        else if (performance.now() - sentAtMs < GRACE_MS) forgotten++;
      });
      await turn;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await pass(2 * GRACE_MS);
  // With so short a time between condemned and deleted a block may be moved, and its old place emptied, within one read.
  let lost = await unreadable(client, used);
  for (let tries = 0; tries < 3 && lost.length > 0; tries++) lost = await unreadable(client, lost);
  return { committed: used.length, forgotten, lost: lost.length };
}

/** As many blocks as BLOCKS_OF_RUN, each sent again just when it is collected. */
export async function runRace(cluster: Cluster): Promise<Found> {
  const [a = '', b = ''] = cluster.urls;
  const sum = { committed: 0, forgotten: 0, lost: 0 };
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => createClient(a)));
  for (let round = 0; round < ROUNDS; round++) {
    const found = await Promise.all(clients.map((client) => reuploadAmidCollection(client, through(client, b))));
    for (const { committed, forgotten, lost } of found) {
      sum.committed += committed;
      sum.forgotten += forgotten;
      sum.lost += lost;
    }
  }
  return sum;
}
