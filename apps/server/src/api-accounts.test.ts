import { z } from 'zod';
import { expect, test } from 'vitest';
import {
  accountResponse,
  addDeviceRequest,
  addDeviceResponse,
  appendChainRequest,
  appendChainResponse,
  bytesSchema,
  loginParametersRequest,
  loginParametersResponse,
  loginRequest,
  loginResponse,
  emptyResponse,
  namespacesResponse,
  PICTURE_BYTES,
  profileSchema,
  recoverRequest,
  recoverResponse,
  recoveryRequest,
  recoveryResponse,
  type AppendChainRequest,
  type KeyBox,
  type Profile,
  type RecoverRequest,
} from '@onefold/protocol';
import { linkHash, namespaceIdOf, parseEntry } from '@onefold/journal';
import {
  addDeviceLink,
  bytes,
  createTestAccount,
  createTestDevice,
  namedNamespace,
  recoverLink,
  rotateLink,
} from './testing/test-account.ts';
import { createClient, createFile, packOf, randomBlock, TestClient, valueOf } from './testing/test-client.ts';
import { revocationOf } from './testing/revocation.ts';
import { startTestServer, useTestServer } from './testing/started-server.ts';

const shared = useTestServer();
/** A client's own schema would refuse what the server is to refuse. */
const sentAsIs = z.object({ name: z.string().nullable(), picture: bytesSchema.nullable() });

async function loggedInDevice(url: string, first: TestClient): Promise<TestClient> {
  const { account } = first;
  const second = new TestClient(url, account, createTestDevice());
  const { loginToken } = valueOf(
    await second.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: account.email, authKey: account.authKey },
    }),
  );
  const link = addDeviceLink(account, second.device);
  const boxes = [
    { generation: 1, recipient: { kind: 'device' as const, device: second.device.id }, sealed: bytes(90) },
  ];
  valueOf(
    await second.call('POST', '/v1/devices', addDeviceResponse, {
      schema: addDeviceRequest,
      value: { loginToken, link, boxes },
    }),
  );
  valueOf(await second.openSession());
  return second;
}

test('an account is made once, answered alike when repeated, and refused to anybody else', async () => {
  const { url } = shared;
  const client = new TestClient(url, createTestAccount());
  expect((await client.createAccount()).ok).toBe(true);
  expect((await client.createAccount()).ok).toBe(true);
  const other = new TestClient(url, createTestAccount(client.account.email.toUpperCase()));
  expect(await other.createAccount()).toMatchObject({ ok: false, status: 409, code: 'account-exists' });
});

test('a server for one account takes the first and no other, and repeats its answer to the first', async () => {
  const { url } = await startTestServer({ registration: 'first' });
  const first = new TestClient(url, createTestAccount());
  expect((await first.createAccount()).ok).toBe(true);
  expect((await first.createAccount()).ok).toBe(true);
  expect(await new TestClient(url, createTestAccount()).createAccount()).toMatchObject({
    status: 403,
    code: 'forbidden',
  });
});

test('an account whose chain is signed by the wrong key is refused', async () => {
  const { url } = shared;
  const client = new TestClient(url, createTestAccount());
  const [root, device, pinned] = client.account.request.links;
  if (root === undefined || device === undefined || pinned === undefined) throw new Error('three links');
  const forged = { ...device, signatures: device.signatures.map(({ signer }) => ({ signer, signature: bytes(64) })) };
  client.account.request.links = [root, forged, pinned];
  expect(await client.createAccount()).toMatchObject({ ok: false, status: 422, code: 'chain-invalid' });
});

