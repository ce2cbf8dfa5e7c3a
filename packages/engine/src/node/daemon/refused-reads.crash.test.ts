/* What the system refuses to a daemon of its own process: to read what its user may not read, and to open more files than it may. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { addFolderToHome } from './offline-commands.ts';
import type { CoreStatus } from './shapes.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 120_000;
const MAIN = path.resolve(import.meta.dirname, '../../../../../apps/cli/src/main.ts');
/** Root without the rights by which it reads everything. */
const AS_ANYBODY = process.getuid?.() === 0 ? ['setpriv', '--inh-caps=-all', '--bounding-set=-all'] : [];
const runFile = promisify(execFile);

let ground: TestGround;
let here: string;
let there: string;
let home: string;
let laptop: DaemonCore;
let daemon: ChildProcess;

beforeAll(async () => {
  ground = await startTestGround();
  [here, there] = [path.join(ground.scratch, 'here'), path.join(ground.scratch, 'there')];
  for (const folder of [here, there]) mkdirSync(folder);
  laptop = await createDaemonCore({ home: await ground.home('Laptop') });
  await laptop.add(here, null);
  home = await ground.home('Desktop');
  await addFolderToHome(home, there, null);
  const [program, ...args] = [...AS_ANYBODY, process.execPath, MAIN, 'daemon', '--home', home, '--json'];
  daemon = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(daemon.stdout!, 'data');
}, PATIENCE_MS);

afterAll(async () => {
  daemon.kill('SIGKILL');
  await laptop.close();
  await ground.close();
}, PATIENCE_MS);

async function waitThere(): Promise<{ readonly outcome: string; readonly status: CoreStatus }> {
  const args = [MAIN, 'sync', '--wait', '--timeout', '60', '--json', '--home', home];
  const { stdout } = await runFile(process.execPath, args).catch((failed: unknown) => failed as { stdout: string });
  return JSON.parse(stdout) as { outcome: string; status: CoreStatus };
}

async function settle(): Promise<void> {
  for (const round of [1, 2]) {
    expect(await laptop.syncWait(PATIENCE_MS, () => false), `round ${round}`).toBe('idle');
    expect(await waitThere()).toMatchObject({ outcome: 'idle' });
  }
}

it(
  'what may not be read is not deleted, is told, and holds nothing else up',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    for (const name of ['locked', 'locked/deep', 'files']) mkdirSync(path.join(here, name));
    for (const name of ['locked/a', 'locked/deep/b', 'files/c', 'files/d']) writeFileSync(path.join(here, name), name);
    await settle();
    // A folder that may not be entered, one that may not be listed, and an edit that may not be read.
    writeFileSync(path.join(there, 'files/c'), 'edited');
    chmodSync(path.join(there, 'files/c'), 0);
    chmodSync(path.join(there, 'locked/deep'), 0o300);
    chmodSync(path.join(there, 'locked'), 0o600);
    writeFileSync(path.join(there, 'files/e'), 'goes on');
    // Longer than a delete waits for its pair.
    await waitThere();
    await sleep(2_500);
    const { outcome, status } = await waitThere();
    expect(outcome).toBe('attention');
    expect(status.attention).toMatchObject([{ code: 'access-denied', path: 'files/c' }]);
    expect((status.waiting ?? []).map((one) => [one.path, one.code])).toEqual(
      expect.arrayContaining([['locked/a', 'access-denied']]),
    );
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(
      readdirSync(here, { recursive: true })
        .filter((name) => !String(name).startsWith('.onefold'))
        .sort(),
    ).toEqual(['files', 'files/c', 'files/d', 'files/e', 'locked', 'locked/a', 'locked/deep', 'locked/deep/b']);
    expect(readFileSync(path.join(here, 'files/c'), 'utf8')).toBe('files/c');
    chmodSync(path.join(there, 'locked'), 0o755);
    chmodSync(path.join(there, 'locked/deep'), 0o755);
    chmodSync(path.join(there, 'files/c'), 0o644);
    await settle();
    expect(readFileSync(path.join(here, 'files/c'), 'utf8')).toBe('edited');
  },
);

it(
  'a daemon that may open no more files deletes nothing, and goes on when it may',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    mkdirSync(path.join(here, 'many'));
    for (let i = 0; i < 20; i++) writeFileSync(path.join(here, `many/${i}`), `${i}`);
    await settle();
    const limit = async (soft: number): Promise<void> => {
      await runFile('prlimit', ['--pid', String(daemon.pid), `--nofile=${soft}:`]);
    };
    const before = (await runFile('sh', ['-c', `ulimit -Sn`])).stdout.trim();
    await limit(3);
    for (let i = 0; i < 10; i++) writeFileSync(path.join(here, `many/${i}`), `edited ${i}`);
    for (let i = 10; i < 15; i++) rmSync(path.join(here, `many/${i}`));
    writeFileSync(path.join(there, 'many/own'), 'made there');
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    await sleep(4_000);
    expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
    expect(readdirSync(path.join(here, 'many'))).toHaveLength(15);
    expect(daemon.exitCode).toBe(null);
    await limit(Number(before));
    await until(() => existsSync(path.join(here, 'many/own')), PATIENCE_MS);
    await settle();
    for (const root of [here, there]) {
      expect(readdirSync(path.join(root, 'many'))).toHaveLength(16);
      for (let i = 0; i < 10; i++) expect(readFileSync(path.join(root, `many/${i}`), 'utf8')).toBe(`edited ${i}`);
    }
  },
);
