/*
 * Properties, tried longer:
 *
 *   npm run properties                              all of them, each 50 times as often as its test says
 *   npm run properties -- --times 500 engine/src/core    those in files whose path says so
 *
 * A failure prints its seed and the path to the smallest case. Ends with 1 where one failed.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const { values, positionals } = parseArgs({
  options: { times: { type: 'string', default: '50' } },
  allowPositionals: true,
});
if (!/^[1-9]\d*$/u.test(values.times)) throw new Error(`--times ${values.times}: a number of times is due`);
const files = globSync('{packages,apps}/*/src/**/*.test.{ts,tsx}', { cwd: ROOT })
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .filter((file) => readFileSync(join(ROOT, file), 'utf8').includes(`from 'fast-check'`))
  .sort();
if (files.length === 0) throw new Error(`no properties in ${positionals.join(', ')}`);
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', ...files],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ONEFOLD_PROPERTY_RUNS: values.times } },
);
process.exitCode = status ?? 1;
