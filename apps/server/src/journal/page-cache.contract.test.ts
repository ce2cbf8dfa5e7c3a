import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { NamespaceHead } from '@onefold/protocol';
import { startRedis, type Redis } from '../../../../tools/engines/redis.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startServer } from '../server.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFolder, valueOf } from '../testing/test-client.ts';
import { createEntryCache } from './entry-cache.ts';
import { createRedisPageCache, PAGE_ENTRIES } from './page-cache.ts';
import { readEntries } from './read-entries.ts';

const folder = engineFolder();
let engine: Redis;

beforeAll(async () => {
  engine = await startRedis({ folder: folder.path });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
});

const COUNT = PAGE_ENTRIES * 2 + 10;

/** A journal of two whole pages and a bit, a cache in Redis, and a count of the entries that were read from the database. */
async function setUp() {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  for (let i = 0; i < COUNT; i++) valueOf(await client.commit([createFolder()]));
  const whole = (await client.entries(0)).entries;
  await server.close();
  const head: NamespaceHead = {
    namespaceId: client.namespace,
    seq: client.head.seq,
    hash: client.head.hash,
    recoveryEpoch: 0,
  };
  let bodies = 0;
  const metadata = await openSqlite(join(data, 'metadata.db'));
  const outcomes: string[] = [];
  const pages = createRedisPageCache({
    url: engine.url,
    onError: () => undefined,
    onLookUp: (outcome) => outcomes.push(outcome),
  });
  onTestFinished(async () => {
    pages.close();
    await metadata.close();
  });
  await expect
    .poll(async () => {
      pages.put(head.namespaceId, 99, 0, []);
      await pages.get(head.namespaceId, 99, 0);
      return outcomes.length;
    })
    .toBeGreaterThan(0);
  outcomes.length = 0;
  /** Reads as a node that has just started would. */
  const read = async (after = 0) => {
    const answer = await readEntries({ metadata, entries: createEntryCache(1 << 26), pages }, head, after);
    bodies += answer.entries.length;
    return answer.entries;
  };
  return { head, whole, pages, outcomes, read, bodies: () => bodies };
}

test('a page that one node read is had from Redis by the next, byte for byte; a flush costs nothing but time', async () => {
  const { whole, outcomes, read } = await setUp();
  expect(await read()).toEqual(whole);
  await expect.poll(async () => ((outcomes.length = 0), await read(), outcomes)).toEqual(['hit', 'hit']);
  expect(await read()).toEqual(whole);
  expect(await read(5)).toEqual(whole.slice(5));
  await engine.flush();
  outcomes.length = 0;
  expect(await read()).toEqual(whole);
  expect(outcomes[0]).toBe('miss');
});

test('a page of another journal under this one’s key is found, thrown away, and never answered', async () => {
  const one = await setUp();
  const other = await setUp();
  await other.read();
  await expect.poll(() => other.pages.get(other.head.namespaceId, 0, 0)).toBeDefined();
  const foreign = (await other.pages.get(other.head.namespaceId, 0, 0)) ?? [];
  one.pages.put(one.head.namespaceId, 0, 0, foreign);
  await expect.poll(() => one.pages.get(one.head.namespaceId, 0, 0)).toBeDefined();
  one.outcomes.length = 0;
  expect(await one.read()).toEqual(one.whole);
  expect(one.outcomes).toContain('stale');
});

test('Redis that hangs or is gone is left alone after a moment, and used again when it is back', async () => {
  const { whole, outcomes, read } = await setUp();
  await read();
  engine.process().signal('SIGSTOP');
  try {
    for (let i = 0; i < 5; i++) expect(await read()).toEqual(whole);
  } finally {
    engine.process().signal('SIGCONT');
  }
  await engine.kill();
  expect(await read()).toEqual(whole);
  await engine.restart();
  await expect
    .poll(async () => ((outcomes.length = 0), await read(), outcomes), { timeout: 15_000, interval: 200 })
    .toEqual(['hit', 'hit']);
});
