import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { ROOT_NODE, type NameTag, type NodeId } from '@onefold/protocol';
import { startTestServer } from './testing/started-server.ts';
import { bytes, randomId } from './testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from './testing/test-client.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A server with something in the trash, whose clock the test moves, and which looks all the time. */
async function withTrash() {
  const clock = { nowMs: Date.UTC(2026, 0, 5, 12) };
  const retention = { everyMs: 50, passEveryMs: 0, trashDays: 90 };
  const { url, data } = await startTestServer({ retention }, () => clock.nowMs);
  const client = await createClient(url);
  const [block, node] = [randomBlock(), randomId<NodeId>(16)];
  valueOf(await client.commit([createFile([block], { node })], { pack: packOf([block]) }));
  const place = { parent: ROOT_NODE, nameTag: randomId<NameTag>(32), hidden: true, sealed: bytes(256) };
  valueOf(await client.commit([{ op: 'place', node, base: 1, ...place }]));
  const versions = (): number => {
    const database = new Database(join(data, 'metadata.db'), { readonly: true });
    try {
      return (database.prepare('select count(*) as count from file_version').get() as { count: number }).count;
    } finally {
      database.close();
    }
  };
  /** Lets several looks pass at the new time. */
  const later = async (ms: number): Promise<void> => {
    clock.nowMs += ms;
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  await later(0);
  return { later, versions };
}

test('a clock that jumps costs nothing of the past before it has stood for a day, and nothing if it is put right', async () => {
  const { later, versions } = await withTrash();
  await later(400 * DAY_MS);
  await later(23 * HOUR_MS);
  expect(versions()).toBe(1);
  await later(-401 * DAY_MS);
  for (let i = 0; i < 3; i++) await later(20 * HOUR_MS);
  expect(versions()).toBe(1);
});

test('where it stands after a day what is old enough goes', async () => {
  const { later, versions } = await withTrash();
  await later(91 * DAY_MS);
  await later(25 * HOUR_MS);
  await expect.poll(versions, { timeout: 15_000 }).toBe(0);
});

test('nodes whose clocks are minutes apart do not keep each other from it', async () => {
  const apartMs = 10 * 60_000;
  const { later, versions } = await withTrash();
  await later(91 * DAY_MS);
  // One looks, and then the other one, whose clock is behind.
  for (let i = 0; i < 5; i++) {
    await later(6 * HOUR_MS + apartMs);
    await later(-apartMs);
  }
  await expect.poll(versions, { timeout: 15_000 }).toBe(0);
});
