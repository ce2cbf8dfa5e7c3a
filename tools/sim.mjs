// `npm run sim`: the simulation of the sync engine under a Node that can. Plain JavaScript: this runs on Node 20.
//
//   npm run sim -- --seeds 1000 --from 1 --devices 2..5 --steps 200 --jobs 2 --report FILE
import { launch } from '../packages/launcher/src/launch.mjs';

await launch({ name: 'npm run sim', entry: new URL('../packages/engine/src/testing/sim-main.ts', import.meta.url) });
