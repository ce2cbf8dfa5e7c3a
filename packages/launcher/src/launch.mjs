// Starts a TypeScript entry under a Node that can run it. Plain JavaScript: this must run on Node 20.
//
//   this Node can run the entry ......... import it, same process (begun anew first if it is to live long: small-heap.mjs)
//   it cannot, npm installed one ........ a child runs guarded-entry.mjs; this process only passes signals and the exit code
//   there is none ....................... one line on stderr, exit code 1
//
// The child leads its own session (not on Windows). A Ctrl+C or a kill of the whole process group so reaches the child
// once, through this process, and not twice; and if this process is killed without a chance to pass anything on, the
// child notices by the closed channel (launch-guard.mjs).
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { keepCompiled } from './compile-cache.mjs';
import { findPackagedNode, REQUIRED_NODE, runsHere } from './runtime.mjs';
import { beginWithSmallHeap, SMALL_HEAP_FLAGS, withSmallHeap } from './small-heap.mjs';

export { findPackagedNode, REQUIRED_NODE, runsHere };

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH'];
/** npm passes a signal on that the terminal has sent to everyone already: the second copy arrives at once and means nothing new. */
const ECHO_MS = 400;

/**
 * @typedef {object} Launch
 * @property {string} name what the person typed, for messages
 * @property {URL} entry the module to run; it runs itself on import and reads process.argv
 * @property {readonly string[]} [args] default: this process's own
 * @property {boolean} [ownProcess] true: always in a child. Default: only where this Node cannot run the entry
 * @property {boolean} [isLongLived] true: it runs for days beside everything else, and its memory is kept small. Default: false
 * @property {number} [parentPid] end the child when this process is no longer our parent (for launchers that npm starts and may abandon)
 */

/**
 * Runs the entry and, when it ran in a child, ends this process the way the child ended.
 * @param {Launch} launch
 * @returns {Promise<void>} settles when the entry is imported or the child is started; never rejects for a missing Node
 */
export async function launch({
  name,
  entry,
  args = process.argv.slice(2),
  ownProcess = false,
  isLongLived = false,
  parentPid,
}) {
  const here = runsHere(entry);
  if (here && !ownProcess) {
    if (isLongLived) beginWithSmallHeap();
    keepCompiled();
    await import(entry.href);
    return;
  }
  const node = here ? process.execPath : (findPackagedNode(entry) ?? findPackagedNode(new URL(import.meta.url)));
  if (node === undefined) {
    process.stderr.write(
      `${name}: needs Node.js ${REQUIRED_NODE} or later, this is ${process.version}, and none is installed beside it; run "npm ci" in its folder or install a newer Node.js\n`,
    );
    process.exitCode = 1;
    return;
  }
  const flags = isLongLived ? SMALL_HEAP_FLAGS : [];
  const argv = [...flags, fileURLToPath(new URL('guarded-entry.mjs', import.meta.url)), entry.href, ...args];
  runChild(name, node, argv, isLongLived ? withSmallHeap(process.env) : process.env, parentPid);
}

/**
 * @param {string} name
 * @param {string} node
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @param {number | undefined} parentPid
 */
function runChild(name, node, argv, env, parentPid) {
  const isWindows = process.platform === 'win32';
  // Before the child is there: it could otherwise be up, and said to be, while a signal still ends this process alone.
  /** @type {Map<NodeJS.Signals, number>} */
  const passedAt = new Map();
  for (const signal of FORWARDED) {
    // Windows gives a console's Ctrl+C to every process in it, and knows no other way to pass one on.
    if (isWindows && signal !== 'SIGINT' && signal !== 'SIGHUP') continue;
    process.on(signal, () => {
      const now = performance.now();
      const isEcho = now - (passedAt.get(signal) ?? -Infinity) < ECHO_MS;
      passedAt.set(signal, now);
      if (!isWindows && !isEcho) child.kill(signal);
    });
  }
  const child = spawn(node, argv, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: !isWindows, env });
  child.on('error', (error) => {
    process.stderr.write(`${name}: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  if (parentPid !== undefined) endWithParent(parentPid, () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Reached only where the signal does not end a process.
    setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 100);
  });
}

/**
 * @param {number} parentPid
 * @param {() => void} end
 */
function endWithParent(parentPid, end) {
  const timer = setInterval(() => {
    if (process.ppid === parentPid) return;
    clearInterval(timer);
    end();
  }, 500);
  timer.unref();
}
