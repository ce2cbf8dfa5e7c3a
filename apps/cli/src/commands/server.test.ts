import { expect, test } from 'vitest';
import { describeOwnServer } from './server.ts';

const server = {
  address: 'http://192.168.1.20:7440',
  reach: 'network' as const,
  isRunning: true,
  isAtAddress: true,
  folder: '/state/server',
};

test('a server that devices find is told in two lines', () => {
  expect(describeOwnServer({ server, canStart: true })).toEqual([
    'http://192.168.1.20:7440  runs, reached from its network',
    'Everything it keeps is in /state/server',
  ]);
});

test('where this computer has another address, it is said which one the devices look for and what to do', () => {
  const lines = describeOwnServer({ server: { ...server, isAtAddress: false }, canStart: true });
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain('look for the server at 192.168.1.20 and do not find it');
  expect(lines[2]).toContain('Give this computer the address 192.168.1.20 again');
  expect(lines[2]).toContain('onefold account server http://ADDRESS:7440');
});

test('none runs: whether one could', () => {
  expect(describeOwnServer({ server: null, canStart: true })).toEqual(['No server runs here.']);
  expect(describeOwnServer({ server: null, canStart: false })[0]).toContain('none is installed');
});
