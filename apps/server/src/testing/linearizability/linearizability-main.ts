import { parseArgs } from 'node:util';
import { engineFolder } from '../engine-folder.ts';
import { startCluster } from './cluster.ts';
import { startFaults, type Faults } from './faults.ts';
import { runWorkload } from './run.ts';

/* `npm run linearizability -- --minutes M --clients N --operations N --seed N`: see CONTRIBUTING.md. */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '30' },
    writes: { type: 'string', default: '0.3' },
    operations: { type: 'string' },
    faults: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    keep: { type: 'boolean', default: false },
  },
});

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const random = seeded(Number(values.seed));
const folder = engineFolder();
const durationMs = Number(values.minutes) * 60_000;
say(`seed ${values.seed}, in ${folder.path}`);
const cluster = await startCluster({ folder: folder.path, nodes: 3, hasStandby: true });
let faults: Faults | undefined;
const nodeFaults = (): number => (faults?.counts['node killed'] ?? 0) + (faults?.counts['node stopped'] ?? 0);
const result = await runWorkload(cluster, {
  clients: Number(values.clients),
  hotNodes: 10,
  writeShare: Number(values.writes),
  durationMs,
  random,
  begin: () => (faults = startFaults(cluster, { random, everyMs: 2_500, failOverAfterMs: durationMs / 3 })),
  say: (line) => say(`${line}, ${JSON.stringify(faults?.counts)}`),
  ...(values.operations === undefined
    ? {}
    : { operations: Number(values.operations), isEnough: () => nodeFaults() >= Number(values.faults) }),
});
await cluster.end();
if (!values.keep) folder.remove();
const { problems, ...figures } = result;
say(JSON.stringify({ ...figures, faults: faults?.counts, violations: problems.length }));
for (const problem of problems.slice(0, 50)) say(`VIOLATION: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
