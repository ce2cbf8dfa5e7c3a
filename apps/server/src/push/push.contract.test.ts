import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import {
  accountResponse,
  addDeviceRequest,
  addDeviceResponse,
  emptyResponse,
  loginRequest,
  loginResponse,
  pushKeyResponse,
  pushSubscriptionSchema,
  type PushSubscription,
} from '@onefold/protocol';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { startPushEndpoint } from '../testing/push-endpoint.ts';
import { addDeviceLink, bytes, createTestDevice } from '../testing/test-account.ts';
import { createClient, createFolder, TestClient, valueOf } from '../testing/test-client.ts';

const CONTACT = 'mailto:operator@example.org';
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

onBothGrounds('wake-ups and presence', (ground) => {
  async function start(push: { quietMs?: number } = {}) {
    const clock = {
      aheadMs: 0,
      get nowMs() {
        return Date.now() + this.aheadMs;
      },
    };
    const config = { push: { contact: CONTACT, allowsPrivate: true, quietMs: 0, ...push }, presenceEveryMs: 100 };
    const server = await ground.start(config, () => clock.nowMs);
    const client = await createClient(server.url);
    const phone = await secondDevice(client);
    return { server, client, phone, endpoint: await startPushEndpoint(), clock };
  }

  test('a device that is away is woken, with nothing said, and once for many changes', async () => {
    const { client, phone, endpoint } = await start({ quietMs: 60_000 });
    expect(valueOf(await phone.call('GET', '/v1/push', pushKeyResponse)).isSubscribed).toBe(false);
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    const { publicKey, isSubscribed } = valueOf(await phone.call('GET', '/v1/push', pushKeyResponse));
    expect(isSubscribed).toBe(true);
    for (let i = 0; i < 5; i++) valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
    const [message] = endpoint.messages;
    expect(message).toMatchObject({
      path: '/phone',
      text: 'onefold/wake/v1',
      claims: { aud: endpoint.url, sub: CONTACT },
    });
    expect(message?.headers).toMatchObject({ ttl: '86400', topic: 'onefold', 'content-encoding': 'aes128gcm' });
    expect(message?.senderKey).toEqual(publicKey);
    expect(endpoint.refused).toEqual([]);
    expect(message?.claims.exp).toBeLessThan(Date.now() / 1_000 + 24 * 3_600);
    valueOf(await client.commit([createFolder()]));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(endpoint.messages).toHaveLength(1);
  });

  test('one that is connected is not woken, on whichever node it is; when it has gone it is', async () => {
    const { server, client, phone, endpoint } = await start();
    const other = ground.canHaveNodes ? (await server.another()).url : server.url;
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    const socket = await listen(phone, other);
    const seen = async () =>
      valueOf(await client.call('GET', '/v1/account', accountResponse)).devices.map(({ online }) => online);
    await eventually(seen).toEqual([false, true]);
    valueOf(await client.commit([createFolder()]));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(endpoint.messages).toEqual([]);
    const beforeMs = valueOf(await client.call('GET', '/v1/account', accountResponse)).devices[1]?.lastSeenMs ?? 0;
    socket.close();
    await eventually(seen).toEqual([false, false]);
    await eventually(async () => (await server.rows('select device from presence')).length).toBe(0);
    const after = valueOf(await client.call('GET', '/v1/account', accountResponse)).devices[1];
    expect(after?.lastSeenMs).toBeGreaterThanOrEqual(beforeMs);
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
  });

  test.runIf(ground.canHaveNodes)('what a dead node said of its devices holds no longer than its time', async () => {
    const { server, client, clock } = await start();
    await server.rows(
      `insert into presence select device, 'dead', ${clock.nowMs + 60_000} from device order by added_n desc limit 1`,
    );
    const seen = async () =>
      valueOf(await client.call('GET', '/v1/account', accountResponse)).devices.map(({ online }) => online);
    expect(await seen()).toEqual([false, true]);
    clock.aheadMs = 10 * 60_000;
    expect(await seen()).toEqual([false, false]);
    await eventually(async () => (await server.rows('select device from presence')).length).toBe(0);
  });

  test.runIf(ground.canHaveNodes)(
    'a device is woken once for news on any number of nodes, and once more for what came within the quiet',
    async () => {
      const quietMs = 8_000;
      const { server, client, phone, endpoint } = await start({ quietMs });
      const urls = [server.url, (await server.another()).url, (await server.another()).url];
      valueOf(await subscribe(phone, endpoint.subscription('phone')));
      const newsOnEveryNode = async (): Promise<void> => {
        for (const url of urls) {
          client.url = url;
          valueOf(await client.commit([createFolder()]));
        }
      };
      await newsOnEveryNode();
      await eventually(() => endpoint.messages.length).toBe(1);
      await newsOnEveryNode();
      await eventually(() => endpoint.messages.length).toBe(2);
      // Each node has looked again by then.
      await new Promise((resolve) => setTimeout(resolve, quietMs + 3_000));
      expect(endpoint.messages).toHaveLength(2);
    },
  );

  test('a subscription that is gone is forgotten; one that fails for now is kept; one given back is silent', async () => {
    const { server, client, phone, endpoint } = await start();
    const left = async () => (await server.rows('select device from device where push_id is not null')).length;
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    endpoint.answerWith(503);
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
    expect(await left()).toBe(1);
    endpoint.answerWith(410);
    valueOf(await client.commit([createFolder()]));
    await eventually(left).toBe(0);
    endpoint.answerWith(201);
    valueOf(await subscribe(phone, endpoint.subscription('again')));
    valueOf(await phone.call('DELETE', '/v1/push', emptyResponse));
    const before = endpoint.messages.length;
    valueOf(await client.commit([createFolder()]));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(endpoint.messages).toHaveLength(before);
  });

  test.each([
    [429, { 'retry-after': '1' }],
    [503, {}],
  ])('a wake-up that a push service cannot take for now (%i) is sent again by itself', async (status, headers) => {
    const { client, phone, endpoint } = await start({ quietMs: 1_000 });
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    endpoint.answerWith(status, headers);
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
    endpoint.answerWith(201);
    const taken = (): number => endpoint.messages.filter(({ answer }) => answer === 201).length;
    await eventually(taken).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(taken()).toBe(1);
  });

  test('one that a push service will not take is not sent again until there is news', async () => {
    const { server, client, phone, endpoint } = await start();
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    endpoint.answerWith(413);
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(endpoint.messages).toHaveLength(1);
    expect(await server.rows('select device from device where push_id is not null')).toHaveLength(1);
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(2);
  });

  test('push services that never answer hold up nobody but their own user', async () => {
    const { server, client, phone, endpoint } = await start();
    let open = 0;
    const silent = createServer((request) => {
      open++;
      request.on('close', () => open--);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const hanging = await createClient(server.url);
    const { port } = silent.address() as AddressInfo;
    const { p256dh, auth } = endpoint.subscription('x');
    const devices = [hanging];
    while (devices.length < 6) devices.push(await secondDevice(hanging));
    for (const device of devices)
      valueOf(await subscribe(device, { endpoint: `http://127.0.0.1:${port}/`, p256dh, auth }));
    valueOf(await hanging.commit([createFolder()]));
    await eventually(() => open).toBeGreaterThan(0);
    valueOf(await subscribe(phone, endpoint.subscription('phone')));
    valueOf(await client.commit([createFolder()]));
    await eventually(() => endpoint.messages.length).toBe(1);
    expect(open).toBeGreaterThan(0);
  });

  test('nobody makes the server call what is not the public network', async () => {
    const { server } = await start();
    const strict = await ground.start({ push: { contact: CONTACT } });
    const client = await createClient(strict.url);
    const { p256dh, auth } = (await startPushEndpoint()).subscription('x');
    for (const endpoint of [
      'http://push.example.org/a',
      'https://127.0.0.1/a',
      'https://[::1]/a',
      'https://169.254.169.254/latest',
      'https://user:word@push.example.org/',
      'file:///etc/passwd',
    ])
      expect(await subscribe(client, { endpoint, p256dh, auth }), endpoint).toMatchObject({ code: 'invalid-argument' });
    const noPoint = { endpoint: 'https://push.example.org/a', p256dh: bytes(65), auth };
    expect(await subscribe(client, noPoint)).toMatchObject({ code: 'invalid-argument' });
    const off = await ground.start();
    const plain = await createClient(off.url);
    expect(valueOf(await plain.call('GET', '/v1/push', pushKeyResponse)).publicKey).toBe(null);
    expect(await subscribe(plain, { endpoint: 'https://push.example.org/a', p256dh, auth })).toMatchObject({
      code: 'not-found',
    });
    expect(server.url).not.toBe(off.url);
  });
});

function subscribe(client: TestClient, value: PushSubscription) {
  return client.call('PUT', '/v1/push', emptyResponse, { schema: pushSubscriptionSchema, value });
}

async function secondDevice(client: TestClient): Promise<TestClient> {
  const { account } = client;
  const { loginToken } = valueOf(
    await client.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const device = createTestDevice();
  const link = addDeviceLink(account, device);
  const boxes = [{ generation: 1, recipient: { kind: 'device' as const, device: device.id }, sealed: bytes(100) }];
  valueOf(
    await client.call('POST', '/v1/devices', addDeviceResponse, {
      schema: addDeviceRequest,
      value: { loginToken, link, boxes },
    }),
  );
  const second = new TestClient(client.url, account, device);
  valueOf(await second.openSession());
  return second;
}

async function listen(client: TestClient, url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, {
    headers: { authorization: `Bearer ${client.token ?? ''}` },
  });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve, reject) => {
    socket.once('message', resolve);
    socket.once('error', reject);
  });
  return socket;
}
