import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { NamespaceHead } from '@onefold/protocol';
import { startRedis, type Redis } from '../../../../tools/engines/redis.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startServer } from '../server.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { startSlowProxy } from '../testing/slow-proxy.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient, createFolder, valueOf } from '../testing/test-client.ts';
import { createEntryCache } from './entry-cache.ts';
import { PAGE_ENTRIES } from './page-cache.ts';
import { createRedisPageCache } from './redis-page-cache.ts';
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
async function setUp(url = engine.url) {
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
    url,
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
  const read = async (after = 0, recoveryEpoch = 0) => {
    const entries = createEntryCache(1 << 26);
    const answer = await readEntries({ metadata, entries, pages }, { ...head, recoveryEpoch }, after);
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

test('pages of before the server was restored are not asked for', async () => {
  const { whole, outcomes, read } = await setUp();
  await read();
  await expect.poll(async () => ((outcomes.length = 0), await read(), outcomes)).toEqual(['hit', 'hit']);
  outcomes.length = 0;
  expect(await read(0, 1)).toEqual(whole);
  expect(outcomes).not.toContain('hit');
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

test('Redis that takes no writes, or wants a password, keeps nobody from the journal, and is used again when that is over', async () => {
  const { whole, read, outcomes } = await setUp();
  for (const [trouble, end] of [
    ['CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
    ['REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
    ['CONFIG SET requirepass secret', undefined],
  ] as const) {
    await engine.flush();
    await engine.run(trouble);
    for (let i = 0; i < 5; i++) expect(await read()).toEqual(whole);
    if (end !== undefined) await engine.run(end);
    else {
      await engine.kill();
      await engine.restart();
    }
    await expect
      .poll(async () => ((outcomes.length = 0), await read(), outcomes), { timeout: 15_000, interval: 200 })
      .toEqual(['hit', 'hit']);
  }
});

test('Redis that answers late is asked a few times a second, not for every page', async () => {
  const proxy = await startSlowProxy(engine.port);
  const { whole, read, outcomes } = await setUp(`redis://127.0.0.1:${proxy.port}`);
  await read();
  proxy.hold();
  proxy.heard('GET');
  const began = performance.now();
  for (let i = 0; i < 20; i++) expect(await read()).toEqual(whole);
  // Three, each waited for a quarter of a second, then a second of rest, and so on.
  const rounds = Math.ceil((performance.now() - began) / 1_750);
  expect(proxy.heard('GET')).toBeLessThanOrEqual(3 * (1 + rounds));
  proxy.letGo();
  await expect
    .poll(async () => ((outcomes.length = 0), await read(), outcomes), { timeout: 15_000, interval: 200 })
    .toEqual(['hit', 'hit']);
});

test('hits and misses of both caches are told in the metrics', async () => {
  const data = temporaryFolder();
  const config = { data, listen: '127.0.0.1:0', logLevel: 'silent' as const, metrics: 'public' as const };
  const start = () => startServer({ ...config, redis: { url: engine.url } });
  let server = await start();
  const client = await createClient(server.url);
  for (let i = 0; i <= PAGE_ENTRIES; i++) valueOf(await client.commit([createFolder()]));
  const whole = (await client.entries(0)).entries;
  const counts = async (name: string): Promise<Record<string, number>> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const found = text.matchAll(new RegExp(`^onefold_${name}_total\\{outcome="(\\w+)"\\} (\\d+)$`, 'gmu'));
    return Object.fromEntries([...found].map(([, outcome, count]) => [outcome, Number(count)] as const)) as Record<
      string,
      number
    >;
  };
  // A node that starts has nothing: the first fills the shared cache, the next is served from it.
  for (const outcome of ['miss', 'hit']) {
    await server.close();
    server = await start();
    client.url = server.url;
    await expect
      .poll(async () => {
        expect((await client.entries(0)).entries).toEqual(whole);
        return (await counts('page_cache'))[outcome] ?? 0;
      })
      .toBeGreaterThan(0);
  }
  const before = await counts('entry_cache');
  expect(before['miss']).toBeGreaterThan(0);
  await client.entries(0);
  const after = await counts('entry_cache');
  expect(after['hit']).toBe((before['hit'] ?? 0) + whole.length);
  expect(after['miss']).toBe(before['miss']);
  await server.close();
});
