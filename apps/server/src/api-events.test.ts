import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  accountResponse,
  addDeviceRequest,
  addDeviceResponse,
  announceUploadRequest,
  announceUploadResponse,
  appendChainRequest,
  appendChainResponse,
  decodeWire,
  emptyResponse,
  encodeCbor,
  inStepRequest,
  loginRequest,
  loginResponse,
  serverEventSchema,
  waitResponse,
  type OpId,
  type ServerEvent,
} from '@onefold/protocol';
import { namespaceIdOf } from '@onefold/journal';
import { addDeviceLink, bytes, createTestDevice, namedNamespace, randomId } from './testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  TestClient,
  valueOf,
} from './testing/test-client.ts';
import { announce as announceAll, putPack } from './testing/test-uploads.ts';
import { revocationOf } from './testing/revocation.ts';
import { startTestServer, useTestServer } from './testing/started-server.ts';

const shared = useTestServer();

interface Listening {
  readonly socket: WebSocket;
  readonly events: ServerEvent[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

function listen(client: TestClient, how: 'header' | 'message' | 'nothing' = 'header'): Promise<Listening> {
  const headers = how === 'header' ? { authorization: `Bearer ${client.token ?? ''}` } : {};
  const socket = new WebSocket(`${client.url.replace('http', 'ws')}/v1/events`, { headers });
  onTestFinished(() => socket.terminate());
  const events: ServerEvent[] = [];
  socket.on('message', (data: Buffer) => events.push(decodeWire(serverEventSchema, new Uint8Array(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => {
      if (how === 'message') socket.send(encodeCbor({ token: client.token }));
      resolve({ socket, events, closed });
    });
  });
}

async function secondDevice(first: TestClient): Promise<TestClient> {
  const { account, url } = first;
  const second = new TestClient(url, account, createTestDevice());
  const { loginToken } = valueOf(
    await second.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const boxes = [
    { generation: 1, recipient: { kind: 'device' as const, device: second.device.id }, sealed: bytes(90) },
  ];
  const value = { loginToken, link: addDeviceLink(account, second.device), boxes };
  valueOf(await second.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value }));
  valueOf(await second.openSession());
  return second;
}

test('a socket begins with the heads, then tells of every new one', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const second = await secondDevice(first);
  for (const how of ['header', 'message'] as const) {
    const listening = await listen(second, how);
    await expect.poll(() => listening.events[0]).toMatchObject({ event: 'hello', heads: [{ seq: first.head.seq }] });
    valueOf(await first.commit([createFolder()]));
    await expect
      .poll(() => listening.events.at(-1))
      .toEqual({
        event: 'head',
        head: { namespaceId: first.namespace, seq: first.head.seq, hash: first.head.hash, recoveryEpoch: 0 },
      });
    listening.socket.close();
  }
});

test('other devices hear that something is being uploaded, and again when it stands', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const second = await secondDevice(first);
  const [own, other] = [await listen(first), await listen(second)];
  const block = randomBlock();
  const file = createFile([block]);
  const label = bytes(40);
  const { uploadId } = valueOf(
    await first.call('POST', first.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value: { opId: randomId<OpId>(16), nodes: [{ node: file.node, label }], paddedBytes: 300, reused: [] },
    }),
  );
  await expect
    .poll(() => other.events.at(-1))
    .toEqual({
      event: 'uploading',
      namespaceId: first.namespace,
      device: first.device.id,
      uploadId,
      nodes: [{ node: file.node, label }],
      state: 'pending',
    });
  valueOf(await first.commit([file], { uploadId, pack: packOf([block]) }));
  await expect
    .poll(() => other.events.map((event) => (event.event === 'uploading' ? event.state : event.event)))
    .toContain('committed');
  expect(other.events.some((event) => event.event === 'head')).toBe(true);
  expect(own.events.some((event) => event.event === 'uploading' && event.state === 'pending')).toBe(false);
});

test('once all blocks of an upload are with the server others hear that, before an entry names them', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const other = await listen(await secondDevice(first));
  const blocks = [randomBlock(), randomBlock()];
  const uploadId = await announceAll(first, blocks);
  const told = (): string[] =>
    other.events.flatMap((event) => (event.event === 'uploading' && event.uploadId === uploadId ? [event.state] : []));
  await putPack(first, uploadId, blocks.slice(0, 1));
  await expect.poll(told).toEqual(['pending']);
  await putPack(first, uploadId, blocks.slice(1));
  await expect.poll(told).toEqual(['pending', 'uploaded']);
});

test('a new link is told, and the namespace that came with it', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const listening = await listen(client);
  const { genesis, link } = namedNamespace(client.account, client.device);
  valueOf(
    await client.call('POST', '/v1/chain', appendChainResponse, {
      schema: appendChainRequest,
      value: { links: [link], genesis },
    }),
  );
  await expect.poll(() => listening.events).toContainEqual({ event: 'chain', chainLength: 4 });
  await expect
    .poll(() => listening.events.flatMap((event) => (event.event === 'head' ? [event.head.namespaceId] : [])))
    .toContain(namespaceIdOf(genesis));
  const inNew = new TestClient(url, client.account, client.device, namespaceIdOf(genesis));
  inNew.token = client.token;
  valueOf(await inNew.commit([createFolder()]));
  await expect
    .poll(() => listening.events.flatMap((event) => (event.event === 'head' ? [event.head.seq] : [])))
    .toContain(1);
});

