import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SMALL_HEAP_FLAGS } from './small-heap.mjs';

const LAUNCHER = fileURLToPath(new URL('../fixtures/launcher.mjs', import.meta.url));
const ENTRY = fileURLToPath(new URL('../fixtures/entry.ts', import.meta.url));
const OLD_NODE = findOldNode();
const onPosix = process.platform !== 'win32';

interface Line {
  event: 'ready' | 'signal';
  pid: number;
  ppid: number;
  node: string;
  argv: string[];
  arenas?: string;
  flags: string[];
  signal: string;
}

/** A Node on PATH that cannot run the product; this is how a Debian with Node 20 looks. */
function findOldNode(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
    const asked = spawnSync(node, ['-p', 'process.versions.napi'], { encoding: 'utf8' });
    if (asked.status === 0 && Number(asked.stdout) < 10) return node;
  }
  return undefined;
}

let folder: string;
const started: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-launch-'));
});

afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Ended, but not yet collected by whoever adopted it.
  return process.platform !== 'linux' || !/^State:\s+Z/mu.test(readIfThere(`/proc/${String(pid)}/status`));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 20) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within 10 s: ${what}`);
}

interface Started {
  pid: number;
  lines: () => Line[];
  ready: () => Promise<Line>;
  ended: Promise<{ code: number | null; signal: string | null }>;
}

/** Starts the fixture's launcher as the leader of a process group of its own; the entry reports to a file. */
function start(node: string, env: Record<string, string>, command: string[] = [node, LAUNCHER]): Started {
  const report = join(folder, 'report');
  const [program = node, ...args] = command;
  const child = spawn(program, [...args, 'report-to', report], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, ...env },
  });
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const lines = (): Line[] =>
    readIfThere(report)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${program}`);
  started.push(pid);
  const ready = async (): Promise<Line> => {
    await until(() => lines().length > 0, 'the entry is ready');
    const [line] = lines();
    if (line === undefined) throw new Error('unreachable');
    started.push(line.pid);
    return line;
  };
  return { pid, lines, ready, ended };
}

function signalsIn(lines: Line[]): string[] {
  return lines.filter((line) => line.event === 'signal').map((line) => line.signal);
}

const ways: { way: string; node: string | undefined; env: Record<string, string> }[] = [
  { way: 'a Node too old for the product', node: OLD_NODE, env: {} },
  { way: 'a Node that could, asked for an own process', node: process.execPath, env: { FIXTURE_OWN_PROCESS: '1' } },
];

