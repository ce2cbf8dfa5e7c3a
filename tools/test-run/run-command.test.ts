import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endAll, runCommand } from './run-command.mjs';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'onefold-command-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function run(code: string, limitMs = 30_000) {
  return runCommand(process.execPath, ['-e', code], { cwd, env: process.env, limitMs });
}

test('a command that ends with 0 has succeeded, any other has not', async () => {
  expect(await run('')).toEqual({ hasSucceeded: true, problem: undefined });
  expect(await run('process.exit(3)')).toEqual({ hasSucceeded: false, problem: undefined });
});

test('what a command says goes into the file that it is given, and nowhere else', async () => {
  const said = join(cwd, 'said');
  const output = openSync(said, 'w');
  await runCommand(process.execPath, ['-e', 'console.log("out"); console.error("err")'], {
    ...{ cwd, env: process.env, limitMs: 30_000, output },
  });
  closeSync(output);
  expect(readFileSync(said, 'utf8').split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a program that is not there is a problem and no exception', async () => {
  const outcome = await runCommand('/nowhere/program', [], { cwd, env: process.env, limitMs: 1000 });
  expect(outcome).toEqual({ hasSucceeded: false, problem: expect.stringContaining('ENOENT') as string });
});

test('a command over its time limit is stopped', async () => {
  const outcome = await run('setInterval(() => {}, 1000)', 300);
  expect(outcome).toEqual({ hasSucceeded: false, problem: 'stopped after 0 s' });
});

describe.runIf(process.platform !== 'win32')('signals', () => {
  test('a command that takes no notice of being asked is killed', { timeout: 20_000 }, async () => {
    const outcome = await run(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`, 700);
    expect(outcome.hasSucceeded).toBe(false);
  });

  test('what runs is asked to end with the signal that ended us', async () => {
    const running = run(`
      process.on('SIGINT', () => { require('node:fs').writeFileSync('asked', 'SIGINT'); process.exit(0); });
      require('node:fs').writeFileSync('ready', '');
      setInterval(() => {}, 1000);`);
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        readFileSync(join(cwd, 'ready'));
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    endAll('SIGINT');
    await running;
    expect(readFileSync(join(cwd, 'asked'), 'utf8')).toBe('SIGINT');
  });
});

describe.runIf(process.platform === 'linux')('processes left behind', () => {
  test('fail the command, are named and are ended', { timeout: 20_000 }, async () => {
    const outcome = await run(`
      const child = require('node:child_process').spawn('sleep', ['987654'], { stdio: 'ignore' });
      require('node:fs').writeFileSync('pid', String(child.pid));
      child.unref();`);
    expect(outcome).toEqual({ hasSucceeded: false, problem: expect.stringContaining('sleep 987654') as string });
    const pid = readFileSync(join(cwd, 'pid'), 'utf8');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
