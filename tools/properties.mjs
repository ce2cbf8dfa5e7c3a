// `npm run properties`: every property of the tests, tried longer than a test has time for. Plain JavaScript: this runs on Node 20.
//
//   npm run properties -- --times 50 packages/journal renderer
import { launch } from '../packages/launcher/src/launch.mjs';

await launch({ name: 'npm run properties', entry: new URL('./properties/main.ts', import.meta.url) });