test('an account shows when each of its devices was last in step, which lasts as long as one is connected and says nothing else', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const second = await secondDevice(client);
  const say = async (isInStep: boolean) =>
    valueOf(await second.call('POST', '/v1/in-step', emptyResponse, { schema: inStepRequest, value: { isInStep } }));
  const shown = async () => valueOf(await client.call('GET', '/v1/account', accountResponse)).devices;
  expect((await shown()).map(({ inStepMs }) => inStepMs)).toEqual([null, null]);
  const listening = await listen(second);
  await say(false);
  expect((await shown())[1]?.inStepMs).toBeNull();
  await say(true);
  const [before, later] = [(await shown())[1]?.inStepMs ?? 0, async () => (await shown())[1]?.inStepMs ?? 0];
  expect(before).toBeGreaterThan(0);
  await expect.poll(later).toBeGreaterThan(before);
  await say(false);
  const at = await later();
  await say(false);
  expect(await later()).toBe(at);
  await say(true);
  listening.socket.terminate();
  await expect.poll(async () => (await shown())[1]?.online, { timeout: 10_000 }).toBe(false);
  // Since then nobody knows.
  await expect.poll(async () => (await shown())[1]).toMatchObject({ inStepMs: (await shown())[1]?.lastSeenMs });
});

test('sockets without a session, or of a revoked device, are not served', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const stranger = new TestClient(url, client.account);
  stranger.token = 'nothing';
  await expect(listen(stranger)).rejects.toThrow(/401/);
  const silent = await listen(stranger, 'message');
  expect(await silent.closed).toMatchObject({ code: 1008 });
  const second = await secondDevice(client);
  valueOf(
    await client.call('POST', '/v1/chain', appendChainResponse, {
      schema: appendChainRequest,
      value: revocationOf(client, second.device.id),
    }),
  );
  await expect(listen(second)).rejects.toThrow(/403/);
});

test('an open socket of a device ends when the device is revoked', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const second = await secondDevice(client);
  const listening = await listen(second);
  await expect.poll(() => listening.events.length).toBe(1);
  valueOf(
    await client.call('POST', '/v1/chain', appendChainResponse, {
      schema: appendChainRequest,
      value: revocationOf(client, second.device.id),
    }),
  );
  expect(await listening.closed).toEqual({ code: 1008, reason: 'device-revoked' });
});

test('the server pings, and drops a peer that answers nothing', async () => {
  const { url } = await startTestServer({ heartbeatMs: 150 });
  const client = await createClient(url);
  const second = await secondDevice(client);
  const [alive, dead] = [await listen(client), await listen(second)];
  let pings = 0;
  alive.socket.on('ping', () => pings++);
  const online = async (): Promise<boolean[]> =>
    valueOf(await client.call('GET', '/v1/account', accountResponse)).devices.map((device) => device.online);
  await expect.poll(online).toEqual([true, true]);
  (dead.socket as unknown as { _socket: { pause(): void } })._socket.pause();
  await expect.poll(online, { timeout: 10_000 }).toEqual([true, false]);
  expect(pings).toBeGreaterThan(1);
  expect(alive.socket.readyState).toBe(WebSocket.OPEN);
});

test('a long poll answers at once for what is behind, later for what comes, and empty when time is up', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const wait = (query: string) => client.call('GET', `/v1/wait?${query}`, waitResponse);
  valueOf(await client.commit([createFolder()]));
  expect(valueOf(await wait(`after=${client.namespace}:0&timeoutMs=20000`)).events).toMatchObject([
    { event: 'head', head: { seq: 1 } },
  ]);
  const waiting = wait(`after=${client.namespace}:1&timeoutMs=20000`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  valueOf(await client.commit([createFolder()]));
  expect(valueOf(await waiting).events).toMatchObject([{ event: 'head', head: { seq: 2 } }]);
  expect(valueOf(await wait(`after=${client.namespace}:2&timeoutMs=50`)).events).toEqual([]);
  expect(valueOf(await wait('chain=1&timeoutMs=20000')).events).toEqual([{ event: 'chain', chainLength: 3 }]);
  expect(await wait('after=nonsense')).toMatchObject({ status: 400 });
});

test('a long poll is answered at once by a server that was restored to less than the caller has', async () => {
  const first = await startTestServer();
  const client = await createClient(first.url);
  for (let i = 0; i < 3; i++) valueOf(await client.commit([createFolder()]));
  await first.close();
  const database = new Database(join(first.data, 'metadata.db'));
  // As `admin restore` leaves it.
  database.exec('update namespace set recovery_epoch = recovery_epoch + 1');
  database.close();
  const next = await startTestServer({ data: first.data });
  const restored = new TestClient(next.url, client.account);
  valueOf(await restored.openSession());
  const wait = (query: string) => restored.call('GET', `/v1/wait?${query}`, waitResponse);
  const told = valueOf(await wait(`after=${client.namespace}:9:0&timeoutMs=20000`)).events;
  expect(told).toMatchObject([{ event: 'head', head: { seq: 3, recoveryEpoch: 1 } }]);
  expect(valueOf(await wait(`after=${client.namespace}:3:1&timeoutMs=50`)).events).toEqual([]);
  expect(valueOf(await wait(`after=${client.namespace}:9&timeoutMs=50`)).events).toEqual([]);
  expect(await wait(`after=${client.namespace}:9:x`)).toMatchObject({ status: 400 });
});

test('a closing server sends its listeners away and gives the folder to the next', async () => {
  const { url, data, close } = await startTestServer();
  const client = await createClient(url);
  const listening = await listen(client);
  const second = await secondDevice(client);
  const waiting = second.call('GET', '/v1/wait?timeoutMs=30000', waitResponse);
  await expect
    .poll(async () => valueOf(await client.call('GET', '/v1/account', accountResponse)).devices[1]?.online)
    .toBe(true);
  await close();
  expect(await listening.closed).toMatchObject({ code: 1001 });
  expect(valueOf(await waiting).events).toEqual([]);
  const next = await startTestServer({ data });
  expect((await fetch(`${next.url}/readyz`)).status).toBe(200);
});
