import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startTestServer, useTestServer } from './testing/started-server.ts';

/* What is sent in masses or without end: each is answered or cut off, and the others' calls go on. */

const shared = useTestServer();

/** A connection that keeps all that comes back. */
function open(url: string): { readonly socket: Socket; readonly ended: Promise<string> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
  socket.on('error', () => undefined);
  return { socket, ended: new Promise((resolve) => socket.on('close', () => resolve(text))) };
}

test.each([
  ['one long header', `x: ${'y'.repeat(1024 * 1024)}`],
  ['a long cookie of many parts', `cookie: ${'a=b; '.repeat(100_000)}`],
])('%s is answered with 431, and the connection is cut', async (_, headers) => {
  const { socket, ended } = open(shared.url);
  socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n`);
  expect(await ended).toMatch(/^HTTP\/1.1 431 /);
  expect((await fetch(`${shared.url}/healthz`)).status).toBe(200);
});

test('headers that never come to an end, and connections that say nothing, are cut off after their time', async () => {
  const { url } = await startTestServer({ requestTimeoutMs: 1_000 });
  const slow = open(url);
  slow.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n');
  const timer = setInterval(() => slow.socket.write('x-more: 1\r\n'), 50);
  onTestFinished(() => clearInterval(timer));
  const silent = Array.from({ length: 300 }, () => open(url).ended);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await slow.ended).toMatch(/^HTTP\/1.1 408 /);
  await Promise.all(silent);
});
