import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCommand } from './command-line.ts';
import { environmentName, fieldPaths } from './config-errors.ts';
import { configSchema } from './config.ts';
import { startServer } from './server.ts';
import { printedBy } from './testing/printed-by.ts';
import { startTestServer } from './testing/started-server.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { createClient, createFile, packOf, randomBlock, valueOf } from './testing/test-client.ts';

// docs/OPERATIONS.md is followed by people in trouble: what it tells them to type is tried here.

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DOCUMENT = readFileSync(join(ROOT, 'docs/OPERATIONS.md'), 'utf8');
const [, SYNOPSIS = ''] = /^```\n(.*?)^```$/ms.exec(DOCUMENT) ?? [];
/** Everything in backquotes. */
const CODES = [...DOCUMENT.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
const FIELDS = fieldPaths(configSchema);

/** The commands of a line of the synopsis, each with and without what is optional: `a [--b] | c` is `a`, `a --b` and `c`. */
function commandsOf(line: string): string[] {
  const isAdmin = line.startsWith('onefold-server admin ');
  const alternatives = isAdmin
    ? line
        .slice('onefold-server admin '.length)
        .split(' | ')
        .map((rest) => `onefold-server admin ${rest}`)
    : [line];
  return alternatives.flatMap((command) => {
    const optional = [...command.matchAll(/ \[([^\]]+)\]/g)].map(([, part = '']) => part);
    const bare = command.replaceAll(/ \[[^\]]+\]/g, '');
    return [bare, ...(optional.length === 0 ? [] : [[bare, ...optional].join(' ')])];
  });
}

/** What is printed as a command of the server, whole or from `admin` on. What stands for others, as `...`, is none. */
const COMMANDS = [
  ...SYNOPSIS.trim().split('\n').flatMap(commandsOf),
  ...CODES.filter((code) => /^(onefold-server (--|admin )|admin [a-z])/.test(code) && !code.includes('...')).map(
    (code) => (code.startsWith('admin') ? `onefold-server ${code}` : code),
  ),
];
const argsOf = (command: string): string[] => command.split(' ').slice(1);

test('the commands are those that the server itself prints, and its parser takes every one', async () => {
  const { code, printed } = await printedBy(['--help']);
  expect(code).toBe(0);
  expect(printed.startsWith(SYNOPSIS)).toBe(true);
  for (const command of COMMANDS) expect(() => parseCommand(argsOf(command)), command).not.toThrow();
  expect(COMMANDS.length).toBeGreaterThan(20);
});

test('every admin command does what it is printed for, on a real data folder', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  await server.close();
  const copy = join(temporaryFolder(), 'copy');
  // The folder given beside it wins.
  const config = join(temporaryFolder(), 'config.json');
  writeFileSync(config, '{}');
  const tried: [string, number][] = [];
  // What is restored was backed up before.
  const admin = [...new Set(COMMANDS.filter((command) => command.startsWith('onefold-server admin ')))];
  const isRestore = (command: string): boolean => command.includes(' restore ');
  for (const command of [...admin.filter((one) => !isRestore(one)), ...admin.filter(isRestore)]) {
    const [printed = '', dataArgument] = command.split(' --data ');
    const words = printed
      .split(' ')
      .slice(1)
      .map((word) => {
        if (word === 'EMAIL') return client.account.email;
        if (word === 'COUNT') return '5';
        if (word === 'CONFIG') return config;
        if (word === 'BYTES' || word === 'BYTES|default') return '1000000';
        return word === 'DIR' || word === 'TARGET' ? copy : word;
      });
    expect([undefined, 'DIR', 'NEWDIR']).toContain(dataArgument);
    const folder = isRestore(command) ? join(temporaryFolder(), 'restored') : data;
    tried.push([command, (await printedBy([...words, '--data', folder])).code]);
    if (isRestore(command))
      tried.push([`fsck after ${command}`, (await printedBy(['admin', 'fsck', '--data', folder])).code]);
  }
  expect(tried.filter(([, code]) => code !== 0)).toEqual([]);
  expect(tried.length).toBeGreaterThan(15);
});

/** Rows of the table of the configuration: fields, and names of the environment, each as the first of its row would have them written out. */
const ROWS = DOCUMENT.split('\n## Configuration\n')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const namesIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    const [fields = '', environment = ''] = line.split(' | ');
    return { fields: namesIn(fields), environment: namesIn(environment) };
  });

/** A name after the first may leave out what it shares with it: `limits.failedLoginsPerPair`, `PerAccount`. */
function fieldsOf(names: readonly string[]): (string | undefined)[] {
  const [first = ''] = names;
  const group = first.slice(0, first.lastIndexOf('.') + 1);
  return names.map(
    (name) =>
      FIELDS.find((field) => field === name || (group !== '' && field === group + name)) ??
      FIELDS.find((field) => group !== '' && /^[A-Z]/.test(name) && field.startsWith(group) && field.endsWith(name)),
  );
}

test('the table of the configuration has every field, and none that is not there', () => {
  const told = ROWS.flatMap(({ fields }) => fields.map((name, i) => ({ name, field: fieldsOf(fields)[i] })));
  expect(told.filter(({ field }) => field === undefined)).toEqual([]);
  const isLeaf = (field: string): boolean => !FIELDS.some((other) => other.startsWith(`${field}.`));
  const untold = FIELDS.filter(isLeaf).filter((field) => !told.some((one) => one.field === field));
  // How often a bounded amount is scrubbed is for tests.
  expect(untold).toEqual(['collection.scrubEveryMs']);
});

test('names of the environment are those that are read', () => {
  const known = new Set([
    ...FIELDS.map(environmentName),
    'ONEFOLD_SERVER_CONFIG',
    'ONEFOLD_SERVER_POSTGRES',
    'ONEFOLD_SERVER_REDIS',
  ]);
  const whole = CODES.flatMap((code) => code.match(/ONEFOLD_SERVER_[A-Z0-9_]+/g) ?? []);
  expect(whole.filter((name) => !known.has(name))).toEqual([]);
  const cut = ROWS.flatMap(({ environment: [first = '', ...others] }) => others.map((ending) => ({ first, ending })));
  for (const { first, ending } of cut)
    expect(
      [...known].some((name) => name.startsWith(first.slice(0, 17)) && name.endsWith(ending)),
      ending,
    ).toBe(true);
  expect(whole.length).toBeGreaterThan(10);
});

test('fields that the text names are there', () => {
  const groups = new Set(FIELDS.filter((field) => field.includes('.')).map((field) => field.split('.')[0] ?? ''));
  const named = CODES.filter((code) => /^[a-z0-9]+\.[A-Za-z]+$/.test(code) && groups.has(code.split('.')[0] ?? ''));
  expect(named.filter((name) => !FIELDS.includes(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

test('files, scripts and metrics that it names are there', async () => {
  const files = CODES.flatMap(
    (code) => code.match(/(?<![\w/.-])(?:apps|bench|deploy|docs|packages|tools)\/[\w./-]*\w/g) ?? [],
  );
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(8);
  const results = CODES.filter((code) => /^server-[\w-]+\.json$/.test(code));
  expect(readdirSync(join(ROOT, 'bench/results'))).toEqual(expect.arrayContaining(results));
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const called = CODES.flatMap((code) => /^npm run ([\w:-]+)/.exec(code)?.[1] ?? []);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
  const { url } = await startTestServer({ metrics: 'public' });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const watched = CODES.flatMap((code) => code.match(/onefold_\w+/g) ?? []);
  expect(watched.filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
  expect(watched.length).toBeGreaterThan(4);
});
