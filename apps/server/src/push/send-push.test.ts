import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endpointOf, isPrivateAddress, retryAfterOf, sendPush } from './send-push.ts';

test('private addresses are told from public ones, in every dress', () => {
  for (const address of ['10.1.2.3', '127.0.0.1', '169.254.169.254', '192.168.1.1', '172.20.0.1', '100.64.1.1'])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ['::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', 'ff02::1', '0.0.0.0', '255.255.255.255'])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ['::ffff:7f00:1', '::7f00:1', '2002:7f00:1::', '64:ff9b::a00:1', '64:ff9b:1::1', '2001::1'])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ['1.1.1.1', '2606:4700::1111', '172.32.0.1'])
    expect(isPrivateAddress(address), address).toBe(false);
  for (const host of ['[fd00::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '127.1', '[::127.0.0.1]'])
    expect(() => endpointOf(`https://${host}/x`, false), host).toThrow();
  expect(endpointOf('https://push.example.org/x', false).hostname).toBe('push.example.org');
});

test('a name that leads to a private address is not called', async () => {
  const message = { endpoint: 'https://localhost/x', authorization: '', body: new Uint8Array(1), allowsPrivate: false };
  expect(await sendPush(message)).toMatchObject({ outcome: 'failed' });
});

test('what a push service answers is taken as RFC 8030 means it, and no redirect is followed', async () => {
  let status = 0;
  const asked: string[] = [];
  const service = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void service.close());
  const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/x`;
  const outcomes: Record<number, string> = {};
  const statuses = [200, 201, 202, 301, 307, 400, 401, 403, 404, 408, 410, 413, 429, 500, 502, 503];
  for (status of statuses) {
    const message = { endpoint, authorization: '', body: new Uint8Array(1), allowsPrivate: true };
    outcomes[status] = (await sendPush(message)).outcome;
  }
  expect(outcomes).toEqual({
    ...{ 200: 'sent', 201: 'sent', 202: 'sent', 404: 'gone', 410: 'gone' },
    ...{ 301: 'refused', 307: 'refused', 400: 'refused', 401: 'refused', 403: 'refused', 413: 'refused' },
    ...{ 408: 'failed', 429: 'failed', 500: 'failed', 502: 'failed', 503: 'failed' },
  });
  expect(asked).toEqual(statuses.map(() => '/x'));
});

test('patience is asked for in seconds or by a date, and for an hour at most', () => {
  const nowMs = Date.UTC(2026, 0, 5, 12);
  const after = (header: string | undefined): number => retryAfterOf(header, nowMs);
  expect(after(undefined)).toBe(0);
  expect(after('120')).toBe(120_000);
  expect(after('99999999')).toBe(3_600_000);
  expect(after('Mon, 05 Jan 2026 12:02:00 GMT')).toBe(120_000);
  expect(after('Mon, 05 Jan 2026 11:00:00 GMT')).toBe(0);
  expect(after('Mon, 05 Jan 2037 12:00:00 GMT')).toBe(3_600_000);
  expect(after('soon')).toBe(0);
});

test('a push service that answers without end is not listened to, and one that asks for patience is heard', async () => {
  let isCut = false;
  const service = createServer((_request, response) => {
    response.writeHead(429, { 'retry-after': '120' });
    const more = setInterval(() => response.write(Buffer.alloc(8_192)), 5);
    response.on('close', () => {
      isCut = true;
      clearInterval(more);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void service.close());
  const endpoint = `http://127.0.0.1:${(service.address() as AddressInfo).port}/x`;
  const message = { endpoint, authorization: '', body: new Uint8Array(1), allowsPrivate: true };
  expect(await sendPush(message)).toEqual({ outcome: 'failed', retryAfterMs: 120_000 });
  await expect.poll(() => isCut, { timeout: 5_000 }).toBe(true);
});
