// Runs one command in a process group of its own, within a time limit, and sees to it that nothing of the group is left.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const GRACE_MS = 5_000;
const LEFTOVER_GRACE_MS = 3_000;
const isWindows = process.platform === 'win32';

/** @type {Set<(signal: NodeJS.Signals) => void>} */
const running = new Set();

/**
 * @typedef {object} Outcome
 * @property {boolean} hasSucceeded exit code 0, in time
 * @property {string | undefined} problem what went wrong besides a plain failing exit code
 */

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, limitMs: number, output?: number }} options `output` is a file that gets what it says;
 *   otherwise that goes where this process's own goes
 * @returns {Promise<Outcome>} never rejects
 */
export function runCommand(program, args, { cwd, env, limitMs, output }) {
  return new Promise((resolve) => {
    const said = output ?? 'inherit';
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', said, said], detached: !isWindows });
    /** @type {string | undefined} */
    let problem;
    /** @param {NodeJS.Signals} signal */
    const end = (signal) => {
      signalGroup(child.pid, signal);
      setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS).unref();
    };
    running.add(end);
    const limit = setTimeout(() => {
      problem = `stopped after ${Math.round(limitMs / 1000)} s`;
      end('SIGTERM');
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(limit);
      running.delete(end);
      resolve({ hasSucceeded: false, problem: error.message });
    });
    child.on('exit', async (code) => {
      clearTimeout(limit);
      running.delete(end);
      const left = await leftovers(child.pid);
      if (left.length > 0) {
        signalGroup(child.pid, 'SIGKILL');
        problem ??= `left processes behind: ${left.join(' | ')}`;
      }
      resolve({ hasSucceeded: code === 0 && problem === undefined, problem });
    });
  });
}

/**
 * Ends every running command, at first by asking.
 * @param {NodeJS.Signals} signal
 */
export function endAll(signal) {
  for (const end of running) end(signal);
}

/**
 * @param {number | undefined} group
 * @param {NodeJS.Signals} signal
 */
function signalGroup(group, signal) {
  if (group === undefined) return;
  try {
    process.kill(isWindows ? group : -group, signal);
  } catch {
    // Nothing of it is left.
  }
}

/**
 * @param {number | undefined} group
 * @returns {Promise<string[]>} the command lines of those that did not end with the group's leader
 */
async function leftovers(group) {
  if (group === undefined || process.platform !== 'linux') return [];
  for (let waitedMs = 0; ; waitedMs += 100) {
    const left = membersOf(group);
    if (left.length === 0 || waitedMs >= LEFTOVER_GRACE_MS) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @param {number} group */
function membersOf(group) {
  const members = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/u.test(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(processGroup) !== group || state === 'Z') continue;
      members.push(`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()}`);
    } catch {
      // It ended while we looked.
    }
  }
  return members;
}
