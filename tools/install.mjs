// Brings node_modules in step with package-lock.json. Plain JavaScript: this runs on Node 20 before anything is installed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, link?: boolean, resolved?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Locked
 * @typedef {Record<string, Locked>} Packages
 */

/**
 * @param {string} path
 * @returns {Packages | undefined}
 */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Compares what the lock file wants with what npm noted down when it last installed. Contents decide, not times: a checkout
 * that touches package-lock.json does not cost an install.
 * @param {Packages} wanted
 * @param {Packages | undefined} installed
 * @returns {string | undefined} why an install is needed
 */
export function staleness(wanted, installed) {
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, locked] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) continue;
    const present = installed[path];
    // Parts for other systems are wanted by the lock file and rightly absent.
    if (present === undefined && (locked.optional || locked.devOptional || locked.peer)) continue;
    if (present === undefined) return `${path} is missing`;
    if (present.version !== locked.version || present.link !== locked.link) return `${path} has changed`;
  }
  return undefined;
}

/**
 * Runs `npm ci` if node_modules is missing or behind the lock file. npm's output goes to stderr.
 * @param {string} root the checkout
 * @param {(line: string) => void} say
 * @returns {boolean} whether node_modules is now as the lock file wants it
 */
export function installIfNeeded(root, say) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  if (wanted === undefined) throw new Error(`no readable package-lock.json in ${root}`);
  const reason = staleness(wanted, packagesOf(join(root, 'node_modules', '.package-lock.json')));
  if (reason === undefined) return true;
  say(`installing what the product needs with "npm ci" (${reason}); this takes a minute`);
  const npm = process.env['npm_execpath'];
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const run = spawnSync(program, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: program === 'npm' && process.platform === 'win32',
  });
  if (run.status === 0) return true;
  say(`"npm ci" failed: ${run.error?.message ?? `it ended with ${run.status ?? run.signal}`}`);
  return false;
}
