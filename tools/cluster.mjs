// `npm run cluster`: installs what is missing, then starts tools/cluster.ts under a Node that can. Plain JavaScript: this runs on Node 20.
import { fileURLToPath } from 'node:url';
import { launch } from '../packages/launcher/src/launch.mjs';
import { installIfNeeded } from './install.mjs';
import { howToInstall, installPackages, missingPackages } from './test-run/system-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** @param {string} line */
const say = (line) => void process.stderr.write(`onefold: ${line}\n`);
/** @type {('postgresql' | 'redis' | 'ceph' | 'haproxy')[]} */
const needs = ['postgresql', 'redis', 'ceph', 'haproxy'];

installPackages(missingPackages(needs), say);
const missing = missingPackages(needs);
if (missing.length > 0) {
  say(`needs ${missing.join(', ')}: ${howToInstall(missing)}`);
  process.exitCode = 1;
} else if (installIfNeeded(root, say)) {
  await launch({ name: 'npm run cluster', entry: new URL('cluster.ts', import.meta.url), ownProcess: true });
} else {
  process.exitCode = 1;
}
