import { expect, test } from 'vitest';
import { decodeWire, errorSchema } from '@onefold/protocol';
import { useTestServer } from './testing/started-server.ts';

const server = useTestServer();

test.each([
  ['one that is no text', '/%zz', 404, 'not-found'],
  ['one that is no text where there are calls', '/v1/namespaces/%zz/entries?after=0', 404, 'not-found'],
  ['one with a very long name', `/v1/namespaces/${'a'.repeat(3_000)}/entries?after=0`, 400, 'invalid-argument'],
  ['another', '/v1/nothing', 404, 'not-found'],
])('an address that no call has is answered as every call is: %s', async (_, path, status, code) => {
  const answer = await fetch(server.url + path);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/cbor');
  expect(decodeWire(errorSchema, new Uint8Array(await answer.arrayBuffer())).code).toBe(code);
});
