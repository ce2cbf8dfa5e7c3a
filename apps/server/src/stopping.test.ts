import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { collect } from './collect/collect.ts';
import { resolveConfig } from './config.ts';
import { takeDataFolder } from './data-folder.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openEngines } from './open-engines.ts';
import { startServer } from './server.ts';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from './testing/test-client.ts';

test('a stopping server answers nothing new, however long the work on what is stored takes', async () => {
  const { url, data, close } = await startTestServer({ drainMs: 500, retention: { everyMs: 50 } });
  // Everything that writes waits for this.
  const holder = new Database(join(data, 'metadata.db'));
  holder.exec('begin immediate');
  try {
    // Until background work stands before the lock.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const closed = close();
    await expect
      .poll(
        () =>
          fetch(`${url}/healthz`).then(
            () => 'answers',
            () => 'gone',
          ),
        { timeout: 5_000 },
      )
      .toBe('gone');
    holder.exec('rollback');
    await closed;
  } finally {
    holder.close();
  }
});

test('a collection that is told to end ends after the object it is at; the next one goes on', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  for (let i = 0; i < 3; i++) {
    const block = randomBlock();
    valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  }
  await server.close();
  const folder = takeDataFolder(data);
  const config = resolveConfig({ data, collection: { condemnedMs: 0 } });
  const { metadata, packs, close } = await openEngines(config, folder, { nowMs: Date.now, onError: () => undefined });
  const dead = async (): Promise<number> =>
    (await metadata.read.selectFrom('dead_object').select('object_key').execute()).length;
  try {
    await metadata.write(async (writer) => {
      const rows = await writer.deleteFrom('pack').returning('object_key').execute();
      await writer.deleteFrom('block').execute();
      for (const { object_key } of rows)
        await writer.insertInto('dead_object').values({ object_key, dead_at_ms: 0 }).execute();
    });
    expect(await dead()).toBe(3);
    const over = new AbortController();
    const told = Object.create(packs, {
      remove: {
        value: async (objectKey: string) => {
          over.abort();
          await packs.remove(objectKey);
        },
      },
    }) as typeof packs;
    const log = createLog({ logLevel: 'silent' });
    const context = { config, log, metrics: createMetrics(), nowMs: Date.now, metadata, packs: told };
    await collect(context, 'all-packs', over.signal);
    expect(await dead()).toBe(2);
    await collect({ ...context, packs }, 'all-packs');
    expect(await dead()).toBe(0);
  } finally {
    await close();
    folder.release();
  }
});

test('on a connection that is open, a stopping server says that it is not ready, and that it is the last answer', async () => {
  const { url, close } = await startTestServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = (): Promise<{ status: number | undefined; connection: string | undefined } | 'gone'> =>
    new Promise((resolve) => {
      const asked = get(`${url}/readyz`, { agent }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ status: answer.statusCode, connection: answer.headers.connection }));
      });
      asked.once('error', () => resolve('gone'));
    });
  expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
  const closed = close();
  let last: Awaited<ReturnType<typeof ask>>;
  do last = await ask();
  while (last !== 'gone' && last.status === 200);
  expect(last).toEqual({ status: 503, connection: 'close' });
  expect(await ask()).toBe('gone');
  await closed;
});

const FIXTURES = fileURLToPath(new URL('../fixtures/tls/', import.meta.url));
const tls = { certFile: `${FIXTURES}first.cert.pem`, keyFile: `${FIXTURES}first.key.pem` };
const plainly = (port: number) => connect(port, '127.0.0.1');
const overTls = (port: number) => connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });

// Browsers open such connections ahead of need, and some clients after a call they gave up.
test.each([
  ['a connection', {}, plainly, 'connect'],
  ['a connection to a server that speaks TLS', { tls }, plainly, 'connect'],
  ['a connection over TLS', { tls }, overTls, 'secureConnect'],
] as const)('%s on which nothing was ever asked keeps no server from stopping', async (_, config, open, opened) => {
  // Longer than the test has.
  const { url, close } = await startTestServer({ ...config, drainMs: 600_000 });
  const socket = open(Number(new URL(url).port));
  socket.on('error', () => undefined).resume();
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, 'close');
  await once(socket, opened);
  await close();
  await closed;
});

test.each([
  ['half a request', {}, 'GET /healthz HTTP/1.1\r\n'],
  ['what is no TLS', { tls }, '\x16\x03\x01\x02\x00\x01'],
])('a connection that has sent %s is cut when the time is up', async (_, config, sent) => {
  const { url, close } = await startTestServer({ ...config, drainMs: 200 });
  const socket = plainly(Number(new URL(url).port));
  socket.on('error', () => undefined).resume();
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(sent);
  // Until the server has read it.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await close();
  await closed;
});

test.each([
  ['plainly', {}, plainly],
  ['over TLS', { tls }, overTls],
] as const)('a call that is being sent %s when the server stops is answered', async (_, config, open) => {
  const { url, close } = await startTestServer({ ...config, drainMs: 600_000 });
  const socket = open(Number(new URL(url).port));
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  const ended = once(socket, 'close');
  socket.write(
    'POST /v1/login HTTP/1.1\r\nhost: h\r\ncontent-type: application/cbor\r\ncontent-length: 2\r\n\r\n\xa1',
    'latin1',
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  const closed = close();
  // Longer than what is at rest is left open.
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.write('\x00');
  await ended;
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  await closed;
});
