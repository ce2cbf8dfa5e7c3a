// `npm run linearizability`: many clients on many nodes under faults, and the exact check. Plain JavaScript: this runs on Node 20.
//
//   npm run linearizability -- --minutes 8 --operations 100000 --faults 50
import { launch } from '../packages/launcher/src/launch.mjs';

await launch({
  name: 'npm run linearizability',
  entry: new URL('../apps/server/src/testing/linearizability/linearizability-main.ts', import.meta.url),
});
