import { describe, expect, test } from 'vitest';
import { BLOCKS_OF_RUN, runRace, withCollectors } from './testing/collection-race.ts';
import { bugsFoundBy } from './testing/linearizability/plant.ts';
import { useCeph } from './testing/test-ceph.ts';

// How often each of these two comes out as it should: `testing/count-collection-race.ts`, and bench/results/collection-race-*.json.

const ceph = useCeph(['packs']);
const MOST_RUNS = 5;

describe('blocks that are sent again while they are collected', () => {
  test('are kept, whichever of the two comes first', async () => {
    const found = await withCollectors(ceph().access, undefined, runRace);
    expect(found).toMatchObject({ forgotten: 0, lost: 0 });
    // Others took longer than their grace, and were rightly asked for once more.
    expect(found.committed).toBeGreaterThan(BLOCKS_OF_RUN / 2);
  });

  test.each(bugsFoundBy('collection'))('the check finds a planted bug: %s', async (bug) => {
    // A slow machine sends too late what is just being condemned: then it is tried again.
    const found = await withCollectors(ceph().access, bug, async (cluster) => {
      for (let run = 1; ; run++) {
        const { forgotten, lost } = await runRace(cluster);
        if (forgotten + lost > 0 || run === MOST_RUNS) return forgotten + lost;
      }
    });
    expect(found).toBeGreaterThan(0);
  });
});
