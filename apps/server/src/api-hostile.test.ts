import { connect } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import {
  addDeviceRequest,
  addDeviceResponse,
  announceUploadRequest,
  announceUploadResponse,
  buildPack,
  completeUploadRequest,
  decodeWire,
  errorSchema,
  loginRequest,
  loginResponse,
  putPackResponse,
  serverEventSchema,
  uploadResponse,
  versionsResponse,
  type CtHash,
  type NodeId,
  type OpId,
  type ServerEvent,
  type UploadId,
} from '@onefold/protocol';
import { addDeviceLink, bytes, createTestDevice, randomId } from './testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  packOf,
  randomBlock,
  TestClient,
  valueOf,
} from './testing/test-client.ts';
import { startTestServer, useTestServer } from './testing/started-server.ts';

/* What devices that are hostile, broken or unlucky ask for, and what it may cost the others. */

const shared = useTestServer();

/** Sends a request's head and no more of its body than `body`; answers with what comes back within the time. */
function sendHead(url: string, lines: readonly string[], body: Uint8Array = new Uint8Array(0)): Promise<string> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${lines[0]} HTTP/1.1\r\nhost: ${host}\r\n${lines.slice(1).join('\r\n')}\r\n\r\n`);
      socket.write(body);
    });
    onTestFinished(() => void socket.destroy());
    socket.on('error', reject);
    socket.on('data', (data: Buffer) => resolve(data.toString('latin1')));
    socket.on('close', () => resolve(''));
  });
}

function packFiles(data: string): string[] {
  return readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

function query<T>(data: string, statement: string): T[] {
  const database = new Database(join(data, 'metadata.db'), { readonly: true });
  try {
    return database.prepare(statement).all() as T[];
  } finally {
    database.close();
  }
}

function run(data: string, statement: string): void {
  const database = new Database(join(data, 'metadata.db'));
  database.exec(statement);
  database.close();
}

async function announce(client: TestClient, opId = randomId<OpId>(16), reused: CtHash[] = []) {
  return client.call('POST', client.path('/uploads'), announceUploadResponse, {
    schema: announceUploadRequest,
    value: { opId, nodes: [], paddedBytes: 1_000, reused },
  });
}

function put(client: TestClient, uploadId: UploadId, pack: Uint8Array) {
  return client.call('PUT', client.path(`/packs/${randomId(16)}?upload=${uploadId}`), putPackResponse, { pack });
}

test.each(['/uploads', '/entries', '/blocks/read', `/uploads/${'0'.repeat(32)}/complete`])(
  'a large body for %s without a session is refused before it is sent',
  async (rest) => {
    const client = await createClient(shared.url);
    const answer = await sendHead(shared.url, [
      `POST ${client.path(rest)}`,
      'authorization: Bearer abc',
      'content-type: application/cbor',
      `content-length: 200000`,
    ]);
    expect(answer.split('\r\n')[0]).toContain('401');
  },
);

test('a large body for a namespace of somebody else is refused before it is sent', async () => {
  const [client, other] = [await createClient(shared.url), await createClient(shared.url)];
  const answer = await sendHead(shared.url, [
    `POST ${other.path('/entries')}`,
    `authorization: Bearer ${client.token}`,
    'content-type: application/cbor',
    'transfer-encoding: chunked',
  ]);
  expect(answer.split('\r\n')[0]).toContain('404');
});

test('a pack sent as another type is bad use, not a failure of the server', async () => {
  const client = await createClient(shared.url);
  const { uploadId } = valueOf(await announce(client));
  const path = client.path(`/packs/${randomId(16)}?upload=${uploadId}`);
  const response = await client.raw('PUT', path, buildPack([randomBlock()]), { 'content-type': 'application/cbor' });
  expect(response.status).toBe(400);
});

test('senders that fall asleep do not keep others from sending', { timeout: 60_000 }, async () => {
  const { url } = await startTestServer({ limits: { packMemoryBytes: 16 * 1024 * 1024, packPatienceMs: 500 } });
  const client = await createClient(url);
  const { uploadId } = valueOf(await announce(client));
  const asleep = Array.from({ length: 4 }, () =>
    sendHead(
      url,
      [
        `PUT ${client.path(`/packs/${randomId(16)}?upload=${uploadId}`)}`,
        `authorization: Bearer ${client.token}`,
        'content-type: application/octet-stream',
        `content-length: 8000000`,
      ],
      bytes(1_000),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(valueOf(await put(client, uploadId, buildPack([randomBlock(4_000_000)]))).stored).toBe(1);
  expect(valueOf(await client.commit([createFile([randomBlock()])])).outcome).toBe('blocks-missing');
  void Promise.allSettled(asleep);
});

test('a commit of a deep tree takes a few statements, not one for each level', { timeout: 60_000 }, async () => {
  const { url } = await startTestServer({ metrics: 'public' });
  const client = await createClient(url);
  let parent: NodeId | undefined;
  for (let at = 0; at < 6; at++) {
    const folders = Array.from({ length: 500 }, () => {
      const node = randomId<NodeId>(16);
      const folder = createFolder(parent === undefined ? { node } : { node, parent });
      parent = node;
      return folder;
    });
    expect(valueOf(await client.commit(folders)).outcome).toBe('committed');
  }
  const before = await statementsOf(url);
  expect(valueOf(await client.commit([createFile([], { parent: parent as NodeId })])).outcome).toBe('committed');
  expect((await statementsOf(url)) - before).toBeLessThan(60);
});

async function statementsOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^onefold_database_statements_total (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

test('what a reader sends along with an entry is not kept', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  run(data, `update member set role = 'reader'`);
  const blocks = [randomBlock()];
  expect(await client.commit([createFile(blocks)], { pack: packOf(blocks) })).toMatchObject({ code: 'forbidden' });
  expect(packFiles(data)).toEqual([]);
  expect(query(data, 'select * from pack')).toEqual([]);
});

test('a pack whose commit fails inside the transaction leaves no object behind', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  run(data, `create trigger "planted" before insert on "pack" begin select raise(abort, 'planted'); end`);
  const blocks = [randomBlock()];
  expect(await client.commit([createFile(blocks)], { pack: packOf(blocks) })).toMatchObject({ ok: false });
  expect(packFiles(data)).toEqual([]);
  const { uploadId } = valueOf(await announce(client));
  expect(await put(client, uploadId, packOf(blocks).bytes)).toMatchObject({ ok: false });
  expect(packFiles(data)).toEqual([]);
});

test('many versions of large files are told in pages, newest first, without a gap', async () => {
  const { url } = await startTestServer();
  const client = await createClient(url);
  const node = randomId<NodeId>(16);
  valueOf(await client.commit([createFile([], { node })]));
  for (let base = 1; base < 21; base++) {
    const change = { op: 'content' as const, node, base, added: [], dropped: [], sealed: bytes(900_000) };
    expect(valueOf(await client.commit([change])).outcome).toBe('committed');
  }
  const first = valueOf(await client.call('GET', client.path(`/nodes/${node}/versions`), versionsResponse));
  expect(first.versions.reduce((sum, { sealed }) => sum + sealed.length, 0)).toBeLessThan(9 * 1024 * 1024);
  expect(first.versions.at(-1)?.version).toBe(21);
  const seen = first.versions.map(({ version }) => version);
  for (let older = first.hasOlder; older === true;) {
    const page = valueOf(
      await client.call('GET', client.path(`/nodes/${node}/versions?before=${seen[0]}`), versionsResponse),
    );
    seen.unshift(...page.versions.map(({ version }) => version));
    older = page.hasOlder;
  }
  expect(seen).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
});

test('a finished upload pins nothing any more, whatever is sent to it', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const opId = randomId<OpId>(16);
  const { uploadId } = valueOf(await announce(client, opId));
  const blocks = [randomBlock()];
  valueOf(await put(client, uploadId, buildPack(blocks)));
  expect(valueOf(await client.commit([createFile(blocks)], { uploadId })).outcome).toBe('committed');
  valueOf(await put(client, uploadId, buildPack([randomBlock()])));
  valueOf(
    await announce(
      client,
      opId,
      blocks.map(({ ctHash }) => ctHash),
    ),
  );
  expect(query(data, 'select * from upload_block')).toEqual([]);
});

test('an upload that was whole is not any more once further blocks are named', async () => {
  const client = await createClient(shared.url);
  const { uploadId } = valueOf(await announce(client));
  const [here, later] = [randomBlock(), randomBlock()];
  const complete = (blocks: CtHash[]) =>
    client.call('POST', client.path(`/uploads/${uploadId}/complete`), uploadResponse, {
      schema: completeUploadRequest,
      value: { blocks },
    });
  valueOf(await put(client, uploadId, buildPack([here])));
  expect(valueOf(await complete([here.ctHash])).state).toBe('uploaded');
  expect(valueOf(await complete([here.ctHash, later.ctHash])).state).toBe('pending');
  expect(valueOf(await put(client, uploadId, buildPack([later]))).state).toBe('uploaded');
});

test('a device has only so many uploads open, and finished ones are forgotten after a while', async () => {
  let nowMs = Date.now();
  const config = {
    uploadExpiryMs: 60_000,
    uploadOutcomeMs: 60_000,
    sweepEveryMs: 50,
    limits: { pendingUploadsPerDevice: 3 },
  };
  const { url, data } = await startTestServer(config, () => nowMs);
  const client = await createClient(url);
  for (let i = 0; i < 3; i++) valueOf(await announce(client));
  expect(await announce(client)).toMatchObject({ status: 429, code: 'too-many-requests' });
  nowMs += 61_000;
  await expect
    .poll(() => query(data, `select * from upload where state = 'pending'`).length, { timeout: 10_000 })
    .toBe(0);
  valueOf(await announce(client));
  nowMs += 122_000;
  await expect.poll(() => query(data, 'select * from upload').length, { timeout: 10_000 }).toBe(0);
});

test('socket requests are counted like any other', async () => {
  const { url } = await startTestServer({ limits: { anonymousPerMinute: 10 } });
  const answers: number[] = [];
  for (let i = 0; i < 15; i++)
    answers.push(
      await new Promise<number>((resolve) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`);
        socket.on('open', () => {
          socket.terminate();
          resolve(101);
        });
        socket.on('error', () => undefined);
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      }),
    );
  expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 101));
  expect(answers).toContain(429);
});

