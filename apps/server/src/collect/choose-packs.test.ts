import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { encodeWire, OnefoldError, readBlocksRequest } from '@onefold/protocol';
import { startServer } from '../server.ts';
import {
  collecting,
  eventually,
  files,
  HOUR_MS,
  packFiles,
  read,
  rows,
  states,
  storeWith,
  upload,
} from '../testing/collecting.ts';
import { openFolder } from '../testing/deaths.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestClient } from '../testing/test-client.ts';
import { createRepacker } from './repack.ts';

async function commitSmall(client: TestClient, count: number, firstBytes: number) {
  const blocks = Array.from({ length: count }, (_, i) => randomBlock(firstBytes + i));
  for (const block of blocks) valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  return blocks;
}

test('a pack whose damaged blocks came anew in another one goes, with its object', async () => {
  const { client, data, later } = await collecting({ scrubBytesPerSecond: 1_000_000 });
  const blocks = [randomBlock(300_000), randomBlock(300_000)];
  valueOf(await client.commit([createFile(blocks)], { pack: packOf(blocks) }));
  const [file = ''] = packFiles(data);
  writeFileSync(file, readFileSync(file).fill(7));
  await eventually(() => states(data)).toEqual([3, 3]);
  await upload(client, blocks, packOf([...blocks].reverse()));
  expect(states(data)).toEqual([1, 1]);
  await eventually(() => rows(data, 'select pack from pack')).toHaveLength(1);
  await later(2);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, blocks)).toBe(true);
  expect(rows(data, 'select stored_bytes from namespace')).toEqual(
    rows(data, 'select size_bytes as stored_bytes from pack'),
  );
});

test('small packs are merged past any number of older ones whose blocks are all lost', async () => {
  const { client, data } = await collecting();
  const database = new Database(join(data, 'metadata.db'));
  const namespace = Buffer.from(client.namespace, 'hex');
  const newPack =
    database.prepare(`insert into pack (namespace, pack, object_key, size_bytes, block_count, index_hash, device, stored_at_ms)
    values (?, ?, ?, 100, 1, ?, ?, 0)`);
  const newBlock = database.prepare(
    `insert into block (namespace, ct_hash, state, pack, offset_bytes, length_bytes) values (?, ?, 3, ?, 0, 50)`,
  );
  database.transaction(() => {
    for (let i = 0; i < 300; i++) {
      const pack = randomBytes(16);
      const key = `${client.namespace}/1/${pack.toString('hex')}.${randomBytes(8).toString('hex')}.pack`;
      newPack.run(namespace, pack, key, randomBytes(32), Buffer.from(client.device.id, 'hex'));
      newBlock.run(namespace, randomBytes(32), pack);
    }
  })();
  database.close();
  const blocks = await commitSmall(client, 40, 200);
  await eventually(() => rows(data, 'select pack from pack').length).toBeLessThan(316);
  expect(await read(client, blocks)).toBe(true);
  // Whoever sends those blocks anew finds their places.
  expect(rows(data, 'select pack from block where state = 3')).toHaveLength(300);
});

test('packs that cannot be read cost a few deadlines in a run, and none once all are known; the others are merged', async () => {
  const data = temporaryFolder();
  const server = await startServer({
    data,
    listen: '127.0.0.1:0',
    logLevel: 'silent',
    collection: { everyMs: 24 * HOUR_MS },
  });
  const client = await createClient(server.url);
  await commitSmall(client, 60, 200);
  await server.close();
  const clock = { nowMs: Date.now() };
  const { context, close } = await openFolder(data, {}, () => clock.nowMs);
  onTestFinished(close);
  const oldest = rows(data, 'select object_key from pack order by stored_at_ms limit 20').map(
    (row) => row['object_key'],
  );
  let failed = 0;
  const packs = storeWith(context.packs, {
    open: (objectKey) => {
      if (!oldest.includes(objectKey)) return context.packs.open(objectKey);
      failed++;
      return Promise.reject(new OnefoldError('server-error', 'no answer in time'));
    },
  });
  const repacker = createRepacker({ ...context, packs });
  const never = new AbortController().signal;
  const failures: number[] = [];
  for (let run = 0; run < 4; run++) {
    failed = 0;
    await repacker.run('thinned-packs', never);
    failures.push(failed);
  }
  expect(Math.max(...failures)).toBeLessThanOrEqual(8);
  expect(failures.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(rows(data, 'select pack from pack').length).toBeLessThan(20 + 16);
  failed = 0;
  clock.nowMs += 8 * 24 * HOUR_MS;
  await repacker.run('thinned-packs', never);
  expect(failed).toBeGreaterThan(0);
});

test('where the folder of packs is not there, no block is taken for lost and none is said not to be held', async () => {
  const logFile = join(temporaryFolder(), 'log');
  const { client, data } = await collecting({ scrubBytesPerSecond: 1_000_000 }, { logFile, logLevel: 'warn' });
  const blocks = await commitSmall(client, 3, 500);
  renameSync(join(data, 'packs'), join(data, 'elsewhere'));
  await eventually(() => readFileSync(logFile, 'utf8')).toMatch(/"job":"scrub".*background work failed/);
  const asked = encodeWire(readBlocksRequest, { blocks: blocks.map(({ ctHash }) => ctHash) });
  expect((await client.raw('POST', client.path('/blocks/read'), asked)).status).toBe(503);
  expect(states(data)).toEqual([1, 1, 1]);
  renameSync(join(data, 'elsewhere'), join(data, 'packs'));
  expect(await read(client, blocks)).toBe(true);
});
