import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  encodeWire,
  loginParametersRequest,
  loginRequest,
  profileSchema,
  pushSubscriptionSchema,
  recoveryRequest,
  toHex,
} from '@onefold/protocol';
import { createLog } from './log.ts';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFolder, TestClient } from './testing/test-client.ts';
import { bytes, createTestAccount, randomId } from './testing/test-account.ts';

test('the log tells of every call and failure, and of nobody’s address, keys or tokens', async () => {
  const logFile = join(temporaryFolder(), 'server.log');
  const { url } = await startTestServer({
    logFile,
    logLevel: 'trace',
    push: { contact: 'mailto:planted-contact@example.org' },
  });
  const client = await createClient(url, createTestAccount('planted.address@example.org'));
  await client.commit([createFolder()]);
  await new TestClient(url, createTestAccount('planted.address@example.org')).createAccount();
  await client.raw('POST', '/v1/login', new TextEncoder().encode('planted.address@example.org'));
  await proveInEveryWay(client);
  await client.raw('GET', '/v1/nothing?token=planted-query');
  await driveTheRest(client);
  const log = readFileSync(logFile, 'utf8');
  for (const route of ['/entries', '/retention', '/nodes/:node', '/packs/:pack', '/blocks/read'])
    expect(log).toContain(`/v1/namespaces/:namespace${route}`);
  for (const route of ['/v1/login', '/v1/login/parameters', '/v1/recovery', '/v1/profile'])
    expect(log).toContain(`"${route}"`);
  expect(log).toContain('/v1/push');
  const secrets = [
    client.token ?? '',
    'planted.address',
    'planted-query',
    'planted-endpoint',
    'planted-contact',
    'Planted Name',
  ];
  const { authKey, recoveryAuthKey } = client.account.request;
  for (const bytes of [authKey, recoveryAuthKey, client.device.keys.seed])
    secrets.push(toHex(bytes), Buffer.from(bytes).toString('base64'));
  for (const secret of secrets) expect(log).not.toContain(secret);
});

/** Right and wrong, with the address in every call. */
async function proveInEveryWay(client: TestClient): Promise<void> {
  const { email, authKey, request } = client.account;
  await client.raw('POST', '/v1/login/parameters', encodeWire(loginParametersRequest, { email }));
  for (const key of [authKey, bytes(32)])
    await client.raw('POST', '/v1/login', encodeWire(loginRequest, { email, authKey: key }));
  for (const key of [request.recoveryAuthKey, bytes(32)])
    await client.raw('POST', '/v1/recovery', encodeWire(recoveryRequest, { email, authKey: key }));
  const name = await client.raw(
    'PUT',
    '/v1/profile',
    encodeWire(profileSchema, { name: 'Planted Name', picture: null }),
  );
  expect(name.status).toBe(200);
}

/** Calls that take or answer what must not be told: their bodies, and their failures. */
async function driveTheRest(client: TestClient): Promise<void> {
  const subscription = { endpoint: 'https://planted-endpoint.example.org/x', p256dh: bytes(65), auth: bytes(16) };
  await client.raw('PUT', '/v1/push', encodeWire(pushSubscriptionSchema, subscription));
  await client.raw('GET', '/v1/push');
  await client.raw('GET', '/v1/account');
  await client.raw('PUT', client.path('/retention'), new Uint8Array([0xff]));
  await client.raw('GET', client.path('/retention'));
  await client.raw('DELETE', client.path(`/nodes/${randomId(16)}`));
  await client.raw('DELETE', client.path(`/nodes/${randomId(16)}/versions/1`));
  await client.raw('POST', client.path('/blocks/read'), new Uint8Array([1, 2, 3]));
  await client.raw('POST', client.path('/blocks/locate'), new Uint8Array([1, 2, 3]));
  await client.raw('PUT', client.path(`/packs/${randomId(16)}?upload=${randomId(16)}`), bytes(100), {
    'content-type': 'application/octet-stream',
  });
  await client.raw('POST', client.path(`/packs/${randomId(16)}/direct?upload=${randomId(16)}`), bytes(10));
  await client.raw('POST', '/v1/chain', new TextEncoder().encode('planted.address@example.org'));
  const stranger = new TestClient(client.url, client.account);
  stranger.token = 'planted-query-token';
  await stranger.raw('GET', client.path('/entries?after=0'));
}

test('of an error the log tells name, code, words and where it was thrown, and nothing that a library hung on it', () => {
  const logFile = join(temporaryFolder(), 'server.log');
  const log = createLog({ logLevel: 'info', logFile });
  const url = ((): unknown => {
    try {
      return new URL('postgres//onefold:planted-password@database');
    } catch (thrown) {
      return thrown;
    }
  })();
  const row = Object.assign(new Error('duplicate key value'), {
    code: '23505',
    detail: 'Key (email_key)=(planted@example.org) already exists.',
    command: { name: 'AUTH', args: ['planted-word'] },
    $response: { headers: { authorization: 'planted-signature' } },
  });
  log.error({ err: url }, 'one');
  log.error({ err: row }, 'two');
  log.error({ err: new Error('outer', { cause: row }) }, 'three');
  log.error({ err: 'planted-string' }, 'four');
  const text = readFileSync(logFile, 'utf8');
  expect(text).not.toContain('planted');
  const [first, second, third] = text.split('\n').map((line) => JSON.parse(line || '{}') as { err?: object });
  expect(first?.err).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_URL', message: 'Invalid URL' });
  expect(second?.err).toMatchObject({ name: 'Error', code: '23505', message: 'duplicate key value' });
  expect(third?.err).toMatchObject({ message: 'outer', cause: { name: 'Error', code: '23505' } });
});
