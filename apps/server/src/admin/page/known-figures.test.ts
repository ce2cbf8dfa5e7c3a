import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import { challengeRequest, encodeWire } from '@onefold/protocol';
import { findFreePorts } from '../../../../../tools/engines/engine-process.ts';
import type { ServerConfigInput } from '../../config.ts';
import { startTestServer } from '../../testing/started-server.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { createTestAccount } from '../../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, valueOf, type TestClient } from '../../testing/test-client.ts';
import type { Overview } from './overview.ts';

// What the admin page is told by a server that runs, beside what is known by other means: what was opened, what was sent, what lies on the disk.

const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

async function start(config: Partial<ServerConfigInput> = {}, nowMs?: () => number) {
  const [port = 0] = await findFreePorts(1);
  const tokenFile = join(temporaryFolder(), 'token');
  const server = await startTestServer({ ...config, admin: { listen: `127.0.0.1:${port}`, tokenFile } }, nowMs);
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const overview = async (): Promise<Overview> =>
    (await (await fetch(`http://127.0.0.1:${port}/api/overview`, { headers })).json()) as Overview;
  return { ...server, overview };
}

async function listen(client: TestClient): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${client.token ?? ''}` };
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}/v1/events`, { headers });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

test('sockets and polls are counted as they come and go, and devices once however many each has', async () => {
  const { url, overview } = await start();
  const connections = async () => (await overview()).connections;
  const [one, other] = [await createClient(url), await createClient(url, createTestAccount())];
  expect(await connections()).toEqual({ listeners: 0, devices: 0 });
  const sockets = [await listen(one), await listen(one), await listen(one), await listen(other)];
  const poll = new AbortController();
  const polled = fetch(`${url}/v1/wait?timeoutMs=60000`, {
    headers: { authorization: `Bearer ${other.token ?? ''}` },
    signal: poll.signal,
  }).catch(() => 'given up');
  await eventually(connections).toEqual({ listeners: 5, devices: 2 });
  sockets[0]?.terminate();
  sockets[3]?.close();
  await eventually(connections).toEqual({ listeners: 3, devices: 2 });
  poll.abort();
  expect(await polled).toBe('given up');
  await eventually(connections).toEqual({ listeners: 2, devices: 1 });
  for (const socket of sockets) socket.terminate();
  await eventually(connections).toEqual({ listeners: 0, devices: 0 });
});

test('what is stored is what lies on the disk, each user uses what they sent, and what is gone from the disk is damaged', async () => {
  const { url, data, overview } = await start({ quotaBytesPerUser: 10_000_000, collection: { scrubEveryMs: 50 } });
  const sent = new Map<string, number>();
  for (const blocksOfFile of [[1], [3, 2], []]) {
    const client = await createClient(url, createTestAccount());
    const packs = blocksOfFile.map((count) => Array.from({ length: count }, () => randomBlock()));
    for (const blocks of packs) valueOf(await client.commit([createFile(blocks)], { pack: packOf(blocks) }));
    sent.set(
      client.account.email,
      packs.reduce((sum, blocks) => sum + packOf(blocks).bytes.length, 0),
    );
  }
  const packsOnDisk = (): string[] =>
    readdirSync(join(data, 'packs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pack'))
      .map((name) => join(data, 'packs', name));
  const bytesOnDisk = packsOnDisk().reduce((sum, path) => sum + statSync(path).size, 0);
  const { users, storage, isOneOfMany } = await overview();
  expect(storage).toMatchObject({ packs: 3, packBytes: bytesOnDisk, blocks: 6, condemnedBlocks: 0, lostBlocks: 0 });
  expect(new Map(users.map(({ email, usedBytes }) => [email, usedBytes]))).toEqual(sent);
  expect([...sent.values()].reduce((sum, bytes) => sum + bytes)).toBe(bytesOnDisk);
  expect(users.map(({ devices, quotaBytes }) => [devices, quotaBytes])).toEqual(
    Array.from({ length: 3 }, () => [1, 10_000_000]),
  );
  expect(isOneOfMany).toBe(false);
  for (const path of packsOnDisk()) rmSync(path);
  await eventually(async () => (await overview()).storage.lostBlocks).toBe(6);
});

test('calls of the last hour are told by the minute and by how they ended, and a server that fails is seen to', async () => {
  const clock = { nowMs: Date.UTC(2026, 0, 1, 12, 0, 10) };
  const { url, data, overview } = await start({}, () => clock.nowMs);
  const calls = async (minutesAgo: number) => (await overview()).calls.at(-1 - minutesAgo);
  const challenge = (): Promise<Response> =>
    fetch(`${url}/v1/sessions/challenge`, {
      method: 'POST',
      headers: { 'content-type': 'application/cbor' },
      body: encodeWire(challengeRequest, { device: createTestAccount().device.id }) as Uint8Array<ArrayBuffer>,
    });
  const statuses = async (answers: Promise<Response>[]) => (await Promise.all(answers)).map(({ status }) => status);

  expect(await statuses([1, 2, 3, 4].map(() => fetch(`${url}/healthz`)))).toEqual([200, 200, 200, 200]);
  expect(await statuses([1, 2, 3].map(() => fetch(`${url}/v1/account`)))).toEqual([401, 401, 401]);
  expect(await statuses([fetch(`${url}/nothing`), challenge()])).toEqual([404, 200]);
  await eventually(() => calls(0)).toEqual({ answered: 5, refused: 4, failed: 0 });

  clock.nowMs += 60_000;
  const database = new Database(join(data, 'metadata.db'));
  onTestFinished(() => void database.close());
  database.exec('alter table challenge rename to planted');
  expect(await statuses([challenge(), challenge(), fetch(`${url}/healthz`)])).toEqual([503, 503, 200]);
  database.exec('alter table planted rename to challenge');
  await eventually(() => calls(0)).toEqual({ answered: 1, refused: 0, failed: 2 });
  expect(await calls(1)).toEqual({ answered: 5, refused: 4, failed: 0 });
  expect(await calls(2)).toEqual({ answered: 0, refused: 0, failed: 0 });

  // Fifty-nine minutes after the first ones they are the oldest that are told; a minute later they are forgotten.
  clock.nowMs += 58 * 60_000;
  expect((await overview()).calls).toHaveLength(60);
  expect(await calls(59)).toEqual({ answered: 5, refused: 4, failed: 0 });
  clock.nowMs += 60_000;
  expect(await statuses([fetch(`${url}/healthz`)])).toEqual([200]);
  await eventually(() => calls(0)).toEqual({ answered: 1, refused: 0, failed: 0 });
  expect(await calls(59)).toEqual({ answered: 1, refused: 0, failed: 2 });
  clock.nowMs -= 60_000;
  expect(await calls(59)).toEqual({ answered: 0, refused: 0, failed: 0 });
});