test('a login adds a second device, which pins itself and commits', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const second = await loggedInDevice(url, first);
  const { links } = first.account;
  const last = valueOf(await second.call('GET', '/v1/account?after=2', accountResponse));
  expect(last.links).toHaveLength(1);
  expect(last.chainLength).toBe(4);
  expect(last.boxes).toHaveLength(1);
  expect(last.devices).toHaveLength(2);

  const early = await second.commit([createFile([])]);
  expect(early).toMatchObject({ ok: false, code: 'forbidden' });
  const { linkHash } = await import('@onefold/journal');
  const pinned = await second.send({
    entry: second.signPin({ user: first.account.user, n: 3, hash: linkHash(links[3] as (typeof links)[0]) }),
  });
  expect(pinned).toMatchObject({ ok: true, value: { outcome: 'committed', seq: 1 } });
  const block = randomBlock();
  const pack = packOf([block]);
  expect(await second.commit([createFile([block])], { pack })).toMatchObject({
    ok: true,
    value: { outcome: 'committed', seq: 2 },
  });
});

test('a revoked device is out with its next request, and its namespaces have opened an epoch without it', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const second = await loggedInDevice(url, first);
  await second.catchUp();
  second.deviceSeq = 1;
  expect((await second.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
  const entry = second.signPin({ user: first.account.user, n: 3, hash: linkHash(first.account.links[3]!) });
  const revoke = { schema: appendChainRequest, value: revocationOf(first, second.device.id) };
  const { length } = first.account.links;
  expect(valueOf(await first.call('POST', '/v1/chain', appendChainResponse, revoke)).chainLength).toBe(length);
  expect(await second.call('GET', '/v1/namespaces', namespacesResponse)).toMatchObject({
    ok: false,
    code: 'device-revoked',
  });
  expect(await second.send({ entry })).toMatchObject({ ok: false, code: 'device-revoked' });
  expect(await second.openSession()).toMatchObject({ ok: false, code: 'device-revoked' });
  // A lost answer: the same again is answered alike, and nothing stands twice.
  expect(valueOf(await first.call('POST', '/v1/chain', appendChainResponse, revoke)).chainLength).toBe(length);
  const { entries, head } = await first.entries(0);
  expect(head.seq).toBe(2);
  expect(entries.map((one) => parseEntry(one).type)).toEqual(['pin', 'epoch']);
  const account = valueOf(await first.call('GET', '/v1/account', accountResponse));
  expect(account.boxes.map(({ generation }) => generation)).toEqual([1, 2]);
});

test('a device is removed with everything that goes with it, or not at all', async () => {
  const { url } = shared;
  const first = await createClient(url);
  const second = await loggedInDevice(url, first);
  const whole = revocationOf(first, second.device.id);
  const { links, boxes = [], entries = [] } = whole;
  const send = (value: typeof whole) =>
    first.call('POST', '/v1/chain', appendChainResponse, { schema: appendChainRequest, value });
  const refused = async (value: typeof whole, code: string): Promise<void> => {
    expect(await send(value)).toMatchObject({ ok: false, code });
  };
  await refused({ links, boxes }, 'behind');
  await refused({ links, boxes, entries: entries.slice(0, 1) }, 'behind');
  await refused({ links: links.slice(0, 1) }, 'behind');
  await refused({ links, entries }, 'invalid-argument');
  await refused({ links, entries, boxes: boxes.slice(1) }, 'invalid-argument');
  const forRevoked = { generation: 2, recipient: { kind: 'device' as const, device: second.device.id } };
  await refused({ links, entries, boxes: [...boxes, { ...forRevoked, sealed: bytes(90) }] }, 'invalid-argument');
  expect((await first.entries(0)).head.seq).toBe(0);
  expect((await second.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
  expect((await send(whole)).ok).toBe(true);
});

test('a new login comes with its link and every box of it, or the old one stays', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const { account, device } = client;
  const login = { salt: bytes(16), kdf: account.request.kdf, authKey: bytes(32) };
  const enter = (authKey: Uint8Array) =>
    client.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value: { email: account.email, authKey } });
  const send = (value: AppendChainRequest) =>
    client.call('POST', '/v1/chain', appendChainResponse, { schema: appendChainRequest, value });
  const begun = valueOf(await enter(account.authKey));
  const plain = rotateLink(account, device);
  account.links.pop();
  const link = rotateLink(account, device, bytes(32));
  const box = (generation: number, recipient: KeyBox['recipient']) => ({ generation, recipient, sealed: bytes(90) });
  const boxes = [
    box(1, { kind: 'login' }),
    box(2, { kind: 'login' }),
    box(2, { kind: 'phrase' }),
    box(2, { kind: 'device', device: device.id }),
  ];
  const whole: AppendChainRequest = { links: [link], boxes, login };
  const wrong: AppendChainRequest[] = [
    { links: [link], boxes },
    { links: [link], login },
    { links: [plain], boxes: boxes.slice(1), login },
    ...boxes.map((left) => ({ ...whole, boxes: boxes.filter((one) => one !== left) })),
    { ...whole, boxes: [...boxes, box(1, { kind: 'phrase' })] },
    { ...whole, boxes: [...boxes, box(3, { kind: 'login' })] },
  ];
  for (const value of wrong) expect(await send(value)).toMatchObject({ ok: false, code: 'invalid-argument' });
  expect((await enter(account.authKey)).ok).toBe(true);
  expect(valueOf(await send(whole)).chainLength).toBe(account.links.length);
  expect(await enter(account.authKey)).toMatchObject({ ok: false, code: 'login-failed' });
  const entered = valueOf(await enter(login.authKey));
  expect(entered.boxes.map(({ generation, sealed }) => [generation, sealed])).toEqual(
    boxes.slice(0, 2).map(({ generation, sealed }) => [generation, sealed]),
  );
  const parameters = { schema: loginParametersRequest, value: { email: account.email } };
  expect(valueOf(await client.call('POST', '/v1/login/parameters', loginParametersResponse, parameters)).salt).toEqual(
    login.salt,
  );
  // Whoever had begun to log in with the old password gets no further.
  const late = createTestDevice();
  const added = {
    loginToken: begun.loginToken,
    link: addDeviceLink(account, late),
    boxes: [box(2, { kind: 'device', device: late.id })],
  };
  expect(
    await client.call('POST', '/v1/devices', addDeviceResponse, { schema: addDeviceRequest, value: added }),
  ).toMatchObject({ code: 'session-expired' });
  // A lost answer: the same again is answered alike.
  expect((await send(whole)).ok).toBe(true);
});

