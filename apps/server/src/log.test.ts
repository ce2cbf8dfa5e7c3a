import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toHex } from '@onefold/protocol';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFolder, TestClient } from './testing/test-client.ts';
import { createTestAccount } from './testing/test-account.ts';

test('the log tells of every call and failure, and of nobody’s address, keys or tokens', async () => {
  const logFile = join(temporaryFolder(), 'server.log');
  const { url } = await startTestServer({ logFile, logLevel: 'debug' });
  const client = await createClient(url, createTestAccount('planted.address@example.org'));
  await client.commit([createFolder()]);
  await new TestClient(url, createTestAccount('planted.address@example.org')).createAccount();
  await client.raw('POST', '/v1/login', new TextEncoder().encode('planted.address@example.org'));
  await client.raw('GET', '/v1/nothing?token=planted-query');
  const log = readFileSync(logFile, 'utf8');
  expect(log).toContain('/v1/namespaces/:namespace/entries');
  const secrets = [client.token ?? '', 'planted.address', 'planted-query'];
  const { authKey, recoveryAuthKey } = client.account.request;
  for (const bytes of [authKey, recoveryAuthKey, client.device.keys.seed])
    secrets.push(toHex(bytes), Buffer.from(bytes).toString('base64'));
  for (const secret of secrets) expect(log).not.toContain(secret);
});
