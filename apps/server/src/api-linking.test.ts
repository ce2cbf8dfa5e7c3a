import { chainLink, extendChain, linkHash, signLink, verifyChain } from '@onefold/journal';
import {
  accountResponse,
  addDeviceRequest,
  addDeviceResponse,
  linkingResponse,
  newLinkingRequest,
  oldLinkingRequest,
  openLinkingRequest,
  openLinkingResponse,
  type NewLinkingRequest,
} from '@onefold/protocol';
import { expect, test } from 'vitest';
import { startTestServer, useTestServer } from './testing/started-server.ts';
import { bytes, createTestAccount, createTestDevice, signWith, type TestDevice } from './testing/test-account.ts';
import { createClient, TestClient, valueOf } from './testing/test-client.ts';

const server = useTestServer();
const anyAccount = createTestAccount();

async function opened(client: TestClient) {
  const rendezvous = bytes(16);
  const offer = bytes(200);
  const value = { rendezvous, offer };
  const answer = await client.call('POST', '/v1/linkings', openLinkingResponse, { schema: openLinkingRequest, value });
  return { rendezvous, offer, answer };
}

const asOld = (client: TestClient, asked: Omit<NewLinkingRequest, 'claim' | 'wait'>) =>
  client.call('POST', '/v1/linkings/old', linkingResponse, {
    schema: oldLinkingRequest,
    value: { wait: true, ...asked },
  });

const asNew = (url: string, asked: Omit<NewLinkingRequest, 'wait'>) =>
  new TestClient(url, anyAccount).call('POST', '/v1/linkings/new', linkingResponse, {
    schema: newLinkingRequest,
    value: { wait: true, ...asked },
  });

test('messages go to and fro in order, and the same one twice is one', async () => {
  const { url } = server;
  const client = await createClient(url);
  const { rendezvous, offer, answer } = await opened(client);
  expect(valueOf(answer).expiresInMs).toBe(300_000);
  const claim = bytes(16);
  const seen = valueOf(await asNew(url, { rendezvous, claim, seen: 0 }));
  expect(seen.messages).toEqual([offer]);
  const request = bytes(100);
  const waiting = asOld(client, { rendezvous, seen: 0 });
  const reveal = bytes(100);
  const asked = asNew(url, { rendezvous, claim, send: { index: 0, message: request }, seen: 1 });
  expect(valueOf(await waiting).messages).toEqual([request]);
  for (let twice = 0; twice < 2; twice++)
    expect((await asOld(client, { rendezvous, send: { index: 1, message: reveal }, seen: 0 })).ok).toBe(true);
  expect(valueOf(await asked).messages).toEqual([reveal]);
  expect(await asOld(client, { rendezvous, send: { index: 1, message: bytes(9) }, seen: 0 })).toMatchObject({
    code: 'invalid-argument',
  });
  expect(await asOld(client, { rendezvous, send: { index: 7, message: bytes(9) }, seen: 0 })).toMatchObject({
    code: 'invalid-argument',
  });
  await asNew(url, { rendezvous, claim, seen: 0, end: true });
  expect(await asOld(client, { rendezvous, seen: 0 })).toMatchObject({ status: 404, code: 'not-found' });
});

test('the words serve one new device, and their old device alone', async () => {
  const { url } = server;
  const client = await createClient(url);
  const other = await createClient(url);
  const { rendezvous } = await opened(client);
  const claims = [bytes(16), bytes(16)];
  const tries = await Promise.all(
    claims.map((claim) => asNew(url, { rendezvous, claim, send: { index: 0, message: claim }, seen: 0 })),
  );
  expect(tries.map(({ ok }) => ok).sort()).toEqual([false, true]);
  expect(tries.find(({ ok }) => !ok)).toMatchObject({ status: 403, code: 'forbidden' });
  const late = bytes(16);
  expect(await asNew(url, { rendezvous, claim: late, seen: 0 })).toMatchObject({ code: 'forbidden' });
  expect(await asNew(url, { rendezvous, claim: late, seen: 0, end: true })).toMatchObject({ code: 'forbidden' });
  expect(await asOld(other, { rendezvous, seen: 0 })).toMatchObject({ code: 'not-found' });
  expect(await asOld(other, { rendezvous, seen: 0, end: true })).toMatchObject({ code: 'not-found' });
  expect(valueOf(await asOld(client, { rendezvous, seen: 0 })).messages).toHaveLength(1);
});

