// Builds the page of `onefold ui` when its sources have changed since the last build. Plain JavaScript: npm runs this as
// `prepare`, under whatever Node was at hand.
//
//   node tools/build-renderer.mjs                  builds or fails
//   node tools/build-renderer.mjs --if-possible    for `prepare`: says in one line why it did not build, and succeeds
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackagedNode } from '../packages/launcher/src/launch.mjs';
import { stalePage } from './test-run/page-sources.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const desktop = join(root, 'apps', 'desktop');

/** @returns {string | undefined} why the page cannot be built here */
function obstacle() {
  const scripts = JSON.parse(readFileSync(join(desktop, 'package.json'), 'utf8')).scripts ?? {};
  if (scripts.build === undefined) return 'apps/desktop has no build script';
  if (!existsSync(join(root, 'node_modules', 'vite')))
    return 'vite is not installed (an install without development packages)';
  return undefined;
}

/** @returns {string | undefined} what failed */
function build() {
  if (stalePage() === undefined) return undefined;
  process.stderr.write('onefold: building the page of "onefold ui"\n');
  const node = findPackagedNode(new URL(import.meta.url)) ?? process.execPath;
  const bins = [join(root, 'node_modules', '.bin'), dirname(node)];
  const npm = process.env['npm_execpath'];
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const run = spawnSync(program, [...args, 'run', '--silent', 'build'], {
    cwd: desktop,
    // stdout belongs to whoever started us.
    stdio: ['ignore', 2, 2],
    shell: program === 'npm' && process.platform === 'win32',
    env: { ...process.env, PATH: [...bins, process.env['PATH'] ?? ''].join(delimiter) },
  });
  if (run.status !== 0) return `the build ended with ${run.status ?? run.signal ?? run.error?.message}`;
  return stalePage();
}

const mayFail = process.argv.includes('--if-possible');
/** @type {string | undefined} */
let failure;
try {
  failure = obstacle() ?? build();
} catch (error) {
  failure = error instanceof Error ? error.message : String(error);
}
if (failure !== undefined) {
  process.stderr.write(`onefold: the page of "onefold ui" is not built: ${failure}\n`);
  if (!mayFail) process.exitCode = 1;
}
