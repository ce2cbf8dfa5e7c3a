import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { environmentName, fieldPaths } from './config-errors.ts';
import { configSchema, resolveConfig } from './config.ts';
import { createMetrics } from './metrics.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Names that config.ts reads beside those of the fields. */
const OWN_NAMES = ['ONEFOLD_SERVER_CONFIG', 'ONEFOLD_SERVER_POSTGRES', 'ONEFOLD_SERVER_REDIS', 'ONEFOLD_SERVER_S3'];
const KNOWN_NAMES = new Set([...OWN_NAMES, ...fieldPaths(configSchema).map(environmentName)]);

type Values = Record<string, unknown>;

/** Renders as much of Helm's language as our templates use: if, else, end, one variable, fields, and a few functions. What it does not know fails. */
function render(template: string, scope: Values): string {
  const variables: Values = {};
  const lookUp = (path: string): unknown =>
    path
      .split('.')
      .filter(Boolean)
      .reduce<unknown>((at, name) => (at as Values | undefined)?.[name], scope);
  const value = (expression: string): unknown => {
    const text = expression.trim();
    if (text.includes(' | '))
      return text
        .split(' | ')
        .slice(1)
        .reduce((given, call) => apply(call.trim(), given), value(text.split(' | ')[0] ?? ''));
    const call = /^(gt|int|not|toYaml|toJson|toPrettyJson) (.*)$/.exec(text);
    if (call !== null) {
      const [, name, rest = ''] = call;
      if (name === 'gt') {
        const [, left = '', right = ''] = /^\((.*)\) (\d+)$/.exec(rest) ?? [];
        return Number(value(left)) > Number(right);
      }
      if (name === 'not') return !value(rest);
      if (name === 'int') return Number(value(rest));
      return apply(name ?? '', value(rest));
    }
    if (text.startsWith('$')) return variables[text];
    if (text.startsWith('.')) return lookUp(text);
    throw new Error(`the test's renderer does not know ${text}`);
  };
  const apply = (call: string, given: unknown): unknown => {
    const [name, argument] = call.split(' ');
    if (name === 'toYaml') return toYaml(given);
    if (name === 'toJson') return JSON.stringify(given);
    if (name === 'toPrettyJson') return JSON.stringify(given, undefined, 2);
    if (name === 'sha256sum') return createHash('sha256').update(String(given)).digest('hex');
    if (name === 'nindent')
      return `\n${String(given)
        .split('\n')
        .map((line) => ' '.repeat(Number(argument)) + line)
        .join('\n')}`;
    throw new Error(`the test's renderer does not know ${call}`);
  };
  const open: boolean[] = [];
  let out = '';
  // `{{-` eats the space before it.
  for (const part of template.replace(/\s*\{\{-/g, '{{').split(/(\{\{.*?\}\})/s)) {
    const isShown = open.every(Boolean);
    const code = /^\{\{(.*)\}\}$/s.exec(part)?.[1]?.trim();
    if (code === undefined) out += isShown ? part : '';
    else if (code.startsWith('if ')) open.push(isShown && Boolean(value(code.slice(3))));
    else if (code === 'else') open.push(!(open.pop() ?? false));
    else if (code === 'end') open.pop();
    else if (!isShown) continue;
    else if (/^\$\w+ :=/.test(code)) variables[code.split(' ')[0] ?? ''] = value(code.slice(code.indexOf(':=') + 2));
    else out += String(value(code));
  }
  expect(open).toEqual([]);
  return out;
}

function toYaml(given: unknown, indent = ''): string {
  return Object.entries(given as Values)
    .map(([key, inner]) =>
      typeof inner === 'object' && inner !== null
        ? `${indent}${key}:\n${toYaml(inner, `${indent}  `)}`
        : `${indent}${key}: ${JSON.stringify(inner)}`,
    )
    .join('\n');
}

interface Manifest {
  readonly kind: string;
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly enableServiceLinks: boolean;
        readonly volumes: unknown[];
        readonly containers: { readonly volumeMounts: { readonly name: string; readonly readOnly?: boolean }[] }[];
      };
    };
    readonly volumeClaimTemplates?: unknown[];
  };
}

function manifests(values: Values): Manifest[] {
  const scope = {
    Values: { ...(parse(read('deploy/helm/onefold/values.yaml')) as Values), ...values },
    Release: { Name: 'files' },
  };
  return parseAllDocuments(render(read('deploy/helm/onefold/templates/server.yaml'), scope)).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
}

