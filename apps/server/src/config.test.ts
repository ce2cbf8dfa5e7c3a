import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { environmentName, fieldPaths } from './config-errors.ts';
import { configSchema, listenAddress, resolveConfig } from './config.ts';
import { loadConfig } from './load-config.ts';
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

test.each([
  { sweepEveryMs: 2 ** 31 },
  { heartbeatMs: 2 ** 31 },
  { drainMs: 2 ** 31 },
  { requestTimeoutMs: 2 ** 31 },
  { collection: { everyMs: 30 * 24 * 3_600_000 } },
  { collection: { scrubEveryMs: 2 ** 31 } },
  { retention: { everyMs: 30 * 24 * 3_600_000 } },
  { push: { quietMs: 2 ** 31 } },
  { limits: { packPatienceMs: 2 ** 31 } },
  { postgres: { urls: ['postgres://h/d'], statementMs: 2 ** 31 } },
  { s3: { bucket: 'b', deadlineMs: 2 ** 31 } },
])('a wait that no timer can take, and that would end at once, is refused: %j', (input) => {
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

const refusal = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'invalid-argument' });
    return (thrown as Error).message;
  }
};

const LEAVES = fieldPaths(configSchema).filter((path, _, all) => !all.some((other) => other.startsWith(`${path}.`)));
/** What a group needs beside the field that is tried. */
const REQUIRED: Readonly<Record<string, object>> = {
  postgres: { urls: ['postgres://h/d'] },
  redis: { url: 'redis://h' },
  s3: { bucket: 'b' },
  tls: { certFile: 'c', keyFile: 'k' },
  admin: { listen: '127.0.0.1:1', tokenFile: 't' },
};

test.each(LEAVES)('a wrong %s is refused by its path', (path) => {
  const [group = '', field] = path.split('.');
  const withValue = (value: unknown): object =>
    field === undefined ? { [group]: value } : { [group]: { ...REQUIRED[group], [field]: value } };
  // Of no field's kind; and numbers below any least.
  for (const wrong of [{ a: 1 }, [[]], Number.NaN])
    expect(refusal(() => resolveConfig(withValue(wrong)))).toMatch(
      new RegExp(`^${path.replace('.', '\\.')}(\\.\\d+)?: \\S`),
    );
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as {
    properties: Record<string, { type?: string; properties?: Record<string, { type?: string }> }>;
  };
  const known = field === undefined ? schema.properties[group] : schema.properties[group]?.properties?.[field];
  const isText = known?.type === 'string';
  const wrongText = isText ? '' : 'many';
  // A prefix may be empty.
  if (path !== 's3.prefix')
    expect(refusal(() => resolveConfig(withValue(wrongText)))).toMatch(new RegExp(`^${path.replace('.', '\\.')}: \\S`));
});

test('a variable that stands for nothing is refused with the one that was meant; those that Kubernetes makes for a service are not', () => {
  expect(refusal(() => loadConfig({}, { ONEFOLD_SERVER_REGISTRATON: 'closed' }))).toBe(
    'ONEFOLD_SERVER_REGISTRATON: there is no such variable; did you mean ONEFOLD_SERVER_REGISTRATION?',
  );
  const links = {
    ONEFOLD_SERVER_SERVICE_HOST: '10.0.0.1',
    ONEFOLD_SERVER_SERVICE_PORT: '7440',
    ONEFOLD_SERVER_SERVICE_PORT_HTTP: '7440',
    ONEFOLD_SERVER_PORT: 'tcp://10.0.0.1:7440',
    ONEFOLD_SERVER_PORT_7440_TCP: 'tcp://10.0.0.1:7440',
    ONEFOLD_SERVER_PORT_7440_TCP_ADDR: '10.0.0.1',
  };
  expect(loadConfig({}, { ...links, ONEFOLD_OTHER: 'x', HOME: '/root' }).registration).toBe('open');
});

test('text that looks like a number, a truth or JSON is the text that was given', () => {
  const config = loadConfig(
    {},
    {
      ONEFOLD_SERVER_DATA: '2026',
      ONEFOLD_SERVER_S3_BUCKET: '12345',
      ONEFOLD_SERVER_S3_ACCESS_KEY_ID: '0042',
      ONEFOLD_SERVER_S3_SECRET_ACCESS_KEY: '{true',
    },
  );
  expect(config.data).toMatch(/2026$/);
  expect(config.s3).toMatchObject({ bucket: '12345', accessKeyId: '0042', secretAccessKey: '{true' });
});

test('every field has its name in the environment', () => {
  for (const path of LEAVES)
    expect(refusal(() => loadConfig({}, { ONEFOLD_SERVER_S3_BUCKET: 'b', [environmentName(path)]: '' }))).not.toContain(
      'no such variable',
    );
});

test('no message about the configuration quotes what a secret field holds', () => {
  const words = refusal(() =>
    resolveConfig({
      postgres: { urls: ['mysql://user:planted-1@host/db'] },
      redis: { url: 'http://:planted-2@host' },
      s3: { bucket: 'b', secretAccessKey: ['planted-3'] },
    }),
  );
  expect(words.split('\n')).toHaveLength(3);
  expect(words).not.toContain('planted');
});

test.each([
  [undefined, /server\.json cannot be read: it is not there$/],
  ['{\n  "data": "d",\n  "redis": { "url": "secret-word" }}}', /server\.json is not JSON: line 3, column 37$/],
  ['{ "data": "d", "redis": "secret-word"', /server\.json is not JSON(: line 1, column \d+|, or ends too early)$/],
  ['', /server\.json is not JSON, or ends too early$/],
  ['["secret-word"]', /server\.json holds no JSON object$/],
])('a configuration file that cannot be taken says where it is wrong, and quotes nothing: %s', (text, message) => {
  const file = join(temporaryFolder(), 'server.json');
  if (text !== undefined) writeFileSync(file, text);
  expect(() => loadConfig({ config: file }, {})).toThrow(message);
  expect(() => loadConfig({ config: file }, {})).not.toThrow(/secret-word/);
});