test('whoever proves the phrase takes the account over whole, and whoever does not is told nothing', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const { account } = client;
  const rescue = new TestClient(url, account, createTestDevice());
  const { recoveryAuthKey } = account.request;
  const prove = (email: string, authKey: Uint8Array) =>
    rescue.call('POST', '/v1/recovery', recoveryResponse, { schema: recoveryRequest, value: { email, authKey } });
  const unknown = await prove(`nobody-${account.email}`, recoveryAuthKey);
  expect(unknown).toMatchObject({ ok: false, code: 'login-failed' });
  expect(await prove(account.email, account.authKey)).toEqual(unknown);
  const opened = valueOf(await prove(account.email, recoveryAuthKey));
  expect([opened.links.length, opened.boxes.map(({ recipient }) => recipient.kind)]).toEqual([3, ['phrase']]);

  const login = { salt: bytes(16), kdf: account.request.kdf, authKey: bytes(32) };
  const link = recoverLink(account, rescue.device);
  const box = (generation: number, recipient: KeyBox['recipient']) => ({ generation, recipient, sealed: bytes(90) });
  const boxes = [
    box(1, { kind: 'login' }),
    box(2, { kind: 'login' }),
    box(2, { kind: 'phrase' }),
    box(2, { kind: 'device', device: rescue.device.id }),
  ];
  const whole: RecoverRequest = { email: account.email, authKey: recoveryAuthKey, link, boxes, login };
  const send = (value: RecoverRequest) =>
    rescue.call('POST', '/v1/recover', recoverResponse, { schema: recoverRequest, value });
  for (const left of boxes)
    expect(await send({ ...whole, boxes: boxes.filter((one) => one !== left) })).toMatchObject({
      code: 'invalid-argument',
    });
  const stranger = await createClient(url);
  expect(await send({ ...whole, email: stranger.account.email })).toMatchObject({ code: 'login-failed' });
  const theirs = { email: stranger.account.email, authKey: stranger.account.request.recoveryAuthKey };
  expect(await send({ ...whole, ...theirs })).toMatchObject({ ok: false });
  // A device of the account cannot slip it in by the way of its other links.
  const slipped = { schema: appendChainRequest, value: { links: [link], boxes, login } };
  expect(await client.call('POST', '/v1/chain', appendChainResponse, slipped)).toMatchObject({
    code: 'invalid-argument',
  });
  expect((await client.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
  expect(valueOf(await send(whole)).chainLength).toBe(4);
  expect(valueOf(await send(whole)).chainLength).toBe(4);
  expect(await client.call('GET', '/v1/namespaces', namespacesResponse)).toMatchObject({ code: 'device-revoked' });
  valueOf(await rescue.openSession());
  expect((await rescue.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
  const enter = (authKey: Uint8Array) =>
    rescue.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value: { email: account.email, authKey } });
  expect(await enter(account.authKey)).toMatchObject({ code: 'login-failed' });
  expect((await enter(login.authKey)).ok).toBe(true);
});

test('whoever has removed devices a thousand times can still add one, take the account over, and remove another', async () => {
  const client = await createClient(shared.url);
  const { account } = client;
  const device = createTestDevice();
  const boxes = (count: number): KeyBox[] =>
    Array.from({ length: count }, (_, at) => ({
      generation: at + 1,
      recipient: { kind: 'device', device: device.id },
      sealed: bytes(90),
    }));
  const { salt, kdf } = account.request;
  const link = addDeviceLink(account, device);
  const stranger = new TestClient(shared.url, account, device);
  // Each is read whole and judged by what it says: the largest body that the schemas let through is not too large.
  const added = { schema: addDeviceRequest, value: { loginToken: 'none', link, boxes: boxes(1_024) } };
  expect(await stranger.call('POST', '/v1/devices', addDeviceResponse, added)).toMatchObject({
    code: 'session-expired',
  });
  const wrong = { email: account.email, authKey: bytes(32) };
  const login = { salt, kdf, authKey: bytes(32) };
  const recovered = { schema: recoverRequest, value: { ...wrong, link, boxes: boxes(4_096), login } };
  expect(await stranger.call('POST', '/v1/recover', recoverResponse, recovered)).toMatchObject({
    code: 'login-failed',
  });
  const entry = { header: bytes(500), signature: bytes(64), body: bytes(500) };
  const entries = Array.from({ length: 2_048 }, () => ({ namespaceId: client.namespace, entry }));
  const removed = { schema: appendChainRequest, value: { links: [link], boxes: boxes(4_096), login, entries } };
  expect(await client.call('POST', '/v1/chain', appendChainResponse, removed)).toMatchObject({
    code: 'invalid-argument',
  });
});

test('a profile is a name and a picture, each if wanted, and seen by its user alone', async () => {
  const { url } = shared;
  const [client, other] = [await createClient(url), await createClient(url)];
  const read = async (who: TestClient) => valueOf(await who.call('GET', '/v1/profile', profileSchema));
  const put = (value: Profile) => client.call('PUT', '/v1/profile', emptyResponse, { schema: sentAsIs, value });
  const picture = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
  expect(await read(client)).toEqual({ name: null, picture: null });
  expect((await put({ name: 'Ana', picture })).ok).toBe(true);
  expect(await read(client)).toEqual({ name: 'Ana', picture });
  expect(await read(other)).toEqual({ name: null, picture: null });
  const tooLarge = new Uint8Array(PICTURE_BYTES + 1);
  tooLarge.set(picture);
  for (const wrong of [
    { name: '', picture },
    { name: 'a\nb', picture },
    { name: 'Ana', picture: bytes(40) },
    { name: 'Ana', picture: tooLarge },
  ])
    expect(await put(wrong)).toMatchObject({ ok: false, code: 'invalid-argument' });
  expect((await put({ name: null, picture: null })).ok).toBe(true);
  expect(await read(client)).toEqual({ name: null, picture: null });
});

test('links are appended by compare-and-set, with the namespace they pin', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const { genesis, link } = namedNamespace(client.account, client.device);
  const request = { schema: appendChainRequest, value: { links: [link], genesis } };
  expect(valueOf(await client.call('POST', '/v1/chain', appendChainResponse, request)).chainLength).toBe(4);
  expect(valueOf(await client.call('POST', '/v1/chain', appendChainResponse, request)).chainLength).toBe(4);
  const { heads } = valueOf(await client.call('GET', '/v1/namespaces', namespacesResponse));
  expect(heads.map((head) => head.namespaceId)).toContain(namespaceIdOf(genesis));
  expect(heads).toHaveLength(2);

  client.account.links.pop();
  const late = namedNamespace(client.account, client.device);
  const conflict = { schema: appendChainRequest, value: { links: [late.link], genesis: late.genesis } };
  expect(await client.call('POST', '/v1/chain', appendChainResponse, conflict)).toMatchObject({
    ok: false,
    code: 'chain-conflict',
  });
});

