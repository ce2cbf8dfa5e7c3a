import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startCeph } from '../../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import { keepResult } from './bench-result.ts';
import { runRace, withCollectors, type Found } from './collection-race.ts';
import { engineFolder } from './engine-folder.ts';
import { bugsFoundBy } from './linearizability/plant.ts';

/*
 * `node apps/server/src/testing/count-collection-race.ts --runs N`: how often the check of collection against re-uploads finds a planted bug, and how often it
 * takes a sound server for a bad one. Keeps the counts in bench/results/.
 */

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const folder = engineFolder();
const ceph = await startCeph({ folder: folder.path });
await makeBucket(ceph.access, 'packs');
const runs: Record<string, (Found & { load: number })[]> = {};
try {
  for (let run = 0; run < Number(values.runs); run++)
    for (const bug of [undefined, ...bugsFoundBy('collection')]) {
      const found = { ...(await withCollectors(ceph.access, bug, runRace)), load: loadavg()[0] ?? 0 };
      (runs[bug ?? 'sound'] ??= []).push(found);
      process.stdout.write(`${run} ${bug ?? 'sound'} ${JSON.stringify(found)}\n`);
    }
} finally {
  await ceph.kill();
  folder.remove();
}
const told = Object.entries(runs).map(([server, all]) => ({
  server,
  runs: all.length,
  calledBad: all.filter(({ forgotten, lost }) => forgotten + lost > 0).length,
  fewestFound: Math.min(...all.map(({ forgotten, lost }) => forgotten + lost)),
  each: all,
}));
keepResult('collection-race', { told });
