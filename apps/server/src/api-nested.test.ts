import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { appendChainRequest, commitRequest, decodeWire, encodeWire, errorSchema } from '@onefold/protocol';
import { findFreePorts } from '../../../tools/engines/engine-process.ts';
import { resolveConfig } from './config.ts';
import type { ServerContext } from './context.ts';
import { ROUTES } from './http/routes.ts';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFolder, valueOf } from './testing/test-client.ts';

/* What is nested so deep that whoever reads it by recursion runs out of stack. */

const DEPTH = 10_000;

function nested(opening: string, innermost: string, depth: number): Uint8Array {
  return new Uint8Array(Buffer.from(opening.repeat(depth) + innermost, 'hex'));
}

const SHAPES = {
  arrays: (depth: number) => nested('81', '80', depth),
  maps: (depth: number) => nested('a16161', 'a0', depth),
  tags: (depth: number) => nested('c1', '00', depth),
  'arrays without end': (depth: number) => nested('9f', '80', depth),
  'arrays in maps': (depth: number) => nested('a1616181', '80', depth),
};
type Shape = keyof typeof SHAPES;

/** Every call that takes a body, as the server itself has them. */
function callsWithBody(): { method: string; path: string }[] {
  const calls: { method: string; path: string }[] = [];
  const record = (method: string) => (path: string) => void calls.push({ method, path });
  const app = { get: () => undefined, post: record('POST'), put: record('PUT'), delete: record('DELETE') };
  for (const route of ROUTES) route(app as unknown as FastifyInstance, { config: resolveConfig({}) } as ServerContext);
  return calls;
}

test.each(Object.keys(SHAPES) as Shape[])(
  '%s in the body of any call are refused, and cost nobody anything',
  async (shape) => {
    const { url } = await startTestServer({ limits: { anonymousPerMinute: 100_000 } });
    const client = await createClient(url);
    const calls = callsWithBody();
    expect(calls.length).toBeGreaterThan(25);
    const taken = new Set<string>();
    for (const { method, path } of calls) {
      const at = path
        .replace(':namespace', client.namespace)
        .replace(/:(upload|pack|node|user|device)/g, '0'.repeat(32))
        .replace(/:\w+/g, '1');
      for (const depth of [100, DEPTH, 200_000]) {
        const response = await client.raw(method, at, SHAPES[shape](depth));
        const text = new Uint8Array(await response.arrayBuffer());
        expect(response.status, `${method} ${path} of ${depth}`).toBeLessThan(500);
        if (response.ok) taken.add(`${method} ${path}`);
        else expect(decodeWire(errorSchema, text).code).toMatch(/^[a-z-]+$/);
      }
    }
    // It looks at no body.
    expect([...taken]).toEqual(['DELETE /v1/push']);
    expect(valueOf(await client.commit([createFolder()])).outcome).toBe('committed');
  },
);

test('so are they in what is signed, and in the first message of a socket', async () => {
  const { url } = await startTestServer();
  const client = await createClient(url);
  for (const shape of Object.keys(SHAPES) as Shape[]) {
    const deep = SHAPES[shape](DEPTH);
    const { header, body, signature } = client.sign([createFolder()]);
    for (const entry of [
      { header: deep, body, signature },
      { header, body: deep, signature },
    ]) {
      const answer = await client.raw('POST', client.path('/entries'), encodeWire(commitRequest, { entry }));
      expect(answer.status, shape).toBeGreaterThanOrEqual(400);
      expect(answer.status, shape).toBeLessThan(500);
    }
    const [{ signatures } = { signatures: [] }] = client.account.links;
    const links = [{ link: deep, signatures }];
    const answer = await client.raw('POST', '/v1/chain', encodeWire(appendChainRequest, { links }));
    expect(answer.status, shape).toBe(400);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`);
    onTestFinished(() => socket.terminate());
    socket.once('open', () => socket.send(SHAPES[shape](1_000)));
    expect(await new Promise((resolve) => socket.once('close', resolve)), shape).toBe(1008);
  }
  expect(valueOf(await client.commit([createFolder()])).outcome).toBe('committed');
});

test('so are they in JSON, to the calls of devices and to those of the admin page', async () => {
  const [port = 0] = await findFreePorts(1);
  const tokenFile = join(temporaryFolder(), 'token');
  const { url } = await startTestServer({ admin: { listen: `127.0.0.1:${port}`, tokenFile } });
  const client = await createClient(url);
  const token = readFileSync(tokenFile, 'utf8').trim();
  const ask = (at: string, bearer: string | undefined, body: string): Promise<Response> =>
    fetch(at, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body,
    });
  for (const body of ['['.repeat(8_000) + ']'.repeat(8_000), '{"a":'.repeat(2_500) + '1' + '}'.repeat(2_500)]) {
    for (const { method, path } of callsWithBody())
      if (method === 'POST') expect((await ask(url + path, client.token, body)).status, path).toBeOneOf([400, 404]);
    for (const path of ['/api/quota', '/api/jobs/run']) {
      const answer = await ask(`http://127.0.0.1:${port}${path}`, token, body);
      expect([answer.status, await answer.json()], path).toEqual([400, { code: 'invalid-argument' }]);
    }
  }
  expect(valueOf(await client.commit([createFolder()])).outcome).toBe('committed');
});
