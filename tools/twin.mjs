// `npm run twin`: the simulation's black-box twin under a Node that can. Plain JavaScript: this runs on Node 20.
//
//   npm run twin -- --minutes 30 --seed 7
import { launch } from '../packages/launcher/src/launch.mjs';

await launch({ name: 'npm run twin', entry: new URL('../e2e/twin/main.ts', import.meta.url) });
