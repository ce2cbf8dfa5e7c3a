/*
 * Mutation testing of packages/engine/src/core:
 *
 *   npm run mutation                       every file, each in a run of its own
 *   npm run mutation -- limits plan-up     these files
 *   npm run mutation -- --again --runs 600 limits    only what lived, now with ten times the values for every property
 *   npm run mutation -- --record FILE      the figures of all files that were judged, as JSON
 *
 * Every survivor has to be told in equivalent.ts, and nine of ten mutants of each file have to be noticed; else this ends with 1.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { EQUIVALENT } from './equivalent.ts';

const CORE = 'packages/engine/src/core';
const LEAST_SCORE = 90;

interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Figures {
  readonly mutants: number;
  readonly noticed: number;
  readonly equivalent: number;
  /** `line:column what stands there by then`. */
  readonly unexplained: readonly string[];
}

const { values, positionals } = parseArgs({
  options: { record: { type: 'string' }, again: { type: 'boolean' }, runs: { type: 'string' } },
  allowPositionals: true,
});
const all = readdirSync(CORE)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -3));

for (const name of positionals.length > 0 ? positionals : values.record === undefined ? all : []) judge(name);

const figures = Object.fromEntries(
  all.flatMap((name) => {
    const its = figuresOf(name);
    return its === null || its.mutants === 0 ? [] : [[name, its]];
  }),
);
let isGood = true;
for (const [name, { mutants, noticed, equivalent, unexplained }] of Object.entries(figures)) {
  const score = (noticed / mutants) * 100;
  console.log(`${name.padEnd(16)} ${noticed} of ${mutants} noticed (${score.toFixed(1)} %), ${equivalent} equivalent`);
  for (const one of unexplained) console.log(`  ${one}`);
  if (unexplained.length > 0 || score < LEAST_SCORE) isGood = false;
}
const sum = Object.values(figures).reduce(
  (sums, { mutants, noticed, equivalent }) => ({
    mutants: sums.mutants + mutants,
    noticed: sums.noticed + noticed,
    equivalent: sums.equivalent + equivalent,
  }),
  { mutants: 0, noticed: 0, equivalent: 0 },
);
console.log(
  `${'all'.padEnd(16)} ${sum.noticed} of ${sum.mutants} noticed (${((sum.noticed / sum.mutants) * 100).toFixed(1)} %), ${sum.equivalent} equivalent`,
);
if (values.record !== undefined) record(values.record);
process.exitCode = isGood ? 0 : 1;

function reportFile(name: string): string {
  return `out/mutation/${name}.json`;
}

function judge(name: string): void {
  console.log(`mutants of ${name}`);
  if (values.again === true && figuresOf(name) !== null) forgetSurvivors(name);
  else rmSync(reportFile(name), { force: true });
  const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js';
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      stryker,
      'run',
      '--mutate',
      `${CORE}/${name}.ts`,
      '--incrementalFile',
      reportFile(name),
      '--tempDirName',
      `out/mutation/sandbox-${name}`,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      env: { ...process.env, MUTATION_RUNS: values.runs ?? '60' },
    },
  );
  if (status !== 0) throw new Error(`Stryker ended with ${status ?? 'a signal'} on ${name}: ${stdout}`);
}

/** Stryker goes on from what is known, and takes for known what lived before there was a test for it. */
function forgetSurvivors(name: string): void {
  const report = JSON.parse(readFileSync(reportFile(name), 'utf8')) as Report;
  const files = Object.fromEntries(
    Object.entries(report.files).map(([file, one]) => [file, { ...one, mutants: one.mutants.filter(isNoticed) }]),
  );
  writeFileSync(reportFile(name), JSON.stringify({ ...report, files }));
}

function isNoticed({ status }: Mutant): boolean {
  return status === 'Killed' || status === 'Timeout';
}

/** Null for a file that was not judged, or has changed since. */
function figuresOf(name: string): Figures | null {
  if (!existsSync(reportFile(name))) return null;
  const { files } = JSON.parse(readFileSync(reportFile(name), 'utf8')) as Report;
  const file = files[`${CORE}/${name}.ts`];
  if (file?.source !== readFileSync(`${CORE}/${name}.ts`, 'utf8')) return null;
  const lines = file.source.split('\n');
  const counted = file.mutants.filter(({ status }) => status !== 'Ignored');
  const survivors = counted.filter((one) => !isNoticed(one));
  const unexplained = survivors.filter(({ location, replacement = '' }) => {
    const line = lines[location.start.line - 1]!.trim();
    return !EQUIVALENT.some((one) => one.file === name && one.line === line && one.to?.includes(replacement) !== false);
  });
  return {
    mutants: counted.length,
    noticed: counted.length - survivors.length,
    equivalent: survivors.length - unexplained.length,
    unexplained: unexplained.map(
      ({ location: { start }, replacement = '' }) => `${start.line}:${start.column} ${replacement.split('\n')[0]!}`,
    ),
  };
}

function record(to: string): void {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const about = {
    what: 'mutation testing of packages/engine/src/core (Stryker, npm run mutation)',
    date: new Date().toISOString().slice(0, 10),
    commit,
    machine: `${cpus().length} cores, shared with other work`,
  };
  writeFileSync(to, `${JSON.stringify({ ...about, sum, files: figures }, null, 2)}\n`);
}
