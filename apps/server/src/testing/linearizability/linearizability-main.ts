import { parseArgs } from 'node:util';
import { startCeph } from '../../../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../../../tools/engines/s3-bucket.ts';
import { keepResult } from '../bench-result.ts';
import { engineFolder } from '../engine-folder.ts';
import { startCluster } from './cluster.ts';
import { seeded } from './find-bug.ts';
import { startFaults, type Faults } from './faults.ts';
import { runWorkload } from './run.ts';

/*
 * `npm run linearizability -- --minutes M --clients N --operations N --faults N --seed N`: see CONTRIBUTING.md. Ends after the minutes, or as soon as there were that
 * many operations and that many nodes were killed. `--result` keeps the figures in bench/results/.
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
const NODES = 3;
const HOT_NODES = 10;
const STORE_BYTES = 8 * 1024 ** 3;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const random = seeded(Number(values.seed));
const folder = engineFolder();
const durationMs = Number(values.minutes) * 60_000;
say(`seed ${values.seed}, in ${folder.path}`);
// What is kept grows with the calls: a store that is full is another test's.
const store = await startCeph({ folder: folder.path, sizeBytes: STORE_BYTES });
await makeBucket(store.access, 'packs');
const { endpoint } = store.access;
const cluster = await startCluster({
  ...{ folder: folder.path, nodes: NODES, hasStandby: true },
  config: { s3: { ...store.access, bucket: 'packs', deviceEndpoint: endpoint, deadlineMs: 3_000 } },
});
let faults: Faults | undefined;
const kills = (): number =>
  Object.entries(faults?.counts ?? {}).reduce((sum, [what, n]) => sum + (what.startsWith('node killed') ? n : 0), 0);
const beganMs = performance.now();
const result = await runWorkload(cluster, {
  clients: Number(values.clients),
  hotNodes: HOT_NODES,
  writeShare: Number(values.writes),
  durationMs,
  random,
  begin: (load) =>
    (faults = startFaults(cluster, load, { random, everyMs: 2_000, failOverAfterMs: durationMs / 4, store })),
  say: (line) => say(`${line}, ${JSON.stringify(faults?.counts)}`),
  ...(values.operations === undefined
    ? {}
    : { operations: Number(values.operations), isEnough: () => kills() >= Number(values.faults) }),
});
const tookMs = Math.round(performance.now() - beganMs);
await cluster.end();
await store.kill();
if (!values.keep) folder.remove();
const { problems, ...figures } = result;
const report = {
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
for (const problem of problems.slice(0, 50)) say(`VIOLATION: ${problem}`);
if (values.result) keepResult('linearizability', report);
else say(JSON.stringify(report, undefined, 2));
process.exit(problems.length === 0 ? 0 : 1);
