import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { runProgram } from './run-program.ts';
import { tableOf } from './shape/command-table.ts';

const BIN = fileURLToPath(new URL('../bin/onefold.mjs', import.meta.url));

afterEach(() => vi.restoreAllMocks());

/** What the command line writes to stderr, and what it ends with. */
async function runHere(...args: string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  let stderr = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  return { code: await runProgram(buildProgram(), ['node', 'onefold', ...args]), stderr };
}

test.each([
  [['status', '--json', '--nonsense'], "unknown option '--nonsense'"],
  [['nonsense', '--json'], "unknown command 'nonsense'"],
  [['versions', '--json'], "missing required argument 'path'"],
  [['login', '--json'], "required option '--server <url>' not specified"],
])('a command line that is not understood is told as JSON where JSON is asked for: %j', async (args, words) => {
  const { code, stderr } = await runHere(...args);
  expect(code).toBe(EXIT.usage);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'usage', message: expect.stringContaining(words) as unknown },
  });
});

const NUMBERS: readonly (readonly [readonly string[], string, string])[] = [
  [['search', 'a', '--limit'], '--limit', 'a whole number from 1 to 200'],
  [['sync', '--wait', '--timeout'], '--timeout', 'a whole number from 1 to 2000000'],
  [['retention', 'set', '--version-days'], '--version-days', 'a whole number from 1 to 36500, or "forever"'],
  [['retention', 'set', '--trash-days'], '--trash-days', 'a whole number from 1 to 36500, or "forever"'],
  [['retention', 'set', '--version-count'], '--version-count', 'a whole number from 1 to 36500, or "all"'],
];

test.each(
  NUMBERS.flatMap((row) =>
    ['0', '-1', '1.5', 'x', '', '1e2', '0x10', '9999999'].map((value) => [...row, value] as const),
  ),
)('a number that may not be: after %j %s takes %s, not %j', async (line, option, range, value) => {
  const asJson = await runHere(...line, value, '--home', '/nonexistent', '--json');
  expect([asJson.code, JSON.parse(asJson.stderr)]).toEqual([
    EXIT.usage,
    {
      error: {
        code: 'invalid-argument',
        message: expect.stringMatching(new RegExp(`${option} .*expected ${range}$`)) as unknown,
      },
    },
  ]);
  vi.restoreAllMocks();
  const inWords = await runHere(...line, value, '--home', '/nonexistent');
  expect([inWords.code, inWords.stderr]).toEqual([EXIT.usage, expect.stringContaining(`expected ${range}`)]);
  expect(inWords.stderr).toContain(option);
});

test('every option that takes a number is among them', () => {
  const numeric = tableOf(buildProgram()).flatMap(({ path, options }) =>
    options
      .filter(({ value }) => /^(number|seconds|days|count|port|bytes|rate)$/.test(value?.name ?? ''))
      .map(({ long }) => `${path.join(' ')} ${long}`),
  );
  const tried = NUMBERS.map(
    ([line, option]) => `${line.filter((word) => !word.startsWith('-') && word !== 'a').join(' ')} ${option}`,
  );
  expect(numeric.sort()).toEqual(tried.sort());
});

test.each([
  ['bandwidth.upBytesPerSecond', '1', 'bandwidth.upBytesPerSecond takes a whole number of bytes a second from 32768'],
  ['bandwidth.downBytesPerSecond', '-1', 'from 32768'],
  ['metered.upBytesPerSecond', 'fast', 'metered.upBytesPerSecond takes a whole number of bytes a second from 32768'],
  ['bandwidth.schedule', '[{"days":["mon"]}]', 'bandwidth.schedule takes'],
  ['metered.is', 'maybe', 'metered.is takes ask-system, yes or no'],
  ['network.proxy', 'http://proxy:99999', 'port from 1 to 65535'],
  ['network.pacUrl', 'ftp://proxy', 'port from 1 to 65535'],
  ['language', '12', 'language takes'],
  ['bandwidth.up', '40000', 'no such setting: bandwidth.up'],
  ['bandwidth', '{}', 'no such setting: bandwidth;'],
  ['constructor', '1', 'no such setting: constructor'],
])('the setting %s is not set to %s, and it is said what it takes', async (name, value, words) => {
  const { code, stderr } = await runHere('settings', 'set', name, value, '--home', '/nonexistent', '--json');
  expect([code, JSON.parse(stderr)]).toEqual([
    EXIT.usage,
    { error: { code: 'invalid-argument', message: expect.stringContaining(words) as unknown } },
  ]);
});

test.each([
  [['conflicts', 'keep', 'a', 'neither'], 'Allowed choices are'],
  [['account', 'server', 'http://files.example.org:99999'], 'port from 1 to 65535'],
  [['account', 'server', 'http://files.example.org:0'], 'port from 1 to 65535'],
])('a value that may not be has the code of one: %j', async (line, words) => {
  const { code, stderr } = await runHere(...line, '--home', '/nonexistent', '--json');
  expect([code, JSON.parse(stderr)]).toEqual([
    EXIT.usage,
    { error: { code: 'invalid-argument', message: expect.stringContaining(words) as unknown } },
  ]);
});

test('without --json it is told in words, with where to read more', async () => {
  const { code, stderr } = await runHere('status', '--nonsense');
  expect([code, stderr]).toEqual([EXIT.usage, "error: unknown option '--nonsense'\n(see: onefold help)\n"]);
});

test('an address that is none is refused before anybody is asked', async () => {
  const { code, stderr } = await runHere('login', '--server', 'files.example.org', '--json');
  expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining('expected http:// or https:// and a host')]);
});

test('a choice that names nothing chooses nothing', async () => {
  const { code, stderr } = await runHere('retention', 'set', '--home', '/nonexistent', '--json');
  expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining('name what to set')]);
});

test('whoever reads no further ends it in peace', { timeout: 120_000 }, () => {
  // A reader that is gone before the first word.
  const { status, stderr } = spawnSync(
    'bash',
    ['-c', `set -o pipefail; "$0" "$1" completion zsh | true`, process.execPath, BIN],
    {
      encoding: 'utf8',
    },
  );
  expect([status, stderr]).toEqual([0, '']);
});