test('the chart renders to manifests whose configuration the server takes', () => {
  const one = manifests({});
  expect(one.map(({ kind }) => kind)).toEqual(['ConfigMap', 'StatefulSet', 'Service']);
  expect(one[1]?.spec?.volumeClaimTemplates).toHaveLength(1);
  expect(one[1]?.spec?.template?.spec.volumes).toHaveLength(1);
  expect(() => resolveConfig(JSON.parse(one[0]?.data?.['server.json'] ?? ''))).not.toThrow();
  const many = manifests({
    replicas: 3,
    environmentSecret: 'keys',
    ingress: { host: 'files.example.org', annotations: { a: 'b' } },
  });
  expect(many.map(({ kind }) => kind)).toEqual([
    'ConfigMap',
    'Deployment',
    'PodDisruptionBudget',
    'Service',
    'Ingress',
  ]);
  expect(many[1]?.spec?.volumeClaimTemplates).toBeUndefined();
  expect(many[1]?.spec?.template?.spec.volumes).toHaveLength(2);
});

test('replicas keep nothing of their own: without engines for all of them they do not start', () => {
  const dataOf = (values: Values): { readonly readOnly?: boolean } | undefined =>
    manifests(values)[1]?.spec?.template?.spec.containers[0]?.volumeMounts.find(({ name }) => name === 'data');
  expect(dataOf({})?.readOnly).toBeUndefined();
  expect(dataOf({ replicas: 3 })?.readOnly).toBe(true);
});

test('a pod is given longer than its last calls take, and no variables that the server would refuse', () => {
  for (const replicas of [1, 3]) {
    const [config, pods] = manifests({ replicas });
    const { drainMs } = resolveConfig(JSON.parse(config?.data?.['server.json'] ?? ''));
    const spec = pods?.spec?.template?.spec;
    expect((spec?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(5_000 + drainMs);
    expect(spec?.enableServiceLinks).toBe(false);
  }
  const seconds = /^TimeoutStopSec=(\d+)$/m.exec(read('deploy/systemd/onefold-server.service'))?.[1];
  expect(Number(seconds) * 1_000).toBeGreaterThan(resolveConfig({}).drainMs);
});

test('nobody is told the metrics through the chart’s ingress who was not meant to be', () => {
  const [config] = manifests({ ingress: { host: 'files.example.org', annotations: {} } });
  expect(resolveConfig(JSON.parse(config?.data?.['server.json'] ?? '')).metrics).toBe('admin');
});

test('compose file, image and chart name variables that the server reads', () => {
  const { services } = parse(read('deploy/compose.yaml')) as { services: { server: { environment: Values } } };
  const inDockerfile = [...read('deploy/Dockerfile').matchAll(/(ONEFOLD_SERVER_\w+)=/g)].map(([, name]) => name ?? '');
  expect(inDockerfile).not.toEqual([]);
  for (const name of [...Object.keys(services.server.environment), ...inDockerfile])
    expect(KNOWN_NAMES).toContain(name);
});

test('image and unit start files that exist', () => {
  const copied = [...read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  );
  for (const path of copied.filter((path) => !path.includes('*')))
    expect(existsSync(join(ROOT, path)), path).toBe(true);
  const entry = /ENTRYPOINT \["node", "([^"]+)"\]/.exec(read('deploy/Dockerfile'))?.[1] ?? '';
  expect(existsSync(join(ROOT, entry))).toBe(true);
  const started = /ExecStart=\S+ \/opt\/onefold\/(\S+)/.exec(read('deploy/systemd/onefold-server.service'))?.[1] ?? '';
  expect(existsSync(join(ROOT, started))).toBe(true);
});

test('the dashboard asks for metrics that the server tells', async () => {
  const told = await createMetrics().text();
  const gauges = /gauge\('(\w+)'/g;
  const names = new Set([
    ...[...told.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name ?? ''),
    ...[...read('apps/server/src/metrics.ts').matchAll(gauges)].map(([, name]) => `onefold_${name}`),
  ]);
  const dashboard = JSON.parse(read('deploy/grafana.json')) as { panels: { targets: { expr: string }[] }[] };
  const asked = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/onefold_\w+/g) ?? []),
  );
  expect(asked.length).toBeGreaterThan(15);
  for (const name of asked) expect(names).toContain(name.replace(/_bucket$/, ''));
});
