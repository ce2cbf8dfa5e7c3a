import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startProxy } from '../network/test-network.ts';
import { createDaemonCore } from './daemon-core.ts';
import { examineHome, foldsCase } from './doctor.ts';
import { openHomeEngine } from './home-engine.ts';
import type { Check } from './shapes.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'onefold-doctor-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test('a home without an account is told how to get one, and looking makes nothing', async () => {
  const home = path.join(scratch, 'nothing-here');
  const checks = await examineHome(home);
  expect(checks).toMatchObject([{ id: 'account', ok: false }]);
  expect(checks[0]!.advice).toContain('onefold login');
  expect(existsSync(home)).toBe(false);
});

test('a volume folds case exactly when both spellings of a folder are the same one', () => {
  const root = path.join(scratch, 'root');
  mkdirSync(path.join(root, '.onefold'), { recursive: true });
  expect(foldsCase(root)).toBe(false);
  // One folder under both names, as such a volume shows it.
  symlinkSync('.onefold', path.join(root, '.ONEFOLD'));
  expect(foldsCase(root)).toBe(true);
  rmSync(path.join(root, '.ONEFOLD'));
  writeFileSync(path.join(root, '.ONEFOLD'), 'another entry');
  expect(foldsCase(root)).toBe(false);
});

describe('a home with folders', () => {
  let ground: TestGround;
  let home: string;
  const mounts: string[] = [];

  let homes = 0;

  beforeAll(async () => {
    ground = await startTestGround();
  }, PATIENCE_MS);
  beforeEach(async () => {
    home = await ground.home(`Laptop ${homes++}`);
  }, PATIENCE_MS);
  afterEach(() => {
    for (const at of mounts.splice(0).reverse()) execFileSync('umount', [at]);
  });
  afterAll(() => ground.close());

  /** A folder that the home keeps; its daemon does not run any more. */
  async function keep(name: string): Promise<string> {
    const made = path.join(ground.scratch, name);
    mkdirSync(made);
    const core = await createDaemonCore({ home });
    try {
      await core.add(made, null);
    } finally {
      await core.close();
    }
    return made;
  }

  function mount(...args: readonly string[]): boolean {
    try {
      execFileSync('mount', args, { stdio: 'ignore' });
      mounts.push(args.at(-1)!);
      return true;
    } catch {
      return false;
    }
  }

  /** What is not well, or says anything beyond that all is: every part it is about, and what to do. */
  const told = (checks: readonly Check[], ...says: readonly Check['says'][]) =>
    checks
      .filter((one) => !one.ok || says.includes(one.says))
      .map(({ says, message, advice }) => [says, message, advice]);

  test('all is well', { timeout: PATIENCE_MS }, async () => {
    await keep('well');
    const checks = await examineHome(home);
    expect(told(checks)).toEqual([]);
    expect(checks.map(({ says }) => says)).toEqual([
      'server-answers',
      'clock-close',
      'home-writable',
      'space-enough',
      'folder-there',
      'folder-writable',
      'space-enough',
    ]);
  });

  test('a folder that may not be written, and one that cannot be read', { timeout: PATIENCE_MS }, async ({ skip }) => {
    const kept = await keep('kept');
    if (!mount('--bind', kept, kept)) skip('this process may not mount');
    execFileSync('mount', ['-o', 'remount,bind,ro', kept]);
    expect(told(await examineHome(home))).toEqual([
      ['folder-read-only', `${kept} cannot be written.`, 'Give this user write access to the folder.'],
    ]);
    execFileSync('umount', [mounts.pop()!]);
    const marker = path.join(kept, '.onefold', 'marker.json');
    rmSync(marker);
    mkdirSync(marker);
    const [[says, message, advice]] = told(await examineHome(home)) as [string[]];
    expect([says, message]).toEqual(['folder-problem', `${kept} cannot be read.`]);
    expect(advice).toContain('access');
  });

  test('a folder that is gone', { timeout: PATIENCE_MS }, async () => {
    const kept = await keep('gone');
    rmSync(kept, { recursive: true });
    expect(told(await examineHome(home))).toEqual([
      ['folder-missing', `${kept} is not kept in step: it is not there.`, expect.stringContaining('onefold locate')],
    ]);
  });

  test(
    'a disk that is nearly full, and one that takes two spellings for one name',
    { timeout: PATIENCE_MS },
    async ({ skip }) => {
      const disk = path.join(ground.scratch, 'disk');
      mkdirSync(disk);
      if (!mount('-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk)) skip('this process may not mount');
      const kept = await keep('disk/kept');
      symlinkSync('.onefold', path.join(kept, '.ONEFOLD'));
      const checks = await examineHome(home);
      expect(told(checks, 'case-folds')).toEqual([
        ['space-low', `0.0 GiB are free where ${kept} is.`, 'Make room on this disk.'],
        ['case-folds', expect.stringContaining('one name'), ''],
      ]);
    },
  );

  test('a disk with room for bytes and for hardly a file', { timeout: PATIENCE_MS }, async ({ skip }) => {
    const disk = path.join(ground.scratch, 'few');
    mkdirSync(disk);
    if (!mount('-t', 'tmpfs', '-o', 'size=2g,nr_inodes=60', 'tmpfs', disk)) skip('this process may not mount');
    const kept = await keep('few/kept');
    const [[says, message, advice], ...others] = told(await examineHome(home)) as [string[], ...string[][]];
    expect(others).toEqual([]);
    expect(says).toBe('files-low');
    expect(message).toMatch(new RegExp(`^Only [1-5]\\d more files have room where ${kept} is`, 'u'));
    expect(advice).toContain('Remove files');
  });

  test(
    'a home that the app has sealed, or whose keys are gone: the rest is told',
    { timeout: PATIENCE_MS },
    async () => {
      const kept = await keep('sealed');
      const key = { key: new Uint8Array(32).fill(3), sealed: Buffer.from('from the key store'), isWanted: true };
      await (await openHomeEngine({ home, key })).close();
      const checks = await examineHome(home);
      expect(told(checks)).toEqual([
        ['keys-sealed', expect.stringContaining('sealed by the desktop app'), expect.stringContaining('Open the app')],
      ]);
      expect(checks.map(({ says }) => says)).toEqual([
        'keys-sealed',
        'server-answers',
        'home-writable',
        'space-enough',
        'folder-there',
        'folder-writable',
        'space-enough',
      ]);
      expect(checks.filter(({ message }) => message.includes(kept))).toHaveLength(3);
      rmSync(path.join(home, 'device.key'));
      expect(told(await examineHome(home))).toEqual([
        ['keys-unusable', expect.stringContaining('lacks device.key'), expect.stringContaining('Log in anew')],
      ]);
      await ground.killServer();
      expect((await examineHome(home)).map(({ says }) => says)).toContain('server-unusable');
      await ground.restartServer();
    },
  );

  test('a server that is down, and then a clock that is wrong', { timeout: PATIENCE_MS }, async () => {
    const before = { ...process.env };
    // A server whose clock goes an hour ahead is told from a computer whose clock is an hour behind by nobody.
    const proxy = await startProxy(null, (headers) => ({
      ...headers,
      date: new Date(Date.parse(headers.date!) + 3_600_000).toUTCString(),
    }));
    try {
      process.env['http_proxy'] = `http://127.0.0.1:${proxy.port}`;
      const off = (await examineHome(home)).find(({ id }) => id === 'clock');
      expect(off).toMatchObject({ ok: false, says: 'clock-off' });
      expect(Number(off!.facts['seconds'])).toBeGreaterThan(3_500);
      expect(off!.message).toMatch(/^The clock is 3[56]\d\d s behind the server's\.$/);
      expect(off!.advice).toContain('Set the clock');
    } finally {
      process.env = before;
      await proxy.close();
    }
    await ground.killServer();
    const checks = await examineHome(home);
    expect(checks.find(({ id }) => id === 'clock')).toMatchObject({ ok: true, says: 'clock-unknown' });
    expect(told(checks)).toEqual([
      ['server-unusable', expect.stringContaining(ground.url), 'Check the network, and that the server runs.'],
    ]);
  });
});
