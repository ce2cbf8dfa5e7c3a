import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { encodeCbor, OnefoldError } from '@onefold/protocol';
import { createEventStream } from './event-stream.ts';

/** A server that greets whoever comes, until it is gone. */
async function startGreeter(): Promise<{ url: string; leave(): void }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.send(encodeCbor({ event: 'hello', heartbeatMs: 30_000, heads: [] })));
  const leave = (): void => {
    server.close();
    for (const client of server.clients) client.terminate();
  };
  onTestFinished(leave);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, leave };
}

test('a lost connection is told again at every failed attempt: an answer given in between proves nothing', async () => {
  const { url, leave } = await startGreeter();
  const heard: string[] = [];
  const stream = createEventStream({
    url,
    token: () => Promise.resolve('token'),
    way: () => Promise.resolve({}),
    send: () => Promise.reject(new OnefoldError('server-unreachable', 'gone')),
    publish: ({ event }) => heard.push(event),
    onTokenRefused: () => undefined,
  });
  onTestFinished(() => stream.close());
  await expect.poll(() => heard).toContain('connected');
  expect(heard).toEqual(['hello', 'connected']);
  leave();
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(5);
  expect(new Set(heard.slice(2))).toEqual(new Set(['disconnected']));
  expect(stream.isConnected()).toBe(false);
});
