import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  addDeviceRequest,
  addDeviceResponse,
  announceUploadRequest,
  announceUploadResponse,
  createAccountRequest,
  createAccountResponse,
  deleteAccountRequest,
  emptyResponse,
  loginRequest,
  loginResponse,
  namespacesResponse,
  putPackResponse,
  type CreateAccountRequest,
  type OpId,
} from '@onefold/protocol';
import { onBothGrounds, type GroundServer } from '../testing/on-both-grounds.ts';
import { addDeviceLink, bytes, createTestAccount, createTestDevice, randomId } from '../testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, TestClient, valueOf } from '../testing/test-client.ts';

const HOUR_MS = 3_600_000;
const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 20_000 });
/** Tables that may know anything of an account, and so must not once it is gone. */
const TABLES = ['user', 'device', 'user_chain', 'key_box', 'session', 'linking', 'presence', 'challenge'];
const OF_NAMESPACE = [
  'namespace',
  'member',
  'node',
  'file_version',
  'version_block',
  'pack',
  'block',
  'entry',
  'upload',
  'node_row',
  'tree_sum',
];

onBothGrounds('deleting an account', (ground) => {
  async function start() {
    const clock = { nowMs: Date.now() };
    const config = {
      sweepEveryMs: 50,
      uploadExpiryMs: HOUR_MS,
      retention: { everyMs: 50 },
      collection: { everyMs: 50, graceMs: 2 * HOUR_MS, condemnedMs: HOUR_MS, scrubBytesPerSecond: 0 },
    };
    const server = await ground.start(config, () => clock.nowMs);
    return { server, clock, client: await createClient(server.url) };
  }

  const count = async (server: GroundServer, table: string): Promise<number> =>
    Number((await server.rows(`select count(*) as n from "${table}"`))[0]?.['n']);
  const remove = (client: TestClient, authKey = client.account.authKey) =>
    client.call('POST', '/v1/account/delete', emptyResponse, { schema: deleteAccountRequest, value: { authKey } });

  async function secondDevice(client: TestClient): Promise<TestClient> {
    const { account } = client;
    const login = valueOf(
      await client.call('POST', '/v1/login', loginResponse, {
        schema: loginRequest,
        value: { email: account.email, authKey: account.authKey },
      }),
    );
    const device = createTestDevice();
    const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: device.id }, sealed: bytes(90) }];
    const second = new TestClient(client.url, account, device);
    valueOf(
      await second.call('POST', '/v1/devices', addDeviceResponse, {
        schema: addDeviceRequest,
        value: { loginToken: login.loginToken, link: addDeviceLink(account, device), boxes },
      }),
    );
    valueOf(await second.openSession());
    return second;
  }

  test('with the right password everything of it goes, at once or by and by, and nothing of anybody else', async () => {
    const { server, client, clock } = await start();
    const other = await createClient(server.url);
    const kept = randomBlock();
    valueOf(await other.commit([createFile([kept])], { pack: packOf([kept]) }));
    const before = new Map<string, number>();
    for (const table of [...TABLES, ...OF_NAMESPACE]) before.set(table, await count(server, table));
    const { url } = server;
    const leaving = await createClient(url);
    const second = await secondDevice(leaving);
    for (let i = 0; i < 3; i++) {
      const block = randomBlock(2_000);
      valueOf(await leaving.commit([createFile([block])], { pack: packOf([block]) }));
    }
    const { uploadId } = valueOf(
      await leaving.call('POST', leaving.path('/uploads'), announceUploadResponse, {
        schema: announceUploadRequest,
        value: { opId: randomId<OpId>(16), nodes: [], paddedBytes: 1, reused: [] },
      }),
    );
    const late = packOf([randomBlock()]);
    const put = () =>
      leaving.call('PUT', leaving.path(`/packs/${late.packId}?upload=${uploadId}`), putPackResponse, {
        pack: late.bytes,
      });
    valueOf(await put());

    valueOf(await remove(leaving));
    for (const gone of [leaving, second]) {
      expect(await gone.call('GET', '/v1/namespaces', namespacesResponse)).toMatchObject({ code: 'session-expired' });
      expect(await gone.openSession()).toMatchObject({ status: 410, code: 'account-deleted' });
    }
    expect(await put()).toMatchObject({ ok: false });
    for (const table of TABLES.filter((name) => name !== 'challenge'))
      expect([table, await count(server, table)]).toEqual([table, before.get(table)]);
    for (const table of OF_NAMESPACE)
      await eventually(async () => [table, await count(server, table)]).toEqual([table, before.get(table)]);
    clock.nowMs += 3 * HOUR_MS;
    await eventually(() => count(server, 'dead_object')).toBe(0);
    expect(await count(server, 'doomed_namespace')).toBe(0);

    // Who is left goes on as before, and the address is free.
    valueOf(await other.openSession());
    const more = randomBlock();
    expect(valueOf(await other.commit([createFile([more])], { pack: packOf([more]) })).outcome).toBe('committed');
    const audit = await server.rows('select action from audit');
    expect(audit.filter(({ action }) => action === 'account-deleted')).toHaveLength(1);
    expect(audit.filter(({ action }) => action === 'namespace-removed')).toHaveLength(1);
    const again = { ...client.account.request, email: 'someone@else.example' };
    expect(await create(client, again)).toMatchObject({ code: 'account-exists' });
    expect(await create(leaving, leaving.account.request)).toMatchObject({ code: 'account-deleted' });
    const fresh = createTestAccount(leaving.account.email);
    expect((await create(leaving, fresh.request)).ok).toBe(true);
  });

  const create = (client: TestClient, value: CreateAccountRequest) =>
    client.call('POST', '/v1/accounts', createAccountResponse, { schema: createAccountRequest, value });

  test('a wrong password deletes nothing, and too many of them are held back', async () => {
    const server = await ground.start({ limits: { failedLoginsPerPair: 3 } });
    const client = await createClient(server.url);
    for (let i = 0; i < 3; i++) expect(await remove(client, bytes(32))).toMatchObject({ code: 'login-failed' });
    expect(await remove(client, bytes(32))).toMatchObject({ code: 'login-throttled' });
    expect(await remove(client)).toMatchObject({ code: 'login-throttled' });
    expect((await client.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
    client.token = undefined;
    expect(await remove(client)).toMatchObject({ code: 'session-expired' });
  });

  test('open sockets of every device end with it, and a poll that waits ends, too', async () => {
    // Nothing that runs every few moments may do it in the end.
    const server = await ground.start();
    const client = await createClient(server.url);
    const second = await secondDevice(client);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/events`, {
      headers: { authorization: `Bearer ${second.token ?? ''}` },
    });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('message', resolve));
    const poll = second.raw('GET', '/v1/wait?timeoutMs=30000');
    await new Promise((resolve) => setTimeout(resolve, 200));
    valueOf(await remove(client));
    expect(await closed).toBe(1008);
    await poll;
    expect(await count(server, 'device')).toBe(0);
  });
});
