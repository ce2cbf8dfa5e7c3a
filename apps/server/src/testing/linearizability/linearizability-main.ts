import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineFolder } from '../engine-folder.ts';
import { startCluster } from './cluster.ts';
import { startFaults, type Faults } from './faults.ts';
import { runWorkload } from './run.ts';

/*
 * `npm run linearizability -- --minutes M --clients N --operations N --faults N --seed N`: see CONTRIBUTING.md. Ends after the minutes, or as soon as there were that
 * many operations and that many nodes were killed or stopped. `--result` keeps the figures in bench/results/.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '30' },
    writes: { type: 'string', default: '0.3' },
    operations: { type: 'string' },
    faults: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    keep: { type: 'boolean', default: false },
    result: { type: 'boolean', default: false },
  },
});
const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const NODES = 3;
const HOT_NODES = 10;

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const random = seeded(Number(values.seed));
const loadBefore = loadavg()[0];
const folder = engineFolder();
const durationMs = Number(values.minutes) * 60_000;
say(`seed ${values.seed}, in ${folder.path}`);
const cluster = await startCluster({ folder: folder.path, nodes: NODES, hasStandby: true });
let faults: Faults | undefined;
const nodeFaults = (): number =>
  Object.entries(faults?.counts ?? {}).reduce((sum, [what, count]) => sum + (what.startsWith('node ') ? count : 0), 0);
const beganMs = performance.now();
const result = await runWorkload(cluster, {
  clients: Number(values.clients),
  hotNodes: HOT_NODES,
  writeShare: Number(values.writes),
  durationMs,
  random,
  begin: (load) => (faults = startFaults(cluster, load, { random, everyMs: 2_500, failOverAfterMs: durationMs / 3 })),
  say: (line) => say(`${line}, ${JSON.stringify(faults?.counts)}`),
  ...(values.operations === undefined
    ? {}
    : { operations: Number(values.operations), isEnough: () => nodeFaults() >= Number(values.faults) }),
});
const tookMs = Math.round(performance.now() - beganMs);
await cluster.end();
if (!values.keep) folder.remove();
const { problems, ...figures } = result;
const report = {
  what: 'linearizability',
  date: new Date().toISOString(),
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim(),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, loadBefore },
  seed: Number(values.seed),
  serverNodes: NODES,
  clients: Number(values.clients),
  hotNodes: HOT_NODES,
  writeShare: Number(values.writes),
  tookMs,
  ...figures,
  faults: faults?.counts,
  violations: problems.length,
};
say(JSON.stringify(report, undefined, 2));
for (const problem of problems.slice(0, 50)) say(`VIOLATION: ${problem}`);
if (values.result) {
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  const file = join(ROOT, 'bench/results', `linearizability-${report.date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  say(file);
}
process.exit(problems.length === 0 ? 0 : 1);
