import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toOnefoldError } from '@onefold/protocol';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { isHomeSetUp } from './home.ts';
import { addFolderToHome, removeFolderFromHome } from './offline-commands.ts';
import { startTestGround, until, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
const cores: DaemonCore[] = [];
const homes = new WeakMap<DaemonCore, string>();

beforeEach(async () => {
  ground = await startTestGround();
}, PATIENCE_MS);

afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()));
  await ground.close();
}, PATIENCE_MS);

async function start(home: string): Promise<DaemonCore> {
  const core = await createDaemonCore({ home });
  cores.push(core);
  homes.set(core, home);
  return core;
}

function folder(name: string): string {
  const made = path.join(ground.scratch, name);
  mkdirSync(made);
  return made;
}

const settled = (core: DaemonCore) => core.syncWait(PATIENCE_MS, () => false);
/** What a device says of itself, and has noted: for whoever finds it not at rest. */
const told = (core: DaemonCore): string => {
  const logs = path.join(homes.get(core)!, 'logs');
  const notes = readdirSync(logs).map((name) => readFileSync(path.join(logs, name), 'utf8').slice(-8_000));
  return [JSON.stringify(core.status()), ...notes].join('\n');
};
const visible = (root: string): string[] =>
  readdirSync(root)
    .filter((name) => name !== '.onefold')
    .sort();

const soon = (what: () => boolean | Promise<boolean>) => until(what, PATIENCE_MS);

describe('two devices of one account', () => {
  it('hold the same files, whichever was there first', { timeout: 3 * PATIENCE_MS }, async () => {
    const laptop = await ground.home('Laptop');
    const desktop = await ground.home('Desktop');
    const here = folder('here');
    const there = folder('there');
    writeFileSync(path.join(here, 'from laptop.txt'), 'one');
    symlinkSync('nowhere', path.join(here, 'link'));
    mkdirSync(path.join(there, 'sub'));
    writeFileSync(path.join(there, 'sub', 'from desktop.txt'), 'two', { mode: 0o640 });

    // Without a daemon, and with one.
    expect(await addFolderToHome(laptop, here, null)).toMatchObject({ path: here, namespace: '' });
    const first = await start(laptop);
    const second = await start(desktop);
    await second.add(there, null);
    expect(await settled(first), told(first)).toBe('idle');
    expect(await settled(second), told(second)).toBe('idle');
    expect(await settled(first), told(first)).toBe('idle');

    for (const root of [here, there]) {
      expect(visible(root)).toEqual(['from laptop.txt', 'link', 'sub']);
      expect(readFileSync(path.join(root, 'sub', 'from desktop.txt'), 'utf8')).toBe('two');
    }
    expect(first.status()).toMatchObject({
      state: 'idle',
      pending: 0,
      notYetSafe: 0,
      attention: [],
      server: { connected: true },
    });
    const { devices } = await first.calls.devices();
    expect(devices.map(({ name, here: isHere }) => [name, isHere])).toEqual([
      ['Laptop', true],
      ['Desktop', false],
    ]);
    const { items } = await first.calls.activity({ limit: 10 });
    expect(items.find((item) => item.path.endsWith('from desktop.txt'))).toMatchObject({
      kind: 'added',
      device: { name: 'Desktop', here: false },
    });

    // Both say what a renamed entry was called before.
    renameSync(path.join(there, 'sub'), path.join(there, 'papers'));
    expect(await settled(second), told(second)).toBe('idle');
    expect(await settled(first), told(first)).toBe('idle');
    for (const device of [first, second]) {
      const renamed = (await device.calls.activity({ limit: 10 })).items.filter(({ kind }) => kind === 'renamed');
      expect(renamed.map((item) => [item.previousPath, item.path])).toEqual([['sub', 'papers']]);
    }
    renameSync(path.join(there, 'papers'), path.join(there, 'sub'));
    expect(await settled(second), told(second)).toBe('idle');
    expect(await settled(first), told(first)).toBe('idle');

    // A change arrives by itself, and older versions come back.
    writeFileSync(path.join(there, 'from laptop.txt'), 'edited on the desktop');
    await soon(() => readFileSync(path.join(here, 'from laptop.txt'), 'utf8') === 'edited on the desktop');
    expect(await settled(first), told(first)).toBe('idle');
    const file = { folder: here, path: 'from laptop.txt' };
    expect(
      (await first.calls.versions(file)).versions.map(({ kind, isCurrent, device }) => [kind, isCurrent, device.name]),
    ).toEqual([
      ['edited', true, 'Desktop'],
      ['added', false, 'Laptop'],
    ]);
    expect(await first.calls.restore({ ...file, to: 'old.txt' })).toEqual({ path: 'old.txt' });
    expect(readFileSync(path.join(here, 'old.txt'), 'utf8')).toBe('one');
    expect((await first.calls.ls({ folder: here })).entries.map(({ path: at, kind }) => [at, kind])).toContainEqual([
      'sub',
      'folder',
    ]);
  });

  it('share a named namespace made by the first that names it', { timeout: 3 * PATIENCE_MS }, async () => {
    const laptop = await ground.home('Laptop');
    const desktop = await ground.home('Desktop');
    const here = folder('here');
    const there = folder('there');
    writeFileSync(path.join(here, 'a'), 'a');
    await addFolderToHome(laptop, here, 'Photos');
    const second = await start(desktop);
    expect(await second.add(there, 'Photos')).toMatchObject({ namespace: 'Photos' });
    const first = await start(laptop);
    expect(await settled(first), told(first)).toBe('idle');
    expect(await settled(second), told(second)).toBe('idle');
    expect(visible(there)).toEqual(['a']);
    await expect(second.add(folder('again'), 'Photos')).rejects.toMatchObject({ code: 'root-in-use' });
  });
});

