import { expect, test } from 'vitest';
import { loginRequest, loginResponse } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { bytes } from '../testing/test-account.ts';
import { createClient } from '../testing/test-client.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

test('failures that were counted while the clock stood years ahead lock nobody out once it is put right', async () => {
  const clock = { aheadMs: 0 };
  const { url } = await startTestServer({ limits: { failedLoginsPerPair: 3 } }, () => Date.now() + clock.aheadMs);
  const client = await createClient(url);
  const login = async (authKey: Uint8Array): Promise<number> => {
    const value = { email: client.account.email, authKey };
    const answer = await client.call('POST', '/v1/login', loginResponse, { schema: loginRequest, value });
    return answer.ok ? 200 : answer.status;
  };
  const statuses = async (): Promise<number[]> => {
    const got: number[] = [];
    for (let i = 0; i < 4; i++) got.push(await login(bytes(32)));
    return got;
  };
  clock.aheadMs = 5 * YEAR_MS;
  expect(await statuses()).toEqual([401, 401, 401, 429]);
  clock.aheadMs = 0;
  expect(await login(client.account.authKey)).toBe(200);
  // They are throttled by the right clock as by the wrong one.
  expect(await statuses()).toEqual([401, 401, 401, 429]);
  // Another node may be minutes behind the one that counted.
  clock.aheadMs = -3 * 60_000;
  expect(await login(client.account.authKey)).toBe(429);
});
