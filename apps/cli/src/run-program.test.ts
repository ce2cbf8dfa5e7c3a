import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { runProgram } from './run-program.ts';

const BIN = fileURLToPath(new URL('../bin/onefold.mjs', import.meta.url));

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
  [['search', 'a', '--limit', '-1', '--json'], 'expected a positive whole number'],
  [['conflicts', 'keep', 'a', 'neither', '--json'], 'Allowed choices are'],
])('a command line that is not understood is told as JSON where JSON is asked for: %j', async (args, words) => {
  const { code, stderr } = await runHere(...args);
  expect(code).toBe(EXIT.usage);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stderr)).toEqual({
    error: { code: 'usage', message: expect.stringContaining(words) as unknown },
  });
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
