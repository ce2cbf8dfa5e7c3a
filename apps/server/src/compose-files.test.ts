import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ServerConfig } from './config.ts';
import { loadConfig } from './load-config.ts';
import { needsDataFolder } from './open-engines.ts';

// What can be known of the compose files without a container engine: that their parts fit each other, and the server.

const DEPLOY = new URL('../../../deploy/', import.meta.url);

type ByCondition = Record<string, { readonly condition: string }>;

interface Service {
  readonly image?: string;
  readonly command?: string;
  readonly environment?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly depends_on?: readonly string[] | ByCondition;
  readonly healthcheck?: object;
  readonly volumes?: readonly string[];
  readonly networks?: { readonly default: { readonly ipv4_address: string } };
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly build?: object;
}

interface ComposeFile {
  readonly services: Record<string, Service>;
  readonly secrets?: Record<string, { readonly environment: string }>;
  readonly volumes: Record<string, unknown>;
}

/** What its head says it wants, each with a value. */
const GIVEN = {
  ONEFOLD_HOST: 'files.example.org',
  ONEFOLD_CERTIFICATE: '/etc/onefold.pem',
  ONEFOLD_POSTGRES_PASSWORD: 'planted1',
  ONEFOLD_S3_SECRET: 'planted2',
  ONEFOLD_ADMIN_TOKEN: 'planted3planted3',
};

function read(name: string): { readonly text: string; readonly file: ComposeFile } {
  const text = readFileSync(new URL(name, DEPLOY), 'utf8');
  // As compose does: a variable that is wanted, and one that has a default.
  const filled = text.replaceAll(/\$\{(\w+)(?::\?[^}]*|:-([^}]*))\}/g, (_, variable: string, fallback?: string) => {
    const value = (GIVEN as Record<string, string>)[variable] ?? fallback;
    if (value === undefined) throw new Error(`${name} wants ${variable}, which this test does not know`);
    return value;
  });
  return { text, file: parse(filled, { merge: true }) as ComposeFile };
}

const many = read('compose.many.yaml');
const nodes = Object.entries(many.file.services).filter(([name]) => name.startsWith('node'));
const configOf = (service: Service | undefined): ServerConfig => loadConfig({}, { ...service?.environment });

const FILES = ['compose.yaml', 'compose.many.yaml'] as const;

test.each(FILES)('the parts of %s name each other, and files that are there', (name) => {
  const { text, file } = read(name);
  for (const [service, { depends_on = [], volumes = [], image = '', build }] of Object.entries(file.services)) {
    const awaited = Array.isArray(depends_on)
      ? depends_on.map((on: string) => ({ on, condition: '' }))
      : Object.entries(depends_on as ByCondition).map(([on, { condition }]) => ({ on, condition }));
    for (const { on, condition } of awaited) {
      const target = file.services[on];
      expect(target, `${service} waits for ${on}`).toBeDefined();
      expect(['', 'service_healthy', 'service_completed_successfully']).toContain(condition);
      // The image of the server brings its own.
      if (condition === 'service_healthy' && target?.build === undefined)
        expect(target?.healthcheck, `${on} is waited for until it is healthy`).toBeDefined();
    }
    for (const [from = ''] of volumes.map((volume) => volume.split(':')))
      if (from.startsWith('./')) expect(existsSync(new URL(from, DEPLOY)), from).toBe(true);
      else if (!from.startsWith('/')) expect(Object.keys(file.volumes), service).toContain(from);
    if (build === undefined) expect(image, 'an image without a version').toMatch(/:[\w.-]*\d/);
  }
  const wanted = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, variable]) => variable);
  const head = text.split('\nname: ')[0];
  for (const variable of wanted) expect(head, 'its head says what it wants').toContain(variable);
});

test.each(FILES)('nodes of %s are given longer than their last calls take', (name) => {
  const servers = Object.values(read(name).file.services).filter(({ build }) => build !== undefined);
  expect(servers.length).toBeGreaterThan(0);
  for (const server of servers)
    expect(Number.parseInt(server.stop_grace_period ?? '', 10) * 1_000).toBeGreaterThan(
      5_000 + configOf(server).drainMs,
    );
});

test('each of many nodes is configured by what the server reads, and keeps nothing itself', () => {
  expect(nodes).toHaveLength(3);
  for (const [, node] of nodes) {
    const config = configOf(node);
    expect(needsDataFolder(config)).toBe(false);
    expect(node.volumes).toBeUndefined();
    expect(config).toEqual(configOf(nodes[0]?.[1]));
    expect(config).toMatchObject({ trustProxy: true, redis: {}, s3: { bucket: 'onefold' } });
    expect(node.secrets?.map((secret) => `/run/secrets/${secret}`)).toEqual([config.admin?.tokenFile]);
    expect(many.file.secrets?.[node.secrets?.[0] ?? '']?.environment).toBe('ONEFOLD_ADMIN_TOKEN');
  }
});

test('the engines of many nodes are those that their configuration names, with its names and passwords', () => {
  const { postgres, redis, s3 } = configOf(nodes[0]?.[1]);
  const { services } = many.file;
  const database = new URL(postgres?.urls[0] ?? '');
  expect(services[database.hostname]?.environment).toMatchObject({
    POSTGRES_USER: database.username,
    POSTGRES_PASSWORD: database.password,
    POSTGRES_DB: database.pathname.slice(1),
  });
  const [, connections] = /max_connections=(\d+)/.exec(services[database.hostname]?.command ?? '') ?? [];
  // For writing, and as many for reading.
  expect(Number(connections)).toBeGreaterThan(nodes.length * 2 * (postgres?.connections ?? 0));
  expect(services).toHaveProperty(new URL(redis?.url ?? '').hostname);
  const store = new URL(s3?.endpoint ?? '');
  expect(services[store.hostname]?.environment).toMatchObject({
    MINIO_ROOT_USER: s3?.accessKeyId,
    MINIO_ROOT_PASSWORD: s3?.secretAccessKey,
  });
  expect(services['bucket']?.environment?.['MC_HOST_store']).toBe(
    `http://${s3?.accessKeyId}:${s3?.secretAccessKey}@${store.host}`,
  );
  expect(services['bucket']?.command).toMatch(new RegExp(` store/${s3?.bucket}$`));
});

test('the balancer before many nodes finds them where its own configuration, which is tested, has them', () => {
  const proxy = many.file.services['proxy'];
  expect(proxy?.volumes?.[0]).toMatch(/^\.\/haproxy\.cfg:/);
  const balanced = readFileSync(new URL('haproxy.cfg', DEPLOY), 'utf8');
  const known = [...balanced.matchAll(/^ {2}server \S+ (\S+) check$/gm)].map(([, address]) => address);
  expect(nodes.map(([, { networks }]) => `${networks?.default.ipv4_address}:7440`)).toEqual(known);
  const certificate = /ssl crt (\S+)/.exec(balanced)?.[1];
  expect(proxy?.volumes?.[1]).toBe(`${GIVEN.ONEFOLD_CERTIFICATE}:${certificate}:ro`);
  // Of the nodes themselves nothing but their admin pages can be reached, and that from this machine alone.
  for (const [, { ports = [] }] of nodes) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:7441$/);
  expect(new Set(nodes.flatMap(([, { ports = [] }]) => ports)).size).toBe(nodes.length);
});
