import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema, resolveConfig } from './config.ts';
import { fieldPaths } from './config-errors.ts';
import { loadConfig } from './load-config.ts';
import { configJsonSchema } from './testing/config-json-schema.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const FILE = fileURLToPath(new URL('../config.schema.json', import.meta.url));

// `npx vitest run --project unit apps/server/src/config-schema.test.ts -u` writes it anew.
test('the schema that editors are given is made of the one that the server checks by', async () => {
  const text = `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(FILE);
});

const published = JSON.parse(JSON.stringify(configJsonSchema())) as Parameters<typeof z.fromJSONSchema>[0] & object;
const byFile = z.fromJSONSchema(published);

test.each([
  {},
  { $schema: '/opt/onefold/apps/server/config.schema.json', listen: '[::]:7440', trustProxy: 2 },
  {
    postgres: { urls: ['postgres://u:p@h/d'] },
    redis: { url: 'rediss://h' },
    s3: { bucket: 'b' },
    quotaBytesPerUser: null,
  },
  {
    tls: { certFile: 'c', keyFile: 'k' },
    admin: { listen: '127.0.0.1:1', tokenFile: 't' },
    retention: { trashDays: null },
  },
])('what the server takes is right by it: %j', (file: Record<string, unknown>) => {
  const { $schema: _, ...input } = file;
  expect(() => resolveConfig(input)).not.toThrow();
  expect(byFile.safeParse(file).error).toBeUndefined();
});

test.each([
  { listen: 'nowhere' },
  { unknown: 1 },
  { sessionMs: -1 },
  { limits: { devicePerMinute: 'many' } },
  { limits: { devicePerMinutes: 1 } },
  { registration: 'maybe' },
  { heartbeatMs: 2 ** 31 },
  { retention: { journalDays: 89 } },
  { postgres: {} },
  { s3: { endpoint: 'https://h' } },
  { redis: { url: 'http://h' } },
])('what the server refuses is wrong by it: %j', (input) => {
  expect(() => resolveConfig(input)).toThrow();
  expect(byFile.safeParse(input).success).toBe(false);
});

test('a configuration file may name it', () => {
  const file = join(temporaryFolder(), 'server.json');
  writeFileSync(file, JSON.stringify({ $schema: FILE, registration: 'closed' }));
  const config = loadConfig({ config: file }, {});
  expect(config.registration).toBe('closed');
  expect(config).not.toHaveProperty('$schema');
  // Nowhere but at the top, and it is no field of the environment.
  writeFileSync(file, JSON.stringify({ limits: { $schema: FILE } }));
  expect(() => loadConfig({ config: file }, {})).toThrow('limits.$schema: there is no such field');
  expect(() => loadConfig({}, { ONEFOLD_SERVER_$SCHEMA: FILE })).toThrow('there is no such variable');
});

test('it tells what every field is for, as their comments do', () => {
  const { properties } = published as { properties: Record<string, { description?: string; properties?: object }> };
  expect(properties['data']?.description).toBe('Folder of everything the server keeps.');
  expect(properties['push']?.properties).toMatchObject({
    allowsPrivate: { description: 'Endpoints of private addresses, and over plain HTTP, are called as well.' },
  });
  const untold = fieldPaths(configSchema).filter((path) => {
    const [group = '', field] = path.split('.');
    const at = properties[group];
    const known = field === undefined ? at : (at?.properties as typeof properties | undefined)?.[field];
    return known?.description === undefined;
  });
  expect(untold).toEqual([]);
});
