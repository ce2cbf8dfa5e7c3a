import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { appendChainRequest, appendChainResponse } from '@onefold/protocol';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { createScrubber } from '../collect/scrub.ts';
import { createTreeSumFiller } from '../journal/fill-tree-sums.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startServer } from '../server.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { BEGUN_AT_MS, collectAll, DAY_MS, giveWork, JOBS_CONFIG, retain } from '../testing/job-work.ts';
import { revocationOf } from '../testing/revocation.ts';
import { LOGGING, loggedTransactions, type LoggedStatement } from '../testing/statement-log.ts';
import { createTestDevice } from '../testing/test-account.ts';
import { addByFirst, createClient, randomBlock, valueOf } from '../testing/test-client.ts';
import { announce, putPack } from '../testing/test-uploads.ts';
import { openNode } from '../testing/two-nodes.ts';
import { createUploadSweeper } from '../uploads/sweep-uploads.ts';

/*
 * The order of locks, as the database sees it: users by id, then namespaces by id, then whatever of them a transaction changes. Who changes uploads, blocks or packs
 * holds their namespace already, so the order among these three is nobody's concern.
 */

const HELD_BY_NAMESPACE = ['upload', 'upload_block', 'block', 'pack', 'thinned_pack'];
const NEVER = new AbortController().signal;

const folder = engineFolder();
const data = mkdtempSync(join(tmpdir(), 'onefold-locks-'));
let engine: Postgres;

beforeAll(async () => {
  engine = await startPostgres({ folder: folder.path, settings: LOGGING });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
  rmSync(data, { recursive: true, force: true });
});

/** Every call that locks more than one row. */
async function callAll(url: string): Promise<void> {
  const clients = await Promise.all([1, 2, 3].map(() => createClient(url)));
  // Together, so that one transaction records packs of several namespaces.
  await Promise.all(
    clients.map(async (client) => {
      for (let i = 0; i < 5; i++) {
        const block = randomBlock();
        await putPack(client, await announce(client, [block]), [block]);
      }
    }),
  );
  const [client] = clients;
  if (client === undefined) throw new Error('no client');
  const lost = createTestDevice();
  await addByFirst(client, lost);
  const answer = await client.call('POST', '/v1/chain', appendChainResponse, {
    schema: appendChainRequest,
    value: revocationOf(client, lost.id),
  });
  valueOf(answer);
  await giveWork(url);
}

async function workAll(url: string): Promise<void> {
  const clock = { nowMs: BEGUN_AT_MS + 100 * DAY_MS };
  const nowMs = (): number => clock.nowMs;
  const packs = await openDiskPackStore({ folder: join(data, 'packs'), nowMs });
  const node = await openNode({ url, data, packs, nowMs, config: JOBS_CONFIG, name: 'jobs' });
  onTestFinished(() => node.close());
  const { context } = node;
  await retain(context, () => undefined);
  await createUploadSweeper(context)(NEVER);
  clock.nowMs += 30 * DAY_MS;
  await createUploadSweeper(context)(NEVER);
  await createTreeSumFiller(context)(NEVER);
  await collectAll(context, (ms) => void (clock.nowMs += ms));
  await createScrubber(context, Infinity, new Uint8Array())(NEVER);
  expect(node.complaints()).toEqual([]);
}

/** What a transaction locked in another order, in words. */
function outOfOrder(transaction: readonly LoggedStatement[]): string[] {
  const held = { user: [] as string[], namespace: [] as string[] };
  return transaction.flatMap(({ text, parameters }) => {
    const locked = / from "(user|namespace)" .*for update$/.exec(text)?.[1] as keyof typeof held | undefined;
    if (locked !== undefined) {
      const [id = ''] = parameters;
      if (held[locked].includes(id)) return [];
      const isLate = locked === 'user' && held.namespace.length > 0;
      const isBehind = id < (held[locked].at(-1) ?? '');
      held[locked].push(id);
      return isLate || isBehind ? [`${locked} after ${isLate ? 'a namespace' : 'a greater one'}: ${text}`] : [];
    }
    // What it makes itself nobody else can hold.
    if (text.startsWith('insert into "namespace"')) held.namespace.push('');
    const changed = /(?:^|\) )(?:update|insert into|delete from) "(\w+)"/.exec(text)?.[1] ?? '';
    if (!HELD_BY_NAMESPACE.includes(changed) || held.namespace.length > 0) return [];
    return [`${changed} without its namespace: ${text}`];
  });
}

test(
  'every transaction of calls and of background work locks users, then namespaces, by id, and only then what is in them',
  { timeout: 120_000 },
  async () => {
    const url = await engine.createDatabase('locks');
    const postgres = { urls: [url] };
    const options = {
      ...JOBS_CONFIG,
      quotaBytesPerUser: 1e12,
      postgres,
      data,
      listen: '127.0.0.1:0',
      logLevel: 'silent',
    } as const;
    const server = await startServer(options, () => BEGUN_AT_MS);
    await callAll(server.url);
    await server.close();
    await workAll(url);
    const transactions = loggedTransactions(folder.path);
    expect([...new Set(transactions.flatMap(outOfOrder))]).toEqual([]);
    const texts = transactions.flat().map(({ text }) => text);
    // What was never asked was never out of order.
    for (const table of HELD_BY_NAMESPACE)
      for (const way of [`insert into "${table}"`, `delete from "${table}"`])
        expect(
          texts.some((text) => text.startsWith(way)),
          way,
        ).toBe(true);
    for (const table of ['user', 'namespace'])
      expect(texts.some((text) => text.includes(` from "${table}" `) && text.endsWith('for update'))).toBe(true);
    expect(await engine.query('select sum(deadlocks) from pg_stat_database')).toMatch(/^0$/m);
  },
);

test('a transaction that locks in another order is found', () => {
  const lock = (table: string, id: string): LoggedStatement => ({
    text: `select "x" from "${table}" where "${table}" = $1 for update`,
    parameters: [id],
  });
  const change = (text: string): LoggedStatement => ({ text, parameters: [] });
  expect(
    outOfOrder([lock('user', '1'), lock('namespace', '1'), lock('namespace', '2'), change('update "block" set')]),
  ).toEqual([]);
  expect(outOfOrder([lock('namespace', '2'), lock('namespace', '1')])).toHaveLength(1);
  expect(outOfOrder([lock('namespace', '1'), lock('user', '1')])).toHaveLength(1);
  expect(outOfOrder([change('delete from "upload_block" where'), lock('namespace', '1')])).toHaveLength(1);
});
