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

test('a field that does not exist is told with the one that was meant, wherever it belongs', () => {
  const message = (input: unknown): string => {
    try {
      resolveConfig(input);
      return '';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };
  expect(message({ lisen: 'x' })).toContain('lisen: there is no such field; did you mean listen?');
  expect(message({ limits: { packMemory: 1 } })).toContain(
    'limits.packMemory: there is no such field; did you mean limits.packMemoryBytes?',
  );
  expect(message({ devicePerMinute: 1 })).toContain('did you mean limits.devicePerMinute?');
  expect(message({ xyzzy: 1 })).toContain('xyzzy: there is no such field');
  expect(message({ xyzzy: 1 })).not.toContain('did you mean');
  expect(message({ limits: { devicePerMinute: 'many' } })).toMatch(/^limits.devicePerMinute: /);
  expect(message({ uploadExpiryMs: 100_000_000, collection: { graceMs: 1_000 } })).toContain('collection.graceMs');
});

test('every field can be given by the environment, over the file, inner ones too', () => {
  const config = loadConfig(
    {},
    {
      ONEFOLD_SERVER_LIMITS_DEVICE_PER_MINUTE: '7',
      ONEFOLD_SERVER_TRUST_PROXY: 'true',
      ONEFOLD_SERVER_QUOTA_BYTES_PER_USER: '12',
      ONEFOLD_SERVER_LISTEN: '0.0.0.0:1',
    },
  );
  expect(config).toMatchObject({ trustProxy: true, quotaBytesPerUser: 12, listen: '0.0.0.0:1' });
  expect(config.limits.devicePerMinute).toBe(7);
  expect(config.limits.socketsPerDevice).toBe(8);
});
