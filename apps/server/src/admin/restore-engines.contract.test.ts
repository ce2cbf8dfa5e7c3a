import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CopyObjectCommand, DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startCeph, type CephS3 } from '../../../../tools/engines/ceph.ts';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import type { ServerConfigInput } from '../config.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { printedBy } from '../testing/printed-by.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
  type TestClient,
} from '../testing/test-client.ts';
import { unreadable } from '../testing/test-uploads.ts';

// Where metadata are in PostgreSQL and packs in S3, both are backed up by their own means: what docs/OPERATIONS.md says about it, done.

const DOCUMENT = readFileSync(new URL('../../../../docs/OPERATIONS.md', import.meta.url), 'utf8');
const [, AFTER_RESTORE = ''] = /`(update namespace set recovery_epoch = [^`]+)`/.exec(DOCUMENT) ?? [];

const folder = engineFolder();
let postgres: Postgres;
let ceph: CephS3;
let store: S3Client;

beforeAll(async () => {
  [postgres, ceph] = await Promise.all([startPostgres({ folder: folder.path }), startCeph({ folder: folder.path })]);
  const { endpoint, region, ...credentials } = ceph.access;
  store = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
});
afterAll(async () => {
  store.destroy();
  await Promise.all([postgres.kill(), ceph.kill()]);
  folder.remove();
});

/** An empty database and an empty bucket of that name. */
async function makePlace(name: string): Promise<Partial<ServerConfigInput>> {
  await makeBucket(ceph.access, name);
  return { postgres: { urls: [await postgres.createDatabase(name)] }, s3: { ...ceph.access, bucket: name } };
}

async function keysIn(bucket: string): Promise<string[]> {
  const { Contents = [] } = await store.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

async function copyBucket(from: string, to: string): Promise<void> {
  for (const Key of await keysIn(from))
    await store.send(new CopyObjectCommand({ Bucket: to, Key, CopySource: `${from}/${Key}` }));
}

async function write(client: TestClient, count: number): Promise<TestBlock[]> {
  const blocks = Array.from({ length: count }, () => randomBlock(3_000));
  for (const block of blocks)
    expect(valueOf(await client.commit([createFile([block])], { pack: packOf([block]) })).outcome).toBe('committed');
  return blocks;
}

/** `onefold-server admin fsck` on what the configuration names. */
async function runFsck(config: Partial<ServerConfigInput>, ...options: string[]) {
  const file = join(temporaryFolder(), 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const { code, printed } = await printedBy(['admin', 'fsck', '--json', '--config', file, ...options]);
  return { code, ...(JSON.parse(printed) as { lostBlocks?: number; damage: { what: string }[] }) };
}

test('metadata and packs, each backed up while the server runs and restored elsewhere by their own means, are sound and begin a recovery epoch', async () => {
  const server = await startTestServer(await makePlace('live'));
  const client = await createClient(server.url);
  const kept = await write(client, 5);
  const headThen = client.head.seq;
  const dump = await postgres.dump('live');
  onTestFinished(() => rmSync(dump));
  // The packs after the metadata: what came in between is too much, never too little.
  const later = await write(client, 2);
  const place = await makePlace('restored');
  await copyBucket('live', 'restored');
  await server.close();

  await postgres.load(dump, 'restored');
  await postgres.query(AFTER_RESTORE, 'restored');
  expect(await runFsck(place)).toMatchObject({ code: 0, damage: [] });
  const restored = await startTestServer(place);
  client.url = restored.url;
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(401);
  valueOf(await client.openSession());
  const { head } = await client.entries(0);
  expect(head.seq).toBe(headThen);
  expect(head.recoveryEpoch).toBeGreaterThan(1_700_000_000);
  expect(await unreadable(client, kept)).toEqual([]);
  expect(await unreadable(client, later)).toHaveLength(2);
});

test('where a pack is missing from what was restored, the repair names it, and a device that sends it again heals it', async () => {
  const server = await startTestServer(await makePlace('whole'));
  const client = await createClient(server.url);
  const [lost, ...others] = await write(client, 4);
  const dump = await postgres.dump('whole');
  onTestFinished(() => rmSync(dump));
  const place = await makePlace('holed');
  await copyBucket('whole', 'holed');
  await server.close();
  await postgres.load(dump, 'holed');
  await postgres.query(AFTER_RESTORE, 'holed');
  const key = await postgres.query('select object_key from pack order by stored_at_ms limit 1', 'holed');
  await store.send(new DeleteObjectCommand({ Bucket: 'holed', Key: key.trim() }));

  expect(await runFsck(place, '--repair')).toMatchObject({ code: 1, lostBlocks: 1 });
  const restored = await startTestServer(place);
  client.url = restored.url;
  valueOf(await client.openSession());
  expect(await unreadable(client, others)).toEqual([]);
  expect(await unreadable(client, [lost!])).toEqual([lost]);
  // It counts as missing: a commit that uses it is asked for it.
  client.head = (await client.entries(0)).head;
  expect(valueOf(await client.commit([createFile([lost!])])).outcome).toBe('blocks-missing');
  expect(valueOf(await client.commit([createFile([lost!])], { pack: packOf([lost!]) })).outcome).toBe('committed');
  expect(await unreadable(client, [lost!, ...others])).toEqual([]);
});
