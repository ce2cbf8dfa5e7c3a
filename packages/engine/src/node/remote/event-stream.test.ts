import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { encodeCbor, OnefoldError } from '@onefold/protocol';
import { createEventStream, type EventStream } from './event-stream.ts';

/** A server that greets whoever comes, until it is gone. */
async function startGreeter(port = 0): Promise<{ url: string; leave(): void }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.send(encodeCbor({ event: 'hello', heartbeatMs: 30_000, heads: [] })));
  const leave = (): void => {
    server.close();
    for (const client of server.clients) client.terminate();
  };
  onTestFinished(leave);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, leave };
}

/** A stream to a server whose calls fail, until the test ends; `heard` gets the names of its events. `way` is asked for before each try. */
function listenTo(url: string, heard: string[], way: () => Promise<object> = () => Promise.resolve({})): EventStream {
  const stream = createEventStream({
    url,
    token: () => Promise.resolve('token'),
    way,
    send: () => Promise.reject(new OnefoldError('server-unreachable', 'gone')),
    publish: ({ event }) => heard.push(event),
    onTokenRefused: () => undefined,
  });
  onTestFinished(() => stream.close());
  return stream;
}

test('a lost connection is told again at every failed attempt: an answer given in between proves nothing', async () => {
  const { url, leave } = await startGreeter();
  const heard: string[] = [];
  const stream = listenTo(url, heard);
  await expect.poll(() => heard).toContain('connected');
  expect(heard).toEqual(['hello', 'connected']);
  leave();
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(5);
  expect(new Set(heard.slice(2))).toEqual(new Set(['disconnected']));
  expect(stream.isConnected()).toBe(false);
});

/** A second of the clock that is stood in for; what goes over the line meanwhile is real. */
async function passSecond(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('after a long absence the first call that is answered brings the socket back, however long the wait had become', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { url, leave } = await startGreeter();
  const heard: string[] = [];
  const stream = listenTo(url, heard);
  await expect.poll(() => stream.isConnected()).toBe(true);
  leave();
  const told = (): number => heard.filter((event) => event === 'disconnected').length;
  while (told() < 14) await passSecond();
  await startGreeter(Number(new URL(url).port));
  // Half a minute is the least it would wait now.
  await vi.advanceTimersByTimeAsync(20_000);
  expect(stream.isConnected()).toBe(false);
  stream.answered();
  await expect.poll(() => stream.isConnected()).toBe(true);
});

test('where sockets alone fail, answered calls make it try ever more rarely', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const { url, leave } = await startGreeter();
  leave();
  let tries = 0;
  const stream = listenTo(url, [], () => Promise.resolve((tries++, {})));
  for (let second = 0; second < 600; second++) {
    await passSecond();
    stream.answered();
  }
  expect(tries).toBeLessThan(40);
});
