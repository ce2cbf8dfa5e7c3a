import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import { encodeWire, loginRequest } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { bytes } from '../testing/test-account.ts';
import { createClient, type TestClient } from '../testing/test-client.ts';

/** Limits of the configuration that no other test reaches. */

interface Listening {
  readonly socket: WebSocket;
  readonly hello: Promise<unknown>;
  readonly closed: Promise<number>;
}

function listen(client: TestClient): Promise<Listening> {
  const headers = { authorization: `Bearer ${client.token ?? ''}` };
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}/v1/events`, { headers });
  onTestFinished(() => socket.terminate());
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  // It may come with the answer that opens the socket.
  const hello = new Promise((resolve) => socket.once('message', resolve));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => resolve({ socket, hello, closed }));
  });
}

test('a device has only so many sockets and polls at a time', async () => {
  const { url } = await startTestServer({ limits: { socketsPerDevice: 2 } });
  const client = await createClient(url);
  const [first] = [await listen(client), await listen(client)];
  await first.hello;
  expect(await (await listen(client)).closed).toBe(1008);
  expect((await client.raw('GET', '/v1/wait?timeoutMs=10')).status).toBe(429);
  first.socket.terminate();
  await expect.poll(async () => (await client.raw('GET', '/v1/wait?timeoutMs=10')).status).toBe(200);
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(200);
});

test('a session makes only so many calls, and is told when to come again; another one goes on', async () => {
  const { url } = await startTestServer({ limits: { devicePerMinute: 10 } });
  const [client, other] = [await createClient(url), await createClient(url)];
  const answers: Response[] = [];
  for (let i = 0; i < 12; i++) answers.push(await client.raw('GET', '/v1/namespaces'));
  expect(answers.map(({ status }) => status).slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(answers.at(-1)?.status).toBe(429);
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await other.raw('GET', '/v1/namespaces')).status).toBe(200);
});

test('an account has only so many failed logins, from whatever addresses they come', async () => {
  const { url } = await startTestServer({ trustProxy: true, limits: { failedLoginsPerAccount: 3 } });
  const { account } = await createClient(url);
  const login = (email: string, address: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/cbor', 'x-forwarded-for': address };
      const sent = request(`${url}/v1/login`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.once('error', reject);
      sent.end(encodeWire(loginRequest, { email, authKey: bytes(32) }));
    });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push(await login(account.email, `198.51.100.${i}`));
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  expect(await login('another@example.org', '198.51.100.9')).toBe(401);
});

test('a session is over after its time, and a new one is had', async () => {
  let nowMs = Date.now();
  const { url } = await startTestServer({ sessionMs: 60_000 }, () => nowMs);
  const client = await createClient(url);
  nowMs += 59_000;
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(200);
  nowMs += 2_000;
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(401);
  await client.openSession();
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(200);
});

test('calls that do not end are cut when the time of a stopping server is up', async () => {
  const { url, close } = await startTestServer({ drainMs: 200 });
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const cut = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\ncontent-length: 100\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await close();
  await cut;
});

test('a request that takes longer to arrive than it may is refused and its connection cut; others go on', async () => {
  const { url } = await startTestServer({ requestTimeoutMs: 1_000 });
  const { hostname, port } = new URL(url);
  const client = await createClient(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  let answered = '';
  socket.on('data', (part: Buffer) => (answered += part.toString('latin1')));
  let isCut = false;
  socket.once('close', () => (isCut = true));
  const head = 'POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\ncontent-length: 60000\r\n\r\n';
  socket.write(head);
  // Byte by byte, so that it is never idle: it is the whole that takes too long.
  while (!isCut) {
    socket.write('x');
    expect((await client.raw('GET', '/v1/namespaces')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(answered).toMatch(/^HTTP\/1\.1 408 /);
});

/** Connections that say nothing. */
async function connectSilently(url: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

/** A call on a connection of its own; undefined when that is closed without an answer. */
function ask(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage | undefined> {
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/namespaces`, { headers, agent: false }, (answer) => resolve(answer.resume()));
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

const metricsOf = async (url: string): Promise<string> => await (await fetch(`${url}/metrics`)).text();

test('an address has only so many connections: one more is told so, twice as many are closed unheard', async () => {
  const { url } = await startTestServer({ metrics: 'public', limits: { connectionsPerAddress: 4 } });
  const silent = await connectSilently(url, 4);
  await expect.poll(async () => (await ask(url))?.statusCode).toBe(429);
  const answer = await ask(url);
  expect(answer?.headers).toMatchObject({ connection: 'close', 'retry-after': '5' });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`);
  const refused = await new Promise((resolve) => socket.once('error', (error) => resolve(error.message)));
  expect(refused).toContain('429');
  // What watches the server sees how it does.
  expect(await metricsOf(url)).toMatch(/^onefold_connections [5-9]$/m);
  expect(await metricsOf(url)).toMatch(/^onefold_refused_connections_total [1-9]/m);
  const more = await connectSilently(url, 5);
  const closed = more.map((one) => once(one, 'close'));
  expect(await ask(url)).toBeUndefined();
  // Nor do the others stay.
  await Promise.all(closed);
  silent[0]?.destroy();
  await expect.poll(async () => (await ask(url))?.statusCode).toBe(401);
});

test('behind a proxy each address has so many calls and sockets open, and one does not count for another', async () => {
  const { url } = await startTestServer({ trustProxy: true, limits: { connectionsPerAddress: 2 } });
  const client = await createClient(url);
  const from = (address: string) => ({ authorization: `Bearer ${client.token ?? ''}`, 'x-forwarded-for': address });
  const waiting = new AbortController();
  onTestFinished(() => waiting.abort());
  const poll = fetch(`${url}/v1/wait?timeoutMs=50000`, { headers: from('198.51.100.7'), signal: waiting.signal });
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, { headers: from('198.51.100.7') });
  onTestFinished(() => socket.terminate());
  await once(socket, 'message');
  await expect.poll(async () => (await ask(url, from('198.51.100.7')))?.statusCode).toBe(429);
  expect((await ask(url, from('198.51.100.8')))?.statusCode).toBe(200);
  waiting.abort();
  await expect(poll).rejects.toThrow();
  await expect.poll(async () => (await ask(url, from('198.51.100.7')))?.statusCode).toBe(200);
});
