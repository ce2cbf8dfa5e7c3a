import { expect, test } from 'vitest';
import { challengeRequest, challengeResponse } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { createTestAccount } from '../testing/test-account.ts';
import { TestClient, valueOf } from '../testing/test-client.ts';

const APART_MS = 3 * 60_000;

test('of two nodes whose clocks are minutes apart one lets in whom the other one gave a number to sign', async () => {
  const clock = { aheadMs: 0 };
  const { url } = await startTestServer({}, () => Date.now() + clock.aheadMs);
  /** Is given the number by a node that is right, and signs it for one that is ahead, which gives others theirs meanwhile. */
  class Between extends TestClient {
    override call: TestClient['call'] = async (method, path, ...rest) => {
      clock.aheadMs = path.endsWith('/challenge') ? 0 : APART_MS;
      const { device } = new TestClient(url, createTestAccount());
      const asked = { schema: challengeRequest, value: { device: device.id } };
      if (path === '/v1/sessions')
        valueOf(
          await new TestClient(url, this.account).call('POST', '/v1/sessions/challenge', challengeResponse, asked),
        );
      return super.call(method, path, ...rest);
    };
  }
  const client = new Between(url, createTestAccount());
  valueOf(await client.createAccount());
  valueOf(await client.openSession());
  for (const aheadMs of [0, APART_MS]) {
    clock.aheadMs = aheadMs;
    expect((await client.raw('GET', '/v1/namespaces')).status).toBe(200);
  }
});