describe.each(ways)('launched by $way', ({ node = '', env }) => {
  const can = node !== '';

  test.runIf(can)('the entry runs under a Node that can run it and sees its own argv', () => {
    const run = spawnSync(node, [LAUNCHER, 'exit', '0', 'two words', '--flag=ü'], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    const line = JSON.parse(run.stdout) as Line;
    expect(run.stderr).toBe('');
    expect(Number(line.node.slice(1).split('.')[0])).toBeGreaterThanOrEqual(22);
    expect(line.argv.slice(1)).toEqual([ENTRY, 'exit', '0', 'two words', '--flag=ü']);
  });

  test.runIf(can && process.platform === 'linux')(
    'one that is to live long gets a small heap, any other does not',
    () => {
      const lineOf = (more: Record<string, string>): Line => {
        const own = { ...process.env, ...env, ...more };
        const run = spawnSync(node, [LAUNCHER, 'exit', '0'], { encoding: 'utf8', env: own });
        return JSON.parse(run.stdout) as Line;
      };
      expect(lineOf({ FIXTURE_LONG_LIVED: '1' })).toMatchObject({ arenas: '2', flags: SMALL_HEAP_FLAGS });
      expect(lineOf({ FIXTURE_LONG_LIVED: '1', MALLOC_ARENA_MAX: '5' }).arenas).toBe('5');
      expect(lineOf({ FIXTURE_LONG_LIVED: '1', FIXTURE_OWN_PROCESS: '1' }).flags).toEqual(SMALL_HEAP_FLAGS);
      expect(lineOf({})).toMatchObject({ flags: [] });
      expect(lineOf({}).arenas).toBeUndefined();
    },
  );

  test.runIf(can)('its exit code becomes the exit code', () => {
    expect(spawnSync(node, [LAUNCHER, 'exit', '23'], { env: { ...process.env, ...env } }).status).toBe(23);
  });

  test.runIf(can && process.platform === 'linux')(
    'what was compiled is kept for the next run, for this user alone',
    () => {
      const run = spawnSync(node, [LAUNCHER, 'exit', '0'], {
        env: { ...process.env, ...env, XDG_CACHE_HOME: folder, NODE_COMPILE_CACHE: undefined },
      });
      expect(run.status).toBe(0);
      const kept = join(folder, 'onefold', 'compiled');
      expect(readdirSync(kept, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile())).toBe(true);
      expect(statSync(kept).mode & 0o777).toBe(0o700);
    },
  );

  test.runIf(can && process.platform === 'linux')('where nothing can be kept it runs all the same', () => {
    const file = join(folder, 'no-folder');
    writeFileSync(file, '');
    const run = spawnSync(node, [LAUNCHER, 'exit', '0'], {
      encoding: 'utf8',
      env: { ...process.env, ...env, XDG_CACHE_HOME: file, NODE_COMPILE_CACHE: undefined },
    });
    expect([run.status, run.stderr]).toEqual([0, '']);
  });

  test.runIf(can)('an entry that throws ends with 1 and says why', () => {
    const run = spawnSync(node, [LAUNCHER, 'throw'], { encoding: 'utf8', env: { ...process.env, ...env } });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('the entry failed');
  });

  test.runIf(can && onPosix)('a death by signal becomes the same death', () => {
    expect(spawnSync(node, [LAUNCHER, 'die'], { env: { ...process.env, ...env } }).signal).toBe('SIGKILL');
  });

  test.runIf(can)('stdin and stdout are its own', () => {
    const run = spawnSync(node, [LAUNCHER, 'echo'], {
      input: 'line\n'.repeat(10_000),
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    expect(run.stdout.split('\n').filter((line) => line === 'line')).toHaveLength(10_000);
  });

  test.runIf(can && onPosix).each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s to the launcher reaches the entry once and its exit code comes back',
    async (signal) => {
      const launched = start(node, env);
      const ready = await launched.ready();
      expect(ready.ppid).toBe(launched.pid);
      process.kill(launched.pid, signal);
      expect(await launched.ended).toEqual({ code: 7, signal: null });
      expect(signalsIn(launched.lines())).toEqual([signal]);
    },
  );

  test.runIf(can && onPosix)('a signal to the whole group, and its echo by npm, reach the entry once', async () => {
    const launched = start(node, env);
    await launched.ready();
    process.kill(-launched.pid, 'SIGINT');
    // Two at once would be one for the kernel.
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.kill(launched.pid, 'SIGINT');
    expect(await launched.ended).toEqual({ code: 7, signal: null });
    expect(signalsIn(launched.lines())).toEqual(['SIGINT']);
  });

  test.runIf(can && onPosix)('kill -9 of the launcher ends the entry as SIGTERM would', async () => {
    const launched = start(node, env);
    const { pid } = await launched.ready();
    process.kill(launched.pid, 'SIGKILL');
    await until(() => !isAlive(pid), 'the entry is gone');
    expect(signalsIn(launched.lines())).toEqual(['SIGTERM']);
  });

  test.runIf(can && process.platform === 'linux')('kill -9 before the child is up ends the child too', async () => {
    const launched = start(node, env);
    const children = `/proc/${String(launched.pid)}/task/${String(launched.pid)}/children`;
    await until(() => readIfThere(children) !== '', 'the child is started');
    const pid = Number(readIfThere(children));
    started.push(pid);
    process.kill(launched.pid, 'SIGKILL');
    await until(() => !isAlive(pid), 'the child is gone');
  });

  test.runIf(can && onPosix)('kill -9 of the whole group leaves nothing behind', async () => {
    const launched = start(node, env);
    const { pid } = await launched.ready();
    process.kill(-launched.pid, 'SIGKILL');
    await until(() => !isAlive(pid), 'the entry is gone');
  });

  test.runIf(can && onPosix)(
    'a launcher told to end with its parent does, when a shell in between is killed',
    async () => {
      const shell = ['/bin/sh', '-c', '"$@"; exit $?', 'sh', node, LAUNCHER];
      const launched = start(node, { ...env, FIXTURE_PARENT: '1' }, shell);
      const { pid, ppid } = await launched.ready();
      expect(ppid).not.toBe(launched.pid);
      process.kill(launched.pid, 'SIGKILL');
      await until(() => !isAlive(pid) && !isAlive(ppid), 'launcher and entry are gone');
      expect(signalsIn(launched.lines())).toEqual(['SIGTERM']);
    },
  );
});

describe('launched by a Node that can run the entry', () => {
  test('there is no second process', async () => {
    const launched = start(process.execPath, {});
    expect((await launched.ready()).pid).toBe(launched.pid);
  });

  test.runIf(process.platform === 'linux')(
    'one that is to live long begins anew as itself, and says nothing of it',
    async () => {
      const launched = start(process.execPath, { FIXTURE_LONG_LIVED: '1' });
      expect(await launched.ready()).toMatchObject({ pid: launched.pid, arenas: '2' });
      const run = spawnSync(process.execPath, [LAUNCHER, 'exit', '5', 'two words'], {
        encoding: 'utf8',
        env: { ...process.env, FIXTURE_LONG_LIVED: '1' },
      });
      const line = JSON.parse(run.stdout) as Line;
      expect([run.status, run.stderr, ...line.argv.slice(1)]).toEqual([5, '', LAUNCHER, 'exit', '5', 'two words']);
    },
  );
});

describe('a Node too old and no other', () => {
  test.runIf(OLD_NODE !== undefined)('says so in one line and fails', () => {
    const copy = join(folder, 'packages', 'launcher');
    const script = `
      import { cpSync } from 'node:fs';
      cpSync(${JSON.stringify(fileURLToPath(new URL('..', import.meta.url)))}, ${JSON.stringify(copy)}, { recursive: true });
    `;
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(0);
    const run = spawnSync(OLD_NODE ?? '', [join(copy, 'fixtures', 'launcher.mjs')], { encoding: 'utf8' });
    expect(run.status).toBe(1);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/^fixture: needs Node\.js [\d.]+ or later, this is v[\d.]+.*npm ci.*\n$/u);
  });
});