test('an account opens a few at a time, and ending one makes room', async () => {
  const client = await createClient(server.url);
  const first = await opened(client);
  for (let i = 1; i < 8; i++) expect((await opened(client)).answer.ok).toBe(true);
  expect((await opened(client)).answer).toMatchObject({ status: 429, code: 'too-many-requests' });
  await asOld(client, { rendezvous: first.rendezvous, seen: 0, end: true });
  expect((await opened(client)).answer.ok).toBe(true);
});

test('a linking is over after five minutes', async () => {
  let nowMs = 1_800_000_000_000;
  const { url } = await startTestServer({}, () => nowMs);
  const client = await createClient(url);
  const { rendezvous } = await opened(client);
  nowMs += 299_000;
  expect((await asNew(url, { rendezvous, claim: bytes(16), seen: 0 })).ok).toBe(true);
  nowMs += 2_000;
  expect(await asNew(url, { rendezvous, claim: bytes(16), seen: 0 })).toMatchObject({ code: 'not-found' });
  expect(await asOld(client, { rendezvous, seen: 0 })).toMatchObject({ code: 'not-found' });
});

test('who guesses at words is held back', async () => {
  const { url } = await startTestServer({ limits: { failedLoginsPerAddress: 3 } });
  const client = await createClient(url);
  const { rendezvous } = await opened(client);
  for (let i = 0; i < 3; i++)
    expect(await asNew(url, { rendezvous: bytes(16), claim: bytes(16), seen: 0 })).toMatchObject({ code: 'not-found' });
  expect(await asNew(url, { rendezvous, claim: bytes(16), seen: 0 })).toMatchObject({
    status: 429,
    code: 'login-throttled',
  });
});

function linkedLink(client: TestClient, device: TestDevice, voucher: TestDevice = client.device) {
  const { user, links } = client.account;
  const body = {
    device: device.id,
    signingKey: device.keys.publicKey,
    boxKey: bytes(32),
    generation: 1,
    sealedName: bytes(60),
  };
  return signLink(
    chainLink({ user, n: links.length, prevHash: linkHash(links.at(-1)) }, 'add-device', body),
    [device, voucher].map((one) => ({
      signer: { kind: 'device', device: one.id },
      sign: (message: Uint8Array) => signWith(one, message),
    })),
  );
}

const boxFor = (device: TestDevice, generation = 1) => ({
  generation,
  recipient: { kind: 'device' as const, device: device.id },
  sealed: bytes(90),
});

test('an active device adds one that it signed for, with its keys, and the same again is answered alike', async () => {
  const client = await createClient(server.url);
  const device = createTestDevice();
  const link = linkedLink(client, device);
  const add = (value: { link: typeof link; boxes: ReturnType<typeof boxFor>[] }, from = client) =>
    from.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value });

  const stranger = await createClient(server.url);
  expect(await add({ link, boxes: [boxFor(device)] }, stranger)).toMatchObject({ code: 'forbidden' });
  const nobody = new TestClient(server.url, client.account);
  expect(await add({ link, boxes: [boxFor(device)] }, nobody)).toMatchObject({ code: 'session-expired' });
  expect(await add({ link, boxes: [boxFor(device), boxFor(createTestDevice())] })).toMatchObject({
    code: 'invalid-argument',
  });
  expect(await add({ link, boxes: [boxFor(device, 2)] })).toMatchObject({ code: 'invalid-argument' });
  for (let twice = 0; twice < 2; twice++)
    expect(valueOf(await add({ link, boxes: [boxFor(device)] })).chainLength).toBe(4);

  const linked = new TestClient(server.url, client.account, device);
  expect((await linked.openSession()).ok).toBe(true);
  const account = valueOf(await linked.call('GET', '/v1/account', accountResponse));
  expect(account.boxes).toHaveLength(1);
  expect(extendChain(verifyChain(client.account.links), [link]).devices.get(device.id)?.verified).toBe(true);
});
