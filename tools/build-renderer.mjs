// Builds the page of `onefold ui` when its sources have changed since the last build. Plain JavaScript: npm runs this as
// `prepare`, under whatever Node was at hand.
//
//   node tools/build-renderer.mjs                  builds or fails
//   node tools/build-renderer.mjs --if-possible    for `prepare`: says in one line why it did not build, and succeeds
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackagedNode } from '../packages/launcher/src/launch.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const desktop = join(root, 'apps', 'desktop');
const page = join(desktop, 'dist', 'renderer', 'index.html');
const stampPath = join(root, 'node_modules', '.cache', 'onefold', 'renderer-inputs');
/** What the page is built from, besides the installed packages, which the lock file stands for. */
const INPUTS = ['apps/desktop', 'packages/control', 'packages/protocol', 'package-lock.json'];
const LEFT_OUT = new Set(['node_modules', 'out', 'dist', 'release', 'test-results']);

/** @returns {string | undefined} why the page cannot be built here */
function obstacle() {
  const scripts = JSON.parse(readFileSync(join(desktop, 'package.json'), 'utf8')).scripts ?? {};
  if (scripts.build === undefined) return 'apps/desktop has no build script';
  if (!existsSync(join(root, 'node_modules', 'vite')))
    return 'vite is not installed (an install without development packages)';
  return undefined;
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addToHash(hash, path) {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (LEFT_OUT.has(entry.name) || /\.(test|spec)\.|\.tsbuildinfo$/u.test(entry.name)) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) addToHash(hash, child);
    else if (entry.isFile()) hash.update(`${relative(root, child)}\0`).update(readFileSync(child));
  }
}

/** @returns {string} */
function inputsHash() {
  const hash = createHash('sha256');
  for (const input of INPUTS) {
    const path = join(root, input);
    if (input.endsWith('.json')) hash.update(readFileSync(path));
    else addToHash(hash, path);
  }
  return hash.digest('hex');
}

/** @returns {string | undefined} what failed */
function build() {
  const wanted = inputsHash();
  if (existsSync(page) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return undefined;
  rmSync(stampPath, { force: true });
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
  if (!existsSync(page)) return `the build made no ${page}`;
  mkdirSync(dirname(stampPath), { recursive: true });
  writeFileSync(stampPath, wanted);
  return undefined;
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
