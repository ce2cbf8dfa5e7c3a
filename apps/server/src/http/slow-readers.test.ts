import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { encodeWire, readBlocksRequest } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { createClient, randomBlock } from '../testing/test-client.ts';
import { announce, putPack } from '../testing/test-uploads.ts';

/* Those who ask and do not take the answer. */

const MIB = 1024 * 1024;

/** A device whose folder has more in it than a connection takes by itself, asking for all of it and reading nothing. */
async function withSleepers(callsPerDevice: number) {
  const server = await startTestServer({ limits: { callsPerDevice } });
  const client = await createClient(server.url);
  const blocks = Array.from({ length: 7 }, () => randomBlock(MIB));
  await putPack(client, await announce(client, blocks), blocks);
  const asked = Array.from({ length: 5 }, () => blocks).flat();
  const body = encodeWire(readBlocksRequest, { blocks: asked.map(({ ctHash }) => ctHash) });
  const call = [
    `POST ${client.path('/blocks/read')} HTTP/1.1`,
    'host: x',
    `authorization: Bearer ${client.token ?? ''}`,
    'content-type: application/cbor',
    `content-length: ${body.length}`,
  ].join('\r\n');
  /** `count` times, one behind the other on one connection. */
  const sleep = async (count = 1): Promise<Socket> => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    for (let i = 0; i < count; i++) {
      socket.write(`${call}\r\n\r\n`);
      socket.write(body);
    }
    // Its first answer has begun.
    await once(socket, 'readable');
    return socket;
  };
  return { ...server, client, sleep };
}

test('a device has only so many calls under way whose answers it does not take; another one goes on', async () => {
  const { url, client, sleep } = await withSleepers(4);
  const other = await createClient(url);
  const sockets = await Promise.all([sleep(), sleep(), sleep(), sleep()]);
  const status = async (): Promise<number> => (await client.raw('GET', '/v1/namespaces')).status;
  await expect.poll(status).toBe(429);
  const refused = await client.raw('GET', '/v1/namespaces');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await other.raw('GET', '/v1/namespaces')).status).toBe(200);
  sockets[0]?.destroy();
  await expect.poll(status).toBe(200);
});

test('nor has it more by sending them ahead on one connection, and all of them end with that', async () => {
  const { url, client, sleep } = await withSleepers(4);
  const other = await createClient(url);
  const status = async (): Promise<number> => (await client.raw('GET', '/v1/namespaces')).status;
  const socket = await sleep(40);
  await expect.poll(status).toBe(429);
  expect((await other.raw('GET', '/v1/namespaces')).status).toBe(200);
  socket.destroy();
  await expect.poll(status).toBe(200);
  // Of those four not one counts any more.
  await Promise.all([sleep(), sleep(), sleep()]);
  expect(await status()).toBe(200);
});
