import { expect, test } from 'vitest';
import {
  accountResponse,
  encodeWire,
  readBlocksRequest,
  usageResponse,
  versionsResponse,
  type NodeId,
} from '@onefold/protocol';
import { MIGRATIONS } from './metadata/migrate.ts';
import { openPostgres } from './metadata/postgres.ts';
import { startTestServer } from './testing/started-server.ts';
import { randomId } from './testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestClient } from './testing/test-client.ts';
import { usePostgres } from './testing/test-postgres.ts';

const postgres = usePostgres();

/** Every kind of call that reads or writes rows, again and again. */
async function useUntil(client: TestClient, isOver: () => boolean): Promise<number> {
  let rounds = 0;
  for (; !isOver(); rounds++) {
    const block = randomBlock(5_000);
    const node = randomId<NodeId>(16);
    const answer = valueOf(await client.commit([createFile([block], { node })], { pack: packOf([block]) }));
    expect(answer.outcome).toBe('committed');
    expect((await client.entries(Math.max(0, client.head.seq - 5))).head.seq).toBe(client.head.seq);
    const asked = encodeWire(readBlocksRequest, { blocks: [block.ctHash] });
    expect((await client.raw('POST', client.path('/blocks/read'), asked)).status).toBe(200);
    expect(
      valueOf(await client.call('GET', client.path(`/nodes/${node}/versions`), versionsResponse)).versions,
    ).toHaveLength(1);
    valueOf(await client.call('GET', client.path('/usage'), usageResponse));
    valueOf(await client.call('GET', '/v1/account', accountResponse));
    valueOf(await client.openSession());
  }
  return rounds;
}

test('nodes go on without a failed call while a newer one migrates, and are refused only when they start again', async () => {
  const url = await postgres().createDatabase('rolling');
  const config = {
    postgres: { urls: [url], connections: 3 },
    sweepEveryMs: 50,
    presenceEveryMs: 50,
    retention: { everyMs: 50 },
    collection: { everyMs: 50 },
    logLevel: 'silent' as const,
  };
  const server = await startTestServer(config);
  const clients = await Promise.all(Array.from({ length: 3 }, () => createClient(server.url)));
  let isOver = false;
  const using = Promise.all(clients.map((client) => useUntil(client, () => isOver)));
  // Long enough for every connection to have prepared its statements.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const tables = (await postgres().query(`select tablename from pg_tables where schemaname = 'public'`, 'rolling'))
    .split('\n')
    .filter((table) => table !== '' && table !== 'migration');
  expect(tables.length).toBeGreaterThan(15);
  const next = {
    number: MIGRATIONS.length + 1,
    name: 'of a later version',
    statements: tables.flatMap((table) => [
      `alter table "${table}" add column "later" {{integer}} not null default 0`,
      `create index "${table}_later" on "${table}" ("later")`,
    ]),
    appendOnly: [],
  };
  const newer = await openPostgres({ urls: [url], migrations: [...MIGRATIONS, next] });
  await newer.close();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  isOver = true;
  expect(Math.min(...(await using))).toBeGreaterThan(3);
  const jobs = await postgres().query(`select count(*) from lease`, 'rolling');
  expect(Number(jobs)).toBeGreaterThan(0);
  await expect(startTestServer(config)).rejects.toMatchObject({ code: 'state-newer' });
});