describe('a large file', () => {
  it('is seen to go on while it is on its way, at both ends', { timeout: 3 * PATIENCE_MS }, async () => {
    const sizeBytes = 96 * 1024 * 1024;
    const here = folder('here');
    const there = folder('there');
    const first = await start(await ground.home('Laptop'));
    const second = await start(await ground.home('Desktop'));
    await first.add(here, null);
    await second.add(there, null);
    const seen = { up: new Set<number>(), down: new Set<number>() };
    const pending = new Set<number>();
    const totals = new Set<number>();
    const overall: number[] = [];
    let timed = 0;
    const look = setInterval(() => {
      for (const device of [first, second]) {
        if ((device.status().progress?.inFlight.length ?? 0) > 0) pending.add(device.status().pending);
        for (const { direction, bytesDone, bytesTotal } of device.status().progress?.inFlight ?? [])
          if (bytesTotal === sizeBytes) seen[direction].add(bytesDone);
        const progress = device.status().progress;
        if (progress !== undefined && progress.bytesTotal > 0) totals.add(progress.bytesTotal);
        if (progress !== undefined && progress.bytesDone > 0) overall.push(progress.bytesDone / progress.bytesTotal);
        if (progress?.secondsLeft != null && progress.secondsLeft > 0) timed++;
      }
    }, 5);
    writeFileSync(path.join(here, 'film'), randomBytes(sizeBytes));
    await soon(() => visible(there).includes('film'));
    clearInterval(look);
    expect([...pending]).toEqual([1]);
    // Counted once, and never more done than there is.
    expect([...totals]).toEqual([sizeBytes]);
    expect(overall.some((share) => share > 0.1 && share < 0.9)).toBe(true);
    expect(Math.max(...overall)).toBeLessThanOrEqual(1);
    expect(timed).toBeGreaterThan(0);
    for (const done of [seen.up, seen.down]) {
      expect([...done].filter((bytes) => bytes > 0 && bytes < sizeBytes).length).toBeGreaterThan(1);
      expect([...done]).toEqual([...done].sort((a, b) => a - b));
    }
  });
});

