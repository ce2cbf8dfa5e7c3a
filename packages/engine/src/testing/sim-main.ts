/*
 * The simulation from the command line:
 *
 *   npm run sim -- --seeds 1000 --from 1 --devices 2..5 --steps 200 [--jobs 2] [--system windows|mac|mixed] [--truncating] [--losing] [--mounting] [--once] [--shrink 400] [--keep-going] [--report FILE]
 *   npm run sim -- --record FILE --seeds 1000000      a long run that goes on where it was ended; --once, --devices and the like as above
 *   npm run sim -- --replay FILE [--trace]
 *   npm run sim -- --planted                 the planted bugs, and their table in docs/RELIABILITY.md
 *   npm run sim -- --help                    these lines
 *
 * A failing seed prints its shrunk script and writes it beside: a file that --replay takes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reportPlanted } from './planted-report.ts';
import { runPool, type FailureReport, type PoolResult } from './sim-pool.ts';
import { recordSeeds } from './sim-record.ts';
import { createSimEngine } from './sim-engine.ts';
import { replay } from './simulation.ts';
import { describeStep, type Script } from './steps.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    devices: { type: 'string', default: '2..5' },
    steps: { type: 'string', default: '200' },
    system: { type: 'string' },
    truncating: { type: 'boolean', default: false },
    losing: { type: 'boolean', default: false },
    mounting: { type: 'boolean', default: false },
    jobs: { type: 'string', default: String(availableParallelism()) },
    shrink: { type: 'string', default: '400' },
    once: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    report: { type: 'string' },
    record: { type: 'string' },
    replay: { type: 'string' },
    trace: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    out: { type: 'string', default: join(tmpdir(), 'onefold-sim') },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** What is lost of a recorded run that is killed. */
const SEEDS_PER_PIECE = 500;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function sayScript(script: Script): void {
  say(`devices ${JSON.stringify(script.world.devices)}`);
  for (const step of script.steps) say(`  ${describeStep(step)}`);
}

async function replayFile(path: string): Promise<number> {
  const script = JSON.parse(readFileSync(path, 'utf8')) as Script;
  const outcome = await replay(script, { createEngine: createSimEngine, record: values.trace });
  if (values.trace) for (const label of outcome.labels) say(label);
  say(`seed ${script.seed}: ${outcome.violation === null ? 'fine' : outcome.violation.message}`);
  say(`trace ${outcome.trace}`);
  sayScript(script);
  return outcome.violation === null ? 0 : 1;
}

function onFailure({ seed, promise, message, script }: FailureReport): void {
  mkdirSync(values.out, { recursive: true });
  const file = join(values.out, `seed-${seed}.json`);
  writeFileSync(file, JSON.stringify(script, null, 1));
  say(`seed ${seed}: ${message.startsWith(promise) ? message : `${promise}: ${message}`}`);
  sayScript(script);
  say(`replay: npm run sim -- --replay ${file}\n`);
}

/** Throws for what no disk of these worlds is like. */
function systemOf(text: string): 'windows' | 'mac' | 'mixed' {
  if (text === 'windows' || text === 'mac' || text === 'mixed') return text;
  throw new Error('--system takes windows, mac or mixed');
}

/** As every way of running seeds takes them. */
function poolOptions() {
  const [least = 2, most = least] = values.devices.split('..').map(Number);
  return {
    from: BigInt(values.from),
    jobs: Number(values.jobs),
    devices: [least, most],
    steps: Number(values.steps),
    isOnce: values.once,
    shrinkAttempts: Number(values.shrink),
    steering: {
      ...(values.system === undefined ? {} : { system: systemOf(values.system) }),
      ...(values.truncating ? { truncates: true } : {}),
      ...(values.losing ? { loses: true } : {}),
      ...(values.mounting ? { mounts: true } : {}),
    },
    onFailure,
  } as const;
}

async function recordRun(path: string): Promise<number> {
  const target = Number(values.seeds);
  const { failed } = await recordSeeds({
    ...poolOptions(),
    path,
    target,
    seedsPerPiece: SEEDS_PER_PIECE,
    commit: commitNow(),
    say,
  });
  return failed.length === 0 ? 0 : 1;
}

async function runSeeds(): Promise<number> {
  const result = await runPool({ ...poolOptions(), count: Number(values.seeds), keepGoing: values['keep-going'] });
  const runs = values.once ? result.seeds : 2 * result.seeds;
  say(
    `${result.seeds} seeds from ${values.from}, ${result.failures.length} failed; ${result.steps} steps, ${result.points} points, ` +
      `each seed run ${values.once ? 'once' : 'twice'}; ${result.seconds.toFixed(1)} s, ` +
      `${(result.seeds / result.seconds).toFixed(1)} seeds/s, ${Math.round((result.points * runs) / result.seeds / result.seconds)} points/s`,
  );
  const promises = Map.groupBy(result.failures, ({ promise }) => promise);
  for (const [promise, failures] of promises) say(`  ${failures.length} x ${promise}`);
  if (values.coverage) say(result.coverage.report());
  if (values.report !== undefined) writeReport(values.report, result);
  return result.failures.length === 0 ? 0 : 1;
}

function writeReport(path: string, result: PoolResult): void {
  const { coverage, failures, seconds, seeds, steps, points } = result;
  const report = {
    // eslint-disable-next-line no-restricted-globals -- a report is about the machine that ran, not about a world
    date: new Date().toISOString(),
    commit: commitNow(),
    machine: {
      platform: platform(),
      arch: arch(),
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      node: process.version,
    },
    options: {
      from: values.from,
      devices: values.devices,
      steps: Number(values.steps),
      jobs: Number(values.jobs),
      twice: !values.once,
    },
    seeds,
    failed: failures.map(({ seed, promise }) => ({ seed, promise })),
    steps,
    points,
    seconds,
    seedsPerSecond: seeds / seconds,
    coverage: coverage.toJson(),
  };
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

function commitNow(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

/** What the head of this file says. */
function sayHelp(): void {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const head = source.slice(source.indexOf('/*\n') + 3, source.indexOf(' */'));
  say(head.replaceAll(/^ \* ?/gm, '').trimEnd());
}

async function findPlanted(): Promise<number> {
  const missed = await reportPlanted(Number(values.jobs), say);
  return missed === 0 ? 0 : 1;
}

if (values.help) sayHelp();
else if (values.planted) process.exitCode = await findPlanted();
else if (values.record !== undefined) process.exitCode = await recordRun(values.record);
else process.exitCode = values.replay === undefined ? await runSeeds() : await replayFile(values.replay);
