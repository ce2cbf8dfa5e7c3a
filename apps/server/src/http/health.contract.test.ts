import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { decodeWire, errorSchema } from '@onefold/protocol';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { startRedis, type Redis } from '../../../../tools/engines/redis.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { startTestServer } from '../testing/started-server.ts';
import { createClient, createFolder, valueOf } from '../testing/test-client.ts';

// What a balancer and a cluster go by: a process that turns is never killed for an engine that is away, and one that cannot answer gets no calls.

const folder = engineFolder();
let postgres: Postgres;
let redis: Redis;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres({ folder: folder.path }), startRedis({ folder: folder.path })]);
});
afterAll(async () => {
  await Promise.all([postgres.kill(), redis.kill()]);
  folder.remove();
});

async function start(name: string) {
  const urls = [await postgres.createDatabase(name)];
  // No deadline of a statement may stand in for that of the answer.
  const { url } = await startTestServer({ postgres: { urls, statementMs: 600_000 }, redis: { url: redis.url } });
  const status = async (path: string): Promise<number> => (await fetch(url + path)).status;
  return { url, status, health: async () => [await status('/healthz'), await status('/readyz')] };
}
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

test('without Redis a node is ready: it costs time alone', async () => {
  const { url, health } = await start('without_redis');
  const client = await createClient(url);
  expect(await health()).toEqual([200, 200]);
  await redis.kill();
  onTestFinished(() => redis.restart());
  expect(valueOf(await client.commit([createFolder()])).outcome).toBe('committed');
  expect(await health()).toEqual([200, 200]);
});

test('without its database a node lives and is not ready; with it again it is, by itself', async () => {
  const { url, health } = await start('without_database');
  expect(await health()).toEqual([200, 200]);
  const client = await createClient(url);
  await postgres.kill();
  await eventually(health).toEqual([200, 503]);
  // What the database says of itself stands in the log, and goes to nobody else.
  const answer = await fetch(`${url}/v1/account`, { headers: { authorization: `Bearer ${client.token ?? ''}` } });
  expect([answer.status, decodeWire(errorSchema, new Uint8Array(await answer.arrayBuffer()))]).toEqual([
    503,
    { code: 'server-error', message: 'the server cannot answer this now: try again' },
  ]);
  await postgres.restart();
  await eventually(health).toEqual([200, 200]);
});

test('a database that takes the question and never answers is told of in time', async () => {
  const { status } = await start('silent_database');
  expect(await status('/readyz')).toBe(200);
  const backends = (await postgres.query(`select pid from pg_stat_activity where datname = 'silent_database'`))
    .split('\n')
    .map(Number)
    // 0 would be this process and all it has started.
    .filter((pid) => pid > 1);
  expect(backends).not.toEqual([]);
  const each = (signal: NodeJS.Signals): void => {
    for (const pid of backends) process.kill(pid, signal);
  };
  each('SIGSTOP');
  onTestFinished(() => each('SIGCONT'));
  expect(await status('/readyz')).toBe(503);
  expect(await status('/healthz')).toBe(200);
  each('SIGCONT');
  await eventually(() => status('/readyz')).toBe(200);
});
