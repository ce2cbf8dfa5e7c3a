// `npm start`: installs what is missing, then runs the demo under a Node that can. Plain JavaScript: this runs on Node 20
// in a fresh clone. Nothing but the demo writes to stdout.
import { fileURLToPath } from 'node:url';
import { launch } from '../packages/launcher/src/launch.mjs';
import { installIfNeeded } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (installIfNeeded(root, (line) => process.stderr.write(`onefold: ${line}\n`))) {
  await launch({
    name: 'npm start',
    entry: new URL('demo.ts', import.meta.url),
    // Always a child: npm's copy of a Ctrl+C, and a Ctrl+C given to every process of the terminal, are then one for the demo.
    ownProcess: true,
    // An npm that was killed cannot tell us to end.
    ...(process.env['npm_lifecycle_event'] === 'start' ? { parentPid: process.ppid } : {}),
  });
} else {
  process.exitCode = 1;
}
