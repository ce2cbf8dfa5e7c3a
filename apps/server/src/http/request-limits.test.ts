import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { encodeWire, loginRequest } from '@onefold/protocol';
import { startTestServer } from '../testing/started-server.ts';
import { bytes } from '../testing/test-account.ts';

/** Status of a login from behind a proxy that appends whom it spoke with to what the peer said of itself. */
function login(url: string, forwarded: string): Promise<number> {
  const body = encodeWire(loginRequest, { email: `${randomUUID()}@example.org`, authKey: bytes(32) });
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/cbor', 'x-forwarded-for': forwarded };
    const sent = request(`${url}/v1/login`, { method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function upgrade(url: string, forwarded: string): Promise<number> {
  const headers = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    authorization: 'Bearer nobody',
    'x-forwarded-for': forwarded,
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/events`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('behind a proxy nobody escapes the limits of his address by naming others before it', async () => {
  const { url } = await startTestServer({ trustProxy: true, limits: { anonymousPerMinute: 1, devicePerMinute: 1 } });
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push(await login(url, `10.0.0.${i}, 198.51.100.7`));
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect(await login(url, '10.0.0.1, 198.51.100.8')).not.toBe(429);
  const sockets: number[] = [];
  for (let i = 0; i < 12; i++) sockets.push(await upgrade(url, `10.0.0.${i}, 198.51.100.7`));
  expect(sockets.filter((status) => status === 429)).not.toEqual([]);
});

test('behind two proxies the address counts that the first of them saw', async () => {
  const { url } = await startTestServer({ trustProxy: 2, limits: { anonymousPerMinute: 1 } });
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push(await login(url, `10.0.0.${i}, 198.51.100.7, 192.0.2.1`));
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect(await login(url, '198.51.100.8, 192.0.2.1')).not.toBe(429);
});

test('an IPv6 network is one address to the limits, whichever of its addresses asks', async () => {
  const { url } = await startTestServer({ trustProxy: true, limits: { anonymousPerMinute: 1 } });
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push(await login(url, `2001:db8:1:2:${i}::1`));
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  expect(await login(url, '2001:db8:1:3::1')).not.toBe(429);
});

test('nor does it have more attempts at a password', async () => {
  const { url } = await startTestServer({ trustProxy: true, limits: { failedLoginsPerAddress: 3 } });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push(await login(url, `2001:db8:1:2:${i}::1`));
  expect(statuses.slice(0, 3)).not.toContain(429);
  expect(statuses.slice(3)).toEqual([429, 429]);
});
