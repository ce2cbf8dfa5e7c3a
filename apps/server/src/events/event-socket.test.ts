import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import type { Hash, NamespaceId, ServerEvent } from '@onefold/protocol';
import { randomId } from '../testing/test-account.ts';
import { createEventSocket } from './event-socket.ts';

const HOUR_MS = 3_600_000;

/** The server's end of a connected socket, whose device takes nothing, unless it is let go on. */
async function connected(device: 'asleep' | 'deaf' | 'well' = 'asleep'): Promise<WebSocket> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    autoPong: device === 'well',
  });
  onTestFinished(() => peer.terminate());
  peer.on('error', () => undefined);
  if (device === 'asleep') peer.once('open', () => peer.pause());
  return accepted;
}

function head(namespaceId: NamespaceId, seq: number): ServerEvent {
  return { event: 'head', head: { namespaceId, seq, hash: randomId<Hash>(32), recoveryEpoch: 0 } };
}

test('one for whom more waits than may is dropped, and not buffered for without bound', async () => {
  const socket = await connected();
  const events = createEventSocket(socket, { heartbeatMs: HOUR_MS, maxBufferedBytes: 1_000_000 });
  for (let i = 0; i < 4_000; i++) events.deliver(head(randomId<NamespaceId>(32), 1));
  expect(socket.readyState).toBe(socket.OPEN);
  for (let i = 0; i < 200; i++) events.deliver(head(randomId<NamespaceId>(32), 1));
  expect(socket.readyState).not.toBe(socket.OPEN);
});

test('of one namespace only the newest head waits, however many there were', async () => {
  const socket = await connected();
  const events = createEventSocket(socket, { heartbeatMs: HOUR_MS, maxBufferedBytes: 1_000_000 });
  const namespaceId = randomId<NamespaceId>(32);
  for (let seq = 1; seq <= 20_000; seq++) events.deliver(head(namespaceId, seq));
  expect(socket.readyState).toBe(socket.OPEN);
});

test('one that takes nothing is dropped once more is buffered for it than may be', async () => {
  const socket = await connected();
  const events = createEventSocket(socket, { heartbeatMs: HOUR_MS, maxBufferedBytes: 1_000_000 });
  // Far more than a kernel takes for a peer that does not read.
  socket.send(new Uint8Array(32 * 1024 * 1024));
  expect(socket.readyState).toBe(socket.OPEN);
  events.begin({ event: 'hello', heads: [], heartbeatMs: HOUR_MS });
  expect(socket.readyState).not.toBe(socket.OPEN);
});

test('one who answers no ping for a whole interval is dropped; one who does stays', async () => {
  const options = { heartbeatMs: 1_000, maxBufferedBytes: 1_000_000 };
  const [deaf, well] = [await connected('deaf'), await connected('well')];
  createEventSocket(deaf, options);
  createEventSocket(well, options);
  await expect.poll(() => deaf.readyState, { timeout: 10_000 }).not.toBe(deaf.OPEN);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(well.readyState).toBe(well.OPEN);
});

test('one who answers pings and takes no byte for a whole interval is dropped as well', async () => {
  const socket = await connected();
  const events = createEventSocket(socket, { heartbeatMs: 200, maxBufferedBytes: 1_000_000_000 });
  // Answers of a device that never reads: it sends them without being asked.
  const answering = setInterval(() => socket.emit('pong', Buffer.alloc(0)), 20);
  onTestFinished(() => clearInterval(answering));
  events.begin({ event: 'hello', heads: [], heartbeatMs: HOUR_MS });
  // More than the kernel takes for it.
  socket.send(new Uint8Array(30_000_000));
  events.deliver(head(randomId<NamespaceId>(32), 1));
  await expect.poll(() => socket.readyState, { timeout: 10_000 }).not.toBe(socket.OPEN);
});
