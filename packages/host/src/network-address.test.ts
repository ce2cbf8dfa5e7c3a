import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { networkAddresses } from './network-address.ts';

function at(address: string, more: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo {
  return {
    address,
    family: 'IPv4',
    internal: false,
    netmask: '',
    mac: '',
    cidr: null,
    ...more,
  } as NetworkInterfaceInfo;
}

test('a private network of the computer itself comes before public addresses, and these before what runs inside of it', () => {
  const interfaces = {
    lo: [at('127.0.0.1', { internal: true })],
    docker0: [at('172.17.0.1')],
    wan: [at('203.0.113.7')],
    eth0: [at('fe80::1', { family: 'IPv6' }), at('192.168.1.5'), at('169.254.3.4')],
  };
  expect(networkAddresses(interfaces)).toEqual(['192.168.1.5', '203.0.113.7', '172.17.0.1']);
  expect(networkAddresses({ lo: interfaces.lo, gone: undefined })).toEqual([]);
});
