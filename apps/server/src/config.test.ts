import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { listenAddress, loadConfig, resolveConfig } from './config.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('nothing need be said', () => {
  const config = loadConfig({}, {});
  expect(config).toMatchObject({ listen: '127.0.0.1:7440', registration: 'open', sessionMs: 900_000 });
  expect(isAbsolute(config.data)).toBe(true);
});

test('the command line wins over the environment, and that over the file', () => {
  const file = join(temporaryFolder(), 'server.json');
  writeFileSync(
    file,
    JSON.stringify({ listen: '1.1.1.1:1', data: '/file', logLevel: 'warn', limits: { socketsPerDevice: 3 } }),
  );
  const environment = {
    ONEFOLD_SERVER_CONFIG: file,
    ONEFOLD_SERVER_LISTEN: '2.2.2.2:2',
    ONEFOLD_SERVER_DATA: '/environment',
  };
  expect(loadConfig({ data: '/given' }, environment)).toMatchObject({
    data: '/given',
    listen: '2.2.2.2:2',
    logLevel: 'warn',
    limits: { socketsPerDevice: 3, failedLoginsPerPair: 10 },
  });
});

test.each([
  { listen: 'nowhere' },
  { unknown: 1 },
  { sessionMs: -1 },
  { limits: { typo: 1 } },
  { registration: 'maybe' },
])('a wrong configuration is refused: %j', (input) => {
  expect(() => resolveConfig(input)).toThrow(expect.objectContaining({ code: 'invalid-argument' }) as Error);
});

test('hosts may be IPv6, and ports must exist', () => {
  expect(listenAddress('[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(listenAddress('127.0.0.1:0')).toEqual({ host: '127.0.0.1', port: 0 });
  expect(() => listenAddress('127.0.0.1:70000')).toThrow();
});
