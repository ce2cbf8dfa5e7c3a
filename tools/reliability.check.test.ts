import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missingTests, namedTests, ROOT, rowsWithoutTest } from './named-tests.ts';

const DOCUMENT = `${ROOT}docs/RELIABILITY.md`;

test('every test that the list of incidents names is there', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  expect(missingTests(text)).toEqual([]);
  expect(namedTests(text).length).toBeGreaterThan(30);
});

test('every row of the list names a test', () => {
  const [incidents = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Planted bugs\n');
  expect(rowsWithoutTest(incidents)).toEqual([]);
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
  expect(named('server-sockets')).toMatchObject({
    oneFolder: { sockets: 10_000 },
    ownDevices: { sockets: 10_000, devices: 10_000 },
  });
  const { lengths } = named('server-journal') as { lengths: { entries: number }[] };
  expect(lengths.map(({ entries }) => entries)).toEqual([1e3, 1e4, 1e5, 1e6, 1e7]);
  expect(named('server-commits')).toMatchObject({ sqlite: {}, postgresOneNode: {}, postgresThreeNodes: {} });
});
