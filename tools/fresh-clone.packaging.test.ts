// What a newcomer does: a fresh clone, the Node that was there, `npm start`, `npx onefold`. The demo is replaced by a program
// that reports what reaches it, so that this is about the way in and not about what the demo does.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', 'out', 'test-results', '.onefold-demo']);
const DEMO = fileURLToPath(new URL('../packages/launcher/fixtures/entry.ts', import.meta.url));

let folder: string;
let clone: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-clone-'));
  clone = join(folder, 'onefold');
  cpSync(ROOT, clone, { recursive: true, filter: (path) => path === ROOT || !LEFT_OUT.has(basename(path)) });
  cpSync(DEMO, join(clone, 'tools', 'demo.ts'));
  env = outsideEnvironment();
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The environment of somebody who has not come here through npm: nothing of this checkout is on PATH. */
function outsideEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|INIT_CWD)/iu.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), npm_config_prefer_offline: 'true' };
}

interface Started {
  npm: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  report: () => { event: string; signal?: string; pid: number; argv: string[] }[];
  ended: Promise<number | null>;
}

let starts = 0;

/** `npm start` as the leader of a process group, like a command typed at a terminal. */
function npmStart(...args: string[]): Started {
  starts += 1;
  const path = join(folder, `report-${String(starts)}`);
  const npm = spawn('npm', ['start', '--', 'report-to', path, ...args], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  npm.stdout.on('data', (data) => {
    stdout += String(data);
  });
  npm.stderr.on('data', (data) => {
    stderr += String(data);
  });
  return {
    npm,
    stdout: () => stdout,
    stderr: () => stderr,
    report: () =>
      existsSync(path)
        ? readFileSync(path, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as { event: string; signal?: string; pid: number; argv: string[] })
        : [],
    ended: new Promise((resolve) => npm.on('close', resolve)),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/mu.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function pidOf({ npm }: Started): number {
  if (npm.pid === undefined) throw new Error('npm did not start');
  return npm.pid;
}

const isReady = (started: Started) =>
  expect.poll(() => started.report().length, { timeout: 400_000 }).toBeGreaterThan(0);

describe.runIf(process.platform !== 'win32')('npm start in a fresh clone', () => {
  test('installs, says so on stderr, and gives stdout and the arguments to the demo', async () => {
    const started = npmStart('--json', 'two words');
    await isReady(started);
    expect(started.stderr()).toContain('installing what the product needs');
    expect(started.stdout()).not.toContain('added');
    expect(started.report()[0]?.argv.slice(4)).toEqual(['--json', 'two words']);
    process.kill(pidOf(started), 'SIGTERM');
    expect(await started.ended).toBe(7);
  });

  test('does not install a second time', async () => {
    const installedAt = statSync(join(clone, 'node_modules', '.package-lock.json')).mtimeMs;
    const started = npmStart();
    await isReady(started);
    expect(started.stderr()).not.toContain('installing');
    process.kill(pidOf(started), 'SIGTERM');
    await started.ended;
    expect(statSync(join(clone, 'node_modules', '.package-lock.json')).mtimeMs).toBe(installedAt);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s to npm reaches the demo once, and its exit code is npm’s',
    async (signal) => {
      const started = npmStart();
      await isReady(started);
      process.kill(pidOf(started), signal);
      expect(await started.ended).toBe(7);
      expect(started.report().slice(1)).toEqual([{ event: 'signal', signal }]);
    },
  );

  test.each(['SIGINT', 'SIGTERM'] as const)('%s to the process group reaches the demo once', async (signal) => {
    const started = npmStart();
    await isReady(started);
    process.kill(-pidOf(started), signal);
    expect(await started.ended).toBe(7);
    expect(started.report().slice(1)).toEqual([{ event: 'signal', signal }]);
  });

  test.each([
    ['npm', 1],
    ['the process group', -1],
  ])('kill -9 of %s ends the demo', async (_what, sign) => {
    const started = npmStart();
    await isReady(started);
    const demo = started.report()[0]?.pid ?? 0;
    process.kill(sign * pidOf(started), 'SIGKILL');
    await expect.poll(() => isRunning(demo), { timeout: 10_000 }).toBe(false);
  });
});

describe('the commands in a checkout', () => {
  beforeAll(() => {
    // On systems where `npm start` above does not run, this is what installs.
    if (existsSync(join(clone, 'node_modules'))) return;
    expect(spawnSync('npm', ['ci'], { cwd: clone, env, shell: process.platform === 'win32' }).status).toBe(0);
  });

  test.each([
    ['onefold', join('apps', 'cli', 'bin', 'onefold.mjs')],
    ['onefold-server', join('apps', 'server', 'bin', 'onefold-server.mjs')],
  ])('%s runs by npx and by its file, under whatever Node is there', (name, file) => {
    const shell = process.platform === 'win32';
    const byNpx = spawnSync('npx', [name, '--help'], { cwd: clone, env, encoding: 'utf8', shell });
    expect(byNpx.stderr.replaceAll(/^npm warn.*\n/gmu, '')).toBe('');
    expect(byNpx.stdout).toContain(name);
    expect(byNpx.status).toBe(0);
    const byFile = spawnSync('node', [join(clone, file), '--help'], { cwd: folder, env, encoding: 'utf8' });
    expect(byFile.stdout).toBe(byNpx.stdout);
    expect(byFile.status).toBe(0);
  });
});

describe('npm test in a fresh clone', () => {
  test('counts what the runners report, and fails for a failing test and for a tier without tests', () => {
    const config = join(clone, 'vitest.config.ts');
    const text = readFileSync(config, 'utf8').replace(/const ROOTS = .*/u, `const ROOTS = 'planted';`);
    writeFileSync(config, text);
    mkdirSync(join(clone, 'planted'));
    writeFileSync(
      join(clone, 'planted', 'a.test.ts'),
      `import { expect, test } from 'vitest';
       test('passes', () => {});
       test('fails', () => { expect(1).toBe(2); });
       test.skip('is skipped', () => {});`,
    );
    const shell = process.platform === 'win32';
    const options = { cwd: clone, env, encoding: 'utf8', shell } as const;
    const run = spawnSync('npm', ['test', '--', '--tier', 'unit,contract'], options);
    expect(run.stdout).toMatch(/^1 passed, 2 failed, 1 skipped$/mu);
    expect(run.stdout).toMatch(/^FAILED in unit: planted\/a\.test\.ts > fails\nAssertionError: expected 1 to be 2/mu);
    expect(run.stdout).toMatch(/^unit +failed +1 +1 +1 /mu);
    expect(run.stdout).toMatch(/^contract +failed +0 +1 +0 /mu);
    expect(run.status).toBe(1);
    rmSync(join(clone, 'planted', 'a.test.ts'));
    for (const kind of ['', '.contract']) {
      const passing = `import { test } from 'vitest';\ntest('passes', () => {});`;
      writeFileSync(join(clone, 'planted', `a${kind}.test.ts`), passing);
    }
    const second = spawnSync('npm', ['test', '--', '--tier', 'unit,contract'], options);
    expect(second.stdout).toMatch(/^2 passed, 0 failed, 0 skipped$/mu);
    expect(second.status).toBe(0);
  });
});
