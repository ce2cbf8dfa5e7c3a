import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const DOCUMENT = fileURLToPath(new URL('../docs/RELIABILITY.md', import.meta.url));
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOURCES = `${ROOT}packages/engine/src/`;
/** `| ... | path/to/file.test.ts: name of the test |` */
const NAMED_TEST = /\| (?<file>[\w/.-]+\.(?:contract|test|spec)\.ts): (?<name>[^|]+?) \|$/u;

/** Paths are below the engine's sources, or begin with a folder of the repository that holds others. */
function fileOf(path: string): string {
  return (/^(?:apps|packages|e2e)\//u.test(path) ? ROOT : SOURCES) + path;
}

function namedTests(text: string): { file: string; name: string }[] {
  return text.split('\n').flatMap((line) => {
    const found = NAMED_TEST.exec(line)?.groups;
    return found === undefined ? [] : [{ file: found['file']!, name: found['name']! }];
  });
}

/** Names of tests whose file is missing, or does not have them. */
function missingTests(text: string): string[] {
  return namedTests(text)
    .filter(({ file, name }) => {
      if (!existsSync(fileOf(file))) return true;
      const source = readFileSync(fileOf(file), 'utf8');
      return ![`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));
    })
    .map(({ file, name }) => `${file}: ${name}`);
}

test('every test that the list of incidents names is there', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(missingTests(text)).toEqual([]);
  expect(namedTests(text).length).toBeGreaterThan(30);
});

test('every row of the list names a test', () => {
  const [incidents = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Planted bugs\n');
  const rows = incidents.split('\n').filter((line) => line.startsWith('| ') && !line.endsWith('| test |'));
  expect(rows.filter((row) => !NAMED_TEST.test(row))).toEqual([]);
});

test('a test that is not there is missed', () => {
  const text =
    '| a | b | c | testing/incidents-bytes.sim.test.ts: no such test |\n| a | b | c | testing/none.test.ts: x |';
  expect(missingTests(text)).toHaveLength(2);
});

/** What is measured, and stands in the file of this name. */
function result(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`${ROOT}bench/results/${name}`, 'utf8')) as Record<string, unknown>;
}

test('every file of figures that the documents name is there', () => {
  for (const document of ['RELIABILITY.md', 'OPERATIONS.md', 'ARCHITECTURE.md']) {
    const text = readFileSync(`${ROOT}docs/${document}`, 'utf8');
    const named = [...text.matchAll(/[\w-]+-\d{4}-\d\d-\d\d\.json/gu)].map(([name]) => name);
    expect(named.filter((name) => !existsSync(`${ROOT}bench/results/${name}`))).toEqual([]);
  }
});

test('the figures of the server are of runs as large as they have to be', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const named = (what: string): Record<string, unknown> =>
    result(new RegExp(`\\b${what}-\\d{4}-\\d\\d-\\d\\d\\.json`, 'u').exec(text)?.[0] ?? what);
  const history = named('linearizability') as { operations: number; faults: Record<string, number> };
  expect(history).toMatchObject({ clients: 30, hotNodes: 10, serverNodes: 3, violations: 0 });
  expect(history.operations).toBeGreaterThanOrEqual(100_000);
  const { faults } = history;
  expect((faults['node killed amid a commit'] ?? 0) + (faults['node stopped amid a commit'] ?? 0)).toBeGreaterThan(50);
  for (const fault of ['redis flushed', 'postgresql restarted', 'failover']) expect(faults[fault]).toBeGreaterThan(0);
  expect(named('server-sockets')).toMatchObject({ sockets: 10_000 });
  const { lengths } = named('server-journal') as { lengths: { entries: number }[] };
  expect(lengths.map(({ entries }) => entries)).toEqual([1e3, 1e4, 1e5, 1e6, 1e7]);
  expect(named('server-commits')).toMatchObject({ sqlite: {}, postgresOneNode: {}, postgresThreeNodes: {} });
});