test('an unknown address looks like a known one, and stays the same', async () => {
  const { url } = shared;
  const client = await createClient(url);
  const parameters = (email: string) =>
    client.call('POST', '/v1/login/parameters', loginParametersResponse, {
      schema: loginParametersRequest,
      value: { email },
    });
  const known = valueOf(await parameters(client.account.email));
  const unknown = valueOf(await parameters('nobody@example.org'));
  expect(unknown).toEqual(valueOf(await parameters(' Nobody@Example.org '.trim())));
  expect(unknown.kdf).toEqual(known.kdf);
  const login = (email: string) =>
    client.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value: { email, authKey: bytes(32) } });
  expect(await login('nobody@example.org')).toEqual(await login(client.account.email));
});

test('logins are throttled, also for those who then know the password', async () => {
  const { url } = await startTestServer({ limits: { failedLoginsPerPair: 3 } });
  const client = await createClient(url);
  const login = (authKey: Uint8Array) =>
    client.call('POST', '/v1/login', loginResponse, {
      schema: loginRequest,
      value: { email: client.account.email, authKey },
    });
  for (let i = 0; i < 3; i++) expect(await login(bytes(32))).toMatchObject({ status: 401, code: 'login-failed' });
  expect(await login(client.account.authKey)).toMatchObject({ status: 429, code: 'login-throttled' });
});

test('a session ends when its time is up, and a challenge serves once', async () => {
  let nowMs = Date.now();
  const { url } = await startTestServer({}, () => nowMs);
  const client = await createClient(url);
  expect((await client.call('GET', '/v1/namespaces', namespacesResponse)).ok).toBe(true);
  nowMs += 15 * 60_000;
  expect(await client.call('GET', '/v1/namespaces', namespacesResponse)).toMatchObject({
    status: 401,
    code: 'session-expired',
  });
});

test('a stranger learns nothing of a namespace, not even that it is there', async () => {
  const { url } = shared;
  const owner = await createClient(url);
  const stranger = await createClient(url);
  const curious = new TestClient(url, stranger.account, stranger.device, owner.namespace);
  curious.token = stranger.token;
  const absent = new TestClient(url, stranger.account, stranger.device, '00'.repeat(32) as typeof owner.namespace);
  absent.token = stranger.token;
  const first = await curious.commit([createFile([])]);
  expect(first).toMatchObject({ ok: false, status: 404 });
  expect(await absent.commit([createFile([])])).toEqual(first);
});
