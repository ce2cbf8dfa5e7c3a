// `npm run mutation`: what tests of the engine's core notice, under a Node that can. Plain JavaScript: this runs on Node 20.
import { launch } from '../packages/launcher/src/launch.mjs';

await launch({ name: 'npm run mutation', entry: new URL('./mutation/main.ts', import.meta.url) });
