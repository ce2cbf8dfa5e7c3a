import { randomBytes } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { putPackResponse } from '@onefold/protocol';
import { startServer } from '../server.ts';
import {
  HOUR_MS,
  eventually,
  collecting,
  rows,
  files,
  upload,
  read,
  states,
  storeWith,
} from '../testing/collecting.ts';
import { openFolder } from '../testing/deaths.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../testing/test-client.ts';
import { announce } from '../testing/test-uploads.ts';
import { createCollector } from './collect.ts';

test('an object that no row names goes once it is old', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const { object_key: key } = rows(data, 'select object_key from pack')[0] as { object_key: string };
  copyFileSync(join(data, 'packs', key), join(data, 'packs', key.replace('.pack', '0.pack')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(files(data)).toBe(2);
  await later(4);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, [block])).toBe(true);
});

test('a pack whose recording is held up until its object may have been swept is not said to be stored', async () => {
  const { client, data, clock } = await collecting();
  const blocks = [randomBlock(), randomBlock()];
  const uploadId = await announce(client, []);
  const pack = packOf(blocks);
  const database = new Database(join(data, 'metadata.db'));
  database.exec('begin immediate');
  const sending = client.call('PUT', client.path(`/packs/${pack.packId}?upload=${uploadId}`), putPackResponse, {
    pack: pack.bytes,
  });
  await eventually(() => files(data)).toBe(1);
  clock.nowMs += 4 * HOUR_MS;
  // Enough of them for a sweep that takes no notice of who is about to record.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  database.exec('rollback');
  database.close();
  expect(await sending).toMatchObject({ ok: false, code: 'server-error' });
  expect(states(data)).toEqual([]);
  await eventually(() => files(data)).toBe(0);
  valueOf(await client.openSession());
  await upload(client, blocks, pack);
  valueOf(await client.commit([createFile(blocks)]));
  expect(await read(client, blocks)).toBe(true);
});

test('many objects are looked up together, by their ids, and the store is not listed again at once', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const blocks = Array.from({ length: 3 }, () => randomBlock());
  for (const block of blocks) valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  await server.close();
  // As if each were one of a thousand objects.
  const [named = {}] = rows(data, 'select * from pack limit 1');
  const database = new Database(join(data, 'metadata.db'));
  const columns = Object.keys(named);
  const insert = database.prepare(
    `insert into pack (${columns.join(', ')}) values (${columns.map((name) => `@${name}`).join(', ')})`,
  );
  const listed: string[] = [];
  database.transaction(() => {
    for (let i = 0; i < 1_000; i++) {
      const pack = randomBytes(16);
      const key = `${client.namespace}/1/${pack.toString('hex')}.${randomBytes(8).toString('hex')}.pack`;
      listed.push(key);
      insert.run({ ...named, pack, object_key: key });
    }
  })();
  database.close();
  const clock = { nowMs: Date.now() };
  const { context, close } = await openFolder(data, {}, () => clock.nowMs);
  onTestFinished(close);
  let lists = 0;
  let statements = 0;
  const packs = storeWith(context.packs, {
    async *list() {
      lists++;
      yield* context.packs.list();
      for (const objectKey of listed) yield await Promise.resolve({ objectKey, sizeBytes: 1, storedAtMs: 0 });
    },
  });
  const { sql } = context.metadata;
  const counted = {
    ...sql,
    findMany: (...asked: Parameters<typeof sql.findMany>) => (statements++, sql.findMany(...asked)),
  } as typeof sql;
  const collector = createCollector({ ...context, packs, metadata: { ...context.metadata, sql: counted } });
  await collector();
  expect(statements).toBeLessThan(50);
  await collector();
  expect(lists).toBe(1);
  clock.nowMs += 4 * HOUR_MS;
  await collector();
  expect(lists).toBe(2);
  expect(files(data)).toBe(3);
});
