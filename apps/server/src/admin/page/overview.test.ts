import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MetadataDatabase } from '../../metadata/database.ts';
import { openSqlite } from '../../metadata/sqlite.ts';
import { createTestAccount } from '../../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from '../../testing/test-client.ts';
import { startTestServer } from '../../testing/started-server.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { listUsers } from '../accounts-command.ts';
import { createStorageTotals } from './storage-totals.ts';

let metadata: MetadataDatabase;
let statements = 0;
let clock = 0;
/** How long each statement takes, by a clock of the test. */
let tookMs = 0;

async function open(data: string): Promise<void> {
  metadata = await openSqlite(join(data, 'metadata.db'), Date.now, (role) => {
    if (role !== 'reader') return;
    statements++;
    clock += tookMs;
  });
}

beforeEach(() => {
  [statements, clock, tookMs] = [0, 0, 0];
});
afterEach(() => metadata.close());

test('what takes long to count is counted once for many that ask, and again when a hundred times as long has passed', async () => {
  await open(temporaryFolder());
  tookMs = 2_000;
  const totals = createStorageTotals(metadata.read, () => clock);
  const [one, same] = await Promise.all([totals(), totals()]);
  expect(one).toBe(same);
  expect(statements).toBe(2);
  for (let refresh = 0; refresh < 100; refresh++) {
    clock += 3_000;
    expect(await totals()).toBe(one);
  }
  expect(statements).toBe(2);
  clock += 100_000;
  expect(await totals()).not.toBe(one);
  expect(statements).toBe(4);
});

test('what is counted in no time is counted each time', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  await open(data);
  const totals = createStorageTotals(metadata.read, () => clock);
  for (let packs = 0; packs < 3; packs++) {
    expect(await totals()).toMatchObject({ packs, blocks: packs, condemnedBlocks: 0, lostBlocks: 0 });
    const block = randomBlock();
    valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  }
});

test('a count that failed is tried again', async () => {
  await open(temporaryFolder());
  const totals = createStorageTotals(metadata.read, () => {
    clock++;
    if (clock === 1) throw new Error('planted');
    return clock;
  });
  await expect(totals()).rejects.toThrow('planted');
  expect(await totals()).toMatchObject({ packs: 0 });
});

test('users are listed with what each uses, and with as many statements for many as for one', async () => {
  const { url, data } = await startTestServer();
  const sizes = new Map<string, number>();
  for (let users = 0; users < 3; users++) {
    const client = await createClient(url, createTestAccount());
    const blocks = Array.from({ length: users }, () => randomBlock());
    if (users > 0) valueOf(await client.commit([createFile(blocks)], { pack: packOf(blocks) }));
    sizes.set(client.account.email, users === 0 ? 0 : packOf(blocks).bytes.length);
  }
  await open(data);
  statements = 0;
  const users = await listUsers(metadata, null);
  expect(new Map(users.map(({ email, usedBytes }) => [email, usedBytes]))).toEqual(sizes);
  expect(statements).toBe(2);
  expect(users.every(({ devices }) => devices === 1)).toBe(true);
});
