/*
 * The simulation from the command line:
 *
 *   npm run sim -- --seeds 1000 --from 1 --devices 2..5 --steps 80 [--twice] [--shrink 400] [--keep-going] [--coverage]
 *   npm run sim -- --replay FILE [--trace]
 *
 * A failing seed prints its shrunk script and writes it beside: a file that --replay takes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.ts';
import { createSimEngine } from './sim-engine.ts';
import { seedName } from './seeded-random.ts';
import { replay, runSeed, shrink, type Outcome, type SimulationOptions } from './simulation.ts';
import { describeStep, type Script } from './steps.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    devices: { type: 'string', default: '2..5' },
    steps: { type: 'string', default: '80' },
    shrink: { type: 'string', default: '400' },
    twice: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    replay: { type: 'string' },
    trace: { type: 'boolean', default: false },
    out: { type: 'string', default: join(tmpdir(), 'onefold-sim') },
  },
});

const [least = 2, most = least] = values.devices.split('..').map(Number);
const options: SimulationOptions = {
  createEngine: createSimEngine,
  devices: [least, most],
  steps: Number(values.steps),
};

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report({ script, violation, trace }: Outcome): void {
  say(`seed ${script.seed}: ${violation === null ? 'fine' : violation.message}`);
  say(`trace ${trace}, devices ${JSON.stringify(script.world.devices)}`);
  for (const step of script.steps) say(`  ${describeStep(step)}`);
}

async function replayFile(path: string): Promise<number> {
  const outcome = await replay(JSON.parse(readFileSync(path, 'utf8')) as Script, { ...options, record: values.trace });
  if (values.trace) for (const label of outcome.labels) say(label);
  report(outcome);
  return outcome.violation === null ? 0 : 1;
}

async function runSeeds(): Promise<number> {
  const coverage = new Coverage();
  const promises = new Map<string, number>();
  let failures = 0;
  let points = 0;
  const started = performance.now();
  const count = Number(values.seeds);
  for (let i = 0; i < count; i++) {
    const seed = seedName(BigInt(values.from), i);
    const outcome = await runSeed(seed, options);
    coverage.add(outcome.coverage);
    points += outcome.points;
    if (values.twice && outcome.violation === null) {
      const again = await replay(outcome.script, options);
      if (again.trace !== outcome.trace) {
        say(`seed ${seed}: two runs, two traces`);
        failures++;
      }
    }
    if (outcome.violation === null) continue;
    failures++;
    promises.set(outcome.violation.promise, (promises.get(outcome.violation.promise) ?? 0) + 1);
    const shrunk = await shrink(outcome, options, Number(values.shrink));
    mkdirSync(values.out, { recursive: true });
    const file = join(values.out, `seed-${seed}.json`);
    writeFileSync(file, JSON.stringify(shrunk.script, null, 1));
    report(shrunk);
    say(`replay: npm run sim -- --replay ${file}\n`);
    if (!values['keep-going']) break;
  }
  const seconds = (performance.now() - started) / 1_000;
  say(`${count} seeds from ${values.from}, ${failures} failed, ${points} points, ${seconds.toFixed(1)} s`);
  for (const [promise, times] of promises) say(`  ${times} x ${promise}`);
  if (values.coverage) say(coverage.report());
  return failures === 0 ? 0 : 1;
}

process.exitCode = values.replay === undefined ? await runSeeds() : await replayFile(values.replay);
