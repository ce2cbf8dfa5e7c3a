// `npm run debs`: the Debian packages of the headless daemon and of the server. Plain JavaScript: this runs on Node 20.
import { fileURLToPath } from 'node:url';
import { launch } from '../packages/launcher/src/launch.mjs';
import { installIfNeeded } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (installIfNeeded(root, (line) => process.stderr.write(`onefold: ${line}\n`))) {
  await launch({ name: 'npm run debs', entry: new URL('debs/main.ts', import.meta.url) });
} else {
  process.exitCode = 1;
}
