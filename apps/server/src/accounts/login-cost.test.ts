import { expect, test } from 'vitest';
import { encodeWire, loginParametersRequest, loginRequest } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { bytes } from '../testing/test-account.ts';
import { createClient } from '../testing/test-client.ts';

const NEVER_MS = 40_000;

// Times would tell little on a busy machine: what is counted is what the times consist of.
test('a login with an unknown address asks the database for as much as one with a wrong password, and is answered the same', async () => {
  const { url } = await startTestServer({
    metrics: 'public',
    presenceEveryMs: NEVER_MS,
    sweepEveryMs: NEVER_MS,
    collection: { scrubEveryMs: NEVER_MS },
  });
  const { account } = await createClient(url);
  const statements = async (): Promise<Record<string, number>> => {
    const told = await (await fetch(`${url}/metrics`)).text();
    const of = told.matchAll(/^onefold_database_statement_seconds_count\{role="(\w+)"\} (\d+)$/gm);
    return Object.fromEntries([...of].map(([, role = '', count]) => [role, Number(count)]));
  };
  const send = async (path: string, body: Uint8Array): Promise<{ status: number; length: number; answer: string }> => {
    const headers = { 'content-type': 'application/cbor' };
    const response = await fetch(url + path, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> });
    const received = Buffer.from(await response.arrayBuffer());
    return { status: response.status, length: received.length, answer: received.toString('hex') };
  };
  const costOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    const before = await statements();
    await work();
    const after = await statements();
    return Object.fromEntries(Object.entries(after).map(([role, count]) => [role, count - (before[role] ?? 0)]));
  };
  const stranger = `nobody-${account.email}`;
  const tryBoth = async (email: string) => {
    const parameters = await send('/v1/login/parameters', encodeWire(loginParametersRequest, { email }));
    const login = await send('/v1/login', encodeWire(loginRequest, { email, authKey: bytes(32) }));
    return { parameters: [parameters.status, parameters.length], login: [login.status, login.answer] };
  };
  // What is read once in the life of a server is read by now.
  await tryBoth(account.email);
  const answers: unknown[] = [];
  const costs: Record<string, number>[] = [];
  for (const email of [account.email, stranger, account.email, `${stranger}.other`])
    costs.push(await costOf(async () => answers.push(await tryBoth(email))));
  expect(costs[0]?.['reader']).toBeGreaterThan(1);
  expect(costs[0]?.['writer']).toBeGreaterThan(1);
  for (const cost of costs) expect(cost).toEqual(costs[0]);
  expect(answers[0]).toMatchObject({ parameters: [200, expect.any(Number)], login: [401, expect.any(String)] });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
