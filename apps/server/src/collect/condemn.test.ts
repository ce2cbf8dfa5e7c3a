import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { putPackResponse, type NameTag } from '@onefold/protocol';
import { eventually, collecting, rows, files, upload, read, states } from '../testing/collecting.ts';
import { randomId } from '../testing/test-account.ts';
import { createFile, packOf, randomBlock, valueOf, type TestBlock } from '../testing/test-client.ts';

test('what no version uses is condemned after its grace, then deleted with its pack; what one uses stays', async () => {
  const { client, data, later } = await collecting();
  const [kept, left] = [randomBlock(), randomBlock()];
  await upload(client, [left]);
  valueOf(await client.commit([createFile([kept])], { pack: packOf([kept]) }));
  // Its upload has run out and pins nothing; the grace alone holds what nothing uses.
  await later(1.5);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(states(data)).toEqual([1, 1]);
  await later(1.5);
  await eventually(() => states(data)).toEqual([1, 2]);
  expect(files(data)).toBe(2);
  await later(2);
  await eventually(() => states(data)).toEqual([1]);
  await eventually(() => rows(data, 'select * from pack').length).toBe(1);
  await later(2);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, [kept])).toBe(true);
  expect(rows(data, 'select stored_bytes from namespace')).toEqual(
    rows(data, 'select size_bytes as stored_bytes from pack'),
  );
});

test('a condemned block counts as missing, and the same pack sent again stores it anew', async () => {
  const { client, data, later } = await collecting();
  const blocks = [randomBlock(), randomBlock()];
  const { pack } = await upload(client, blocks);
  await later(3);
  await eventually(() => states(data)).toEqual([2, 2]);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('blocks-missing');
  expect(await read(client, blocks)).toBe(false);
  await upload(client, blocks, pack);
  expect(states(data)).toEqual([1, 1]);
  expect(valueOf(await client.commit([createFile(blocks)])).outcome).toBe('committed');
  await later(30);
  await eventually(() => files(data)).toBe(1);
  expect(await read(client, blocks)).toBe(true);
});

test('a pin keeps a block as long as its upload is open', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  const { uploadId } = await upload(client, [block]);
  const others: TestBlock[] = [];
  for (let part = 0; part < 5; part++) {
    await later(0.9);
    // Another part of the same large upload.
    others.push(randomBlock());
    const path = client.path(`/packs/${randomId(16)}?upload=${uploadId}`);
    valueOf(await client.call('PUT', path, putPackResponse, { pack: packOf(others.slice(-1)).bytes }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(valueOf(await client.commit([createFile([block, ...others])])).outcome).toBe('committed');
  expect(states(data)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('the blocks of a commit that lost a race stay pinned for the next try', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  const nameTag = randomId<NameTag>(32);
  expect(valueOf(await client.commit([createFile([], { nameTag })])).outcome).toBe('committed');
  const { uploadId } = await upload(client, [block]);
  const loser = createFile([block], { nameTag });
  expect(valueOf(await client.commit([loser], { uploadId })).outcome).toBe('refused');
  const others: TestBlock[] = [];
  for (let part = 0; part < 4; part++) {
    await later(0.9);
    others.push(randomBlock());
    const path = client.path(`/packs/${randomId(16)}?upload=${uploadId}`);
    valueOf(await client.call('PUT', path, putPackResponse, { pack: packOf(others.slice(-1)).bytes }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(states(data)).toEqual([1, 1, 1, 1, 1]);
  expect(valueOf(await client.commit([createFile([block, ...others])], { uploadId })).outcome).toBe('committed');
});

test('a block that a version uses is kept, and no longer looked at, even where its row says that nothing uses it', async () => {
  const { client, data, later } = await collecting();
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const database = new Database(join(data, 'metadata.db'));
  database.exec('update block set unreferenced_at_ms = 1');
  database.close();
  await later(1);
  await eventually(() => rows(data, 'select state, unreferenced_at_ms as since from block')).toEqual([
    { state: 1, since: null },
  ]);
  expect(await read(client, [block])).toBe(true);
});
