/* One process that looks for planted bugs, asked over the channel to its parent. Started with speedup/install.ts in front. */
import { createPlantedEngine } from './planted-hooks.ts';
import { PLANTED_BUGS } from './planted.ts';
import type { PlantedAnswer, PlantedTask } from './planted-pool.ts';
import { createSimEngine } from './sim-engine.ts';
import { runSeed, runStory, type Outcome, type ReplayOptions } from './simulation.ts';
import { serveTasks } from './tasked-process.ts';

const STEPS = 60;

async function look({ bug, seeds }: PlantedTask): Promise<PlantedAnswer> {
  const { plant, patches, steering, story } = PLANTED_BUGS[bug]!;
  const sound: ReplayOptions = { createEngine: createSimEngine };
  const planted: ReplayOptions = {
    createEngine: patches === undefined ? createSimEngine : await createPlantedEngine(bug),
    ...(plant === undefined ? {} : { wrapPorts: plant }),
  };
  const run = (seed: string, options: ReplayOptions): Promise<Outcome> =>
    story === undefined
      ? runSeed(`planted ${seed}`, {
          ...options,
          devices: [2, 3],
          steps: STEPS,
          ...(steering === undefined ? {} : { steering }),
        })
      : runStory(`planted ${seed}`, story, options);
  let tried = 0;
  for (const seed of seeds) {
    tried++;
    const { violation } = await run(seed, planted);
    // The bug is what is caught, not the seed.
    if (violation === null || (await run(seed, sound)).violation !== null) continue;
    return { caught: { seed, promise: violation.promise }, tried };
  }
  return { caught: null, tried };
}

serveTasks(look);
