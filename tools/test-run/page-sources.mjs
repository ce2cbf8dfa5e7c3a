// Which sources the built page was made of. Plain JavaScript: the build runs under whatever Node was at hand.
//
//   node tools/test-run/page-sources.mjs COMMAND...    builds the page by a command, run where this is, and notes its sources
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the page is built from, besides the installed packages, which the lock file stands for. The rules of the layers let it import nothing else. */
export const PAGE_SOURCES = [
  'apps/desktop/src/renderer',
  'apps/desktop/package.json',
  'apps/desktop/vite.config.ts',
  'packages/control/src',
  'packages/protocol/src',
  'package-lock.json',
];
const LEFT_OUT = /(?:^|\/)(?:fixtures|node_modules)$|\.(?:test|spec)\.tsx?$/u;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * @param {string} root
 * @param {string} path
 * @returns {string[]} every file there, below the root, in one order on every system
 */
function filesOf(root, path) {
  const children = readdirSync(join(root, path), { withFileTypes: true });
  const sorted = children.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap((entry) => {
    const child = `${path}/${entry.name}`;
    if (LEFT_OUT.test(child)) return [];
    return entry.isDirectory() ? filesOf(root, child) : [child];
  });
}

/**
 * A hash of everything that the page is built from.
 * @param {string} root of the repository
 */
export function hashPageSources(root) {
  const hash = createHash('sha256');
  for (const source of PAGE_SOURCES)
    for (const file of /\.\w+$/u.test(source) ? [source] : filesOf(root, source))
      hash.update(`${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {string} root */
const noteOf = (root) => join(root, 'apps', 'desktop', 'dist', 'renderer-sources');

/**
 * Says why the built page is not the one of today's sources.
 * @param {string} [root] of the repository
 * @returns {string | undefined} nothing while it is
 */
export function stalePage(root = ROOT) {
  const note = noteOf(root);
  if (!existsSync(join(root, 'apps', 'desktop', 'dist', 'renderer', 'index.html'))) return 'the page is not built';
  if (!existsSync(note)) return 'nobody knows which sources the built page was made of';
  return readFileSync(note, 'utf8') === hashPageSources(root)
    ? undefined
    : 'the built page is older than its sources: a test of it would test what was';
}

/** Before the specs of a run: a page of other sources fails the run. */
// Playwright's `globalSetup` asks for a default export.
// eslint-disable-next-line no-restricted-syntax
export default function expectFreshPage() {
  const why = stalePage();
  if (why !== undefined) throw new Error(`${why}. Build it: npm run build:renderer`);
}

/** @param {readonly string[]} command */
function buildBy([program = '', ...args]) {
  // Sources that change meanwhile make the page stale, not fresh.
  const hash = hashPageSources(ROOT);
  rmSync(noteOf(ROOT), { force: true });
  const { status } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status === 0) writeFileSync(noteOf(ROOT), hash);
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = buildBy(process.argv.slice(2));
