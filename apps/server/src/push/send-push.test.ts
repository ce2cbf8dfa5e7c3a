import { expect, test } from 'vitest';
import { endpointOf, isPrivateAddress, sendPush } from './send-push.ts';

test('private addresses are told from public ones, in every dress', () => {
  for (const address of ['10.1.2.3', '127.0.0.1', '169.254.169.254', '192.168.1.1', '172.20.0.1', '100.64.1.1'])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ['::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', 'ff02::1', '0.0.0.0', '255.255.255.255'])
    expect(isPrivateAddress(address), address).toBe(true);
  for (const address of ['1.1.1.1', '2606:4700::1111', '172.32.0.1'])
    expect(isPrivateAddress(address), address).toBe(false);
  expect(() => endpointOf('https://[fd00::1]/x', false)).toThrow();
  expect(endpointOf('https://push.example.org/x', false).hostname).toBe('push.example.org');
});

test('a name that leads to a private address is not called', async () => {
  const message = { endpoint: 'https://localhost/x', authorization: '', body: new Uint8Array(1), allowsPrivate: false };
  expect(await sendPush(message)).toBe('failed');
});