describe('one home', () => {
  it(
    'has one daemon at a time, and none before it has an account',
    async () => {
      await expect(createDaemonCore({ home: path.join(ground.scratch, 'empty') })).rejects.toMatchObject({
        code: 'not-logged-in',
      });
      const home = await ground.home('Laptop');
      expect(await isHomeSetUp(home)).toBe(true);
      const core = await start(home);
      await expect(createDaemonCore({ home })).rejects.toMatchObject({ code: 'daemon-running' });
      await core.close();
      await (await createDaemonCore({ home })).close();
    },
    PATIENCE_MS,
  );

  it(
    'refuses folders inside, around or the same as kept ones, and its own state',
    async () => {
      const home = await ground.home('Laptop');
      const outer = folder('outer');
      const kept = path.join(outer, 'kept');
      mkdirSync(path.join(kept, 'inner'), { recursive: true });
      await addFolderToHome(home, kept, null);
      symlinkSync(kept, path.join(ground.scratch, 'alias'));
      const refused = async (at: string): Promise<unknown> =>
        addFolderToHome(home, at, 'Other').then(
          () => 'taken',
          (error: unknown) => toOnefoldError(error).code,
        );
      expect(await refused(path.join(kept, 'inner'))).toBe('root-nested');
      expect(await refused(outer)).toBe('root-nested');
      expect(await refused(path.join(ground.scratch, 'alias'))).toBe('root-in-use');
      // A second folder of one namespace would be a copy of the first.
      const second = folder('second');
      await expect(addFolderToHome(home, second, null)).rejects.toMatchObject({ code: 'root-in-use' });
      expect(readdirSync(second)).toEqual([]);
      expect(await refused(home)).toBe('root-state-inside');
      expect(await refused(path.join(home, 'state'))).toBe('root-state-inside');
      expect(await refused(path.join(ground.scratch, 'server'))).toBe('root-state-inside');
      expect(await refused(path.join(ground.scratch, 'nowhere'))).toBe('not-found');
      const other = await ground.home('Desktop');
      await expect(addFolderToHome(other, kept, null)).rejects.toMatchObject({ code: 'root-in-use' });
      await expect(addFolderToHome(other, outer, null)).rejects.toMatchObject({ code: 'root-nested' });
      await expect(addFolderToHome(other, path.join(kept, 'inner'), null)).rejects.toMatchObject({
        code: 'root-nested',
      });
    },
    PATIENCE_MS,
  );

  it('takes a folder off and on again without touching a file', { timeout: 2 * PATIENCE_MS }, async () => {
    const home = await ground.home('Laptop');
    const kept = folder('kept');
    writeFileSync(path.join(kept, 'a'), 'a');
    const core = await start(home);
    await core.add(kept, null);
    expect(await settled(core), told(core)).toBe('idle');
    await core.remove(kept);
    expect(readdirSync(kept)).toEqual(['a']);
    expect(core.status().folders).toEqual([]);
    await core.add(kept, null);
    expect(await settled(core), told(core)).toBe('idle');
    expect(core.status()).toMatchObject({ notYetSafe: 0, folders: [{ path: kept, files: 1 }] });
    await core.close();
    await removeFolderFromHome(home, kept);
    expect(readdirSync(kept)).toEqual(['a']);
  });

  it('takes up what another process puts on its list while it runs', { timeout: 2 * PATIENCE_MS }, async () => {
    const home = await ground.home('Laptop');
    const core = await start(home);
    const kept = folder('kept');
    writeFileSync(path.join(kept, 'a'), 'a');
    await addFolderToHome(home, kept, null);
    await soon(() => core.status().folders[0]?.files === 1);
  });

  it('stays paused over a restart until it is resumed', { timeout: 2 * PATIENCE_MS }, async () => {
    const home = await ground.home('Laptop');
    const kept = folder('kept');
    const core = await start(home);
    await core.add(kept, null);
    await core.pause();
    expect(await settled(core)).toBe('paused');
    await core.close();
    const again = await start(home);
    expect(again.status()).toMatchObject({ state: 'paused', paused: true });
    await again.resume();
    expect(await settled(again), told(again)).toBe('idle');
    expect(again.status()).toMatchObject({ state: 'idle', paused: false });
  });

  it(
    'asks when its folder is gone, deletes nothing, and goes on when it is back',
    { timeout: 3 * PATIENCE_MS },
    async () => {
      const home = await ground.home('Laptop');
      const kept = folder('kept');
      writeFileSync(path.join(kept, 'a'), 'a');
      const core = await start(home);
      await core.add(kept, null);
      expect(await settled(core), told(core)).toBe('idle');
      await core.close();
      renameSync(kept, `${kept}-moved`);
      const again = await start(home);
      expect(await settled(again)).toBe('attention');
      expect(again.status().attention).toMatchObject([{ code: 'root-missing', folder: kept }]);
      expect((await again.calls.doctor()).checks.find((one) => !one.ok)?.message).toContain('is not there');
      renameSync(`${kept}-moved`, kept);
      await soon(() => again.status().attention.length === 0);
      expect(await settled(again), told(again)).toBe('idle');
      expect(readFileSync(path.join(kept, 'a'), 'utf8')).toBe('a');
    },
  );

  it('says offline while the server is down, and catches up by itself', { timeout: 3 * PATIENCE_MS }, async () => {
    const home = await ground.home('Laptop');
    const kept = folder('kept');
    const core = await start(home);
    await core.add(kept, null);
    expect(await settled(core), told(core)).toBe('idle');
    await ground.killServer();
    writeFileSync(path.join(kept, 'a'), 'a');
    await soon(() => core.status().state === 'offline' && core.status().notYetSafe > 0);
    expect(await core.syncWait(1_500, () => false)).toBe('offline');
    await ground.restartServer();
    await soon(() => core.status().state === 'idle' && core.status().notYetSafe === 0);
    rmSync(path.join(kept, 'a'));
  });
});