test('a login adds one device; the same request again is answered alike', async () => {
  const client = await createClient(shared.url);
  const { account } = client;
  const { loginToken } = valueOf(
    await client.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const add = (device = createTestDevice()) => {
    const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: device.id }, sealed: bytes(90) }];
    return { loginToken, link: addDeviceLink(account, device), boxes };
  };
  const send = (value: ReturnType<typeof add>) =>
    client.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value });
  const first = add();
  const answer = valueOf(await send(first));
  expect(valueOf(await send(first))).toEqual(answer);
  expect(await send(add())).toMatchObject({ ok: false, code: 'session-expired' });
});

test('a device id that somebody else has is refused in words', async () => {
  const [client, other] = [await createClient(shared.url), await createClient(shared.url)];
  const { account } = client;
  const { loginToken } = valueOf(
    await client.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const device = { ...createTestDevice(), id: other.device.id };
  const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: device.id }, sealed: bytes(90) }];
  const value = { loginToken, link: addDeviceLink(account, device), boxes };
  expect(
    await client.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value }),
  ).toMatchObject({ ok: false, status: 400, code: 'invalid-argument' });
});

test('an announcement of a thousand long names ends nobody’s socket', async () => {
  const { url } = await startTestServer({ limits: { socketBufferBytes: 64 * 1024 } });
  const client = await createClient(url);
  const second = await addSecondDevice(client);
  const events: ServerEvent[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, {
    headers: { authorization: `Bearer ${second.token}` },
  });
  onTestFinished(() => socket.terminate());
  socket.on('message', (data: Buffer) => events.push(decodeWire(serverEventSchema, new Uint8Array(data))));
  await expect.poll(() => events.length).toBe(1);
  const nodes = Array.from({ length: 1_000 }, () => ({ node: randomId<NodeId>(16), label: bytes(1_500) }));
  valueOf(
    await client.call('POST', client.path('/uploads'), announceUploadResponse, {
      schema: announceUploadRequest,
      value: { opId: randomId<OpId>(16), nodes, paddedBytes: 1, reused: [] },
    }),
  );
  await expect.poll(() => events.length).toBe(2);
  const [, told] = events;
  expect(told?.event === 'uploading' && told.nodes.length).toBeLessThan(100);
  expect(told?.event === 'uploading' && told.nodes[0]?.node).toBe(nodes[0]?.node);
  expect(socket.readyState).toBe(socket.OPEN);
});

async function addSecondDevice(first: TestClient): Promise<TestClient> {
  const second = new TestClient(first.url, first.account, createTestDevice());
  const { account } = first;
  const { loginToken } = valueOf(
    await second.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: second.device.id }, sealed: bytes(9) }];
  const value = { loginToken, link: addDeviceLink(account, second.device), boxes };
  valueOf(await second.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value }));
  valueOf(await second.openSession());
  return second;
}

test.each([
  ['0-0', 'this device needs a newer version'],
  ['2-3', 'this server is too old'],
])('a device that speaks only %s is refused with what to do, whatever it asks', async (range, advice) => {
  const answer = await fetch(`${shared.url}/v1/session/challenge`, {
    method: 'POST',
    headers: { 'onefold-protocol': range },
  });
  expect(answer.status).toBe(400);
  const error = decodeWire(errorSchema, new Uint8Array(await answer.arrayBuffer()));
  expect(error.code).toBe('protocol-mismatch');
  expect(error.message).toContain(advice);
  expect(answer.headers.get('onefold-protocol')).toBe('1-1');
});
