import { parseArgs } from 'node:util';
import { startCeph } from '../../../../tools/engines/ceph.ts';
import { makeBucket } from '../../../../tools/engines/s3-bucket.ts';
import { keepResult } from './bench-result.ts';
import { engineFolder } from './engine-folder.ts';
import { problemsOf } from './linearizability/find-bug.ts';
import { bugsFoundBy } from './linearizability/plant.ts';
import { uploadInHalves, withUnswept } from './upload-halves.ts';

/*
 * `node apps/server/src/testing/count-planted-bugs.ts --runs N`: how often the checks of the history and of uploads over two nodes find each bug that is planted
 * in the server, and how often they take a sound server for a bad one. Keeps the counts in bench/results/. For the race of collection: count-collection-race.ts.
 */

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const SOUND = 'none';
const UPLOADS = 40;

interface Run {
  readonly isFound: boolean;
  /** Rounds of the load, or of uploads, that it took; of a sound server how many there were. */
  readonly rounds: number;
  readonly says: string;
}

const folder = engineFolder();
const ceph = await startCeph({ folder: folder.path });
for (const bucket of ['packs', 'halves']) await makeBucket(ceph.access, bucket);

async function lookAtHistory(bug: string): Promise<Run> {
  const options = {
    store: ceph.access,
    seed: Math.floor(Math.random() * 2 ** 32),
    ...(bug === SOUND ? { rounds: 2 } : {}),
  };
  const { problems, rounds } = await problemsOf(bug === SOUND ? undefined : bug, options);
  return { isFound: problems.length > 0, rounds, says: problems[0]?.replace(/[0-9a-f]{32,}/gu, '...') ?? '' };
}

async function lookAtUploads(bug: string): Promise<Run> {
  const whole = await withUnswept(ceph.access, bug === SOUND ? undefined : bug, (cluster) =>
    uploadInHalves(cluster, UPLOADS),
  );
  const isFound = whole < UPLOADS;
  const says = isFound ? `upload ${whole + 1} waits for ever` : '';
  return { isFound, rounds: isFound ? whole + 1 : whole, says };
}

const looks = [
  { check: 'history', look: lookAtHistory, bugs: bugsFoundBy('history') },
  { check: 'uploads', look: lookAtUploads, bugs: bugsFoundBy('uploads') },
] as const;
const told: object[] = [];
try {
  for (const { check, look, bugs } of looks)
    for (const bug of [SOUND, ...bugs]) {
      const each: Run[] = [];
      for (let run = 0; run < Number(values.runs); run++) each.push(await look(bug));
      const found = each.filter(({ isFound }) => isFound).length;
      process.stdout.write(`${check}: ${bug}: called bad ${found} of ${each.length}\n`);
      told.push({ check, bug, runs: each.length, calledBad: found, each });
    }
} finally {
  await ceph.kill();
  folder.remove();
}
keepResult('planted-bugs', { told });
