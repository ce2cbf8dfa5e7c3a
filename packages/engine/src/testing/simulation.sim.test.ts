import { expect, test } from 'vitest';
import { createSimEngine } from './sim-engine.ts';
import { replay, runSeed } from './simulation.ts';
import { describeStep } from './steps.ts';

const OPTIONS = { createEngine: createSimEngine, devices: [2, 4], steps: 60 } as const;
const FROM = 37;
const SEEDS_PER_TEST = 13;

// `npm run sim -- --seeds 1000000` runs as many as there is time for, with the same numbers.
test.each(Array.from({ length: 10 }, (_, i) => FROM + i * SEEDS_PER_TEST))(
  'devices in all weathers lose nothing and agree at rest, twice the same: seeds from %i',
  async (from) => {
    for (let seed = from; seed < from + SEEDS_PER_TEST; seed++) {
      const outcome = await runSeed(`${seed}`, OPTIONS);
      const story = outcome.script.steps.map(describeStep).join('\n');
      expect(outcome.violation?.message, `seed ${seed}:\n${story}`).toBe(undefined);
      expect((await replay(outcome.script, OPTIONS)).trace, `seed ${seed} again`).toBe(outcome.trace);
    }
  },
);
