import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, until } from './test-ground.ts';

/* Real devices on a real server that cuts its journal: one that was away, and one that is new. */

const PATIENCE_MS = 120_000;

function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    files
      .map((one) => path.relative(folder, path.join(one.parentPath, one.name)))
      .filter((name) => !name.startsWith('.onefold'))
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
}

function logOf(home: string): string {
  const folder = path.join(home, 'logs');
  return readdirSync(folder)
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('');
}

async function idle(core: DaemonCore): Promise<void> {
  expect(await core.syncWait(PATIENCE_MS, () => false), JSON.stringify(core.status().attention)).toBe('idle');
}

it('goes on from the checkpoint, back after long or new, with what its user did meanwhile', async () => {
  const ground = await startTestGround({
    ONEFOLD_SERVER_RETENTION_JOURNAL_DAYS: '90',
    ONEFOLD_SERVER_RETENTION_EVERY_MS: '200',
    // What is in memory is given out though it is gone from the disk.
    ONEFOLD_SERVER_LIMITS_ENTRY_CACHE_BYTES: '0',
  });
  const cores = new Set<DaemonCore>();
  onTestFinished(async () => {
    for (const core of cores) await core.close();
    await ground.close();
  });
  const open = async (home: string): Promise<DaemonCore> => {
    const core = await createDaemonCore({ home, checkpoints: { afterEntries: 5, withinMs: 1 } });
    cores.add(core);
    return core;
  };
  const close = async (core: DaemonCore): Promise<void> => {
    cores.delete(core);
    await core.close();
  };
  const [here, there, fresh] = ['here', 'there', 'fresh'].map((name) => {
    mkdirSync(path.join(ground.scratch, name));
    return path.join(ground.scratch, name);
  }) as [string, string, string];
  const laptop = await open(await ground.home('Laptop'));
  await laptop.add(here, null);
  const home = await ground.home('Desktop');
  const desktop = await open(home);
  await desktop.add(there, null);
  mkdirSync(path.join(here, 'f'));
  for (const name of ['a', 'b', 'c', 'd']) writeFileSync(path.join(here, 'f', name), `${name} of before`);
  await idle(laptop);
  await idle(desktop);
  await close(desktop);
  const database = new Database(path.join(ground.scratch, 'server', 'metadata.db'), { timeout: 10_000 });
  onTestFinished(() => void database.close());
  const value = (text: string) => database.prepare(text).pluck().get();
  const leftAt = Number(value('select max(head_seq) from namespace'));
  await sleep(20);
  const bornMs = Date.now();

  for (let i = 0; i < 5; i++) {
    writeFileSync(path.join(here, 'f', 'a'), `a as edit ${i} has it`);
    await idle(laptop);
  }
  rmSync(path.join(here, 'f', 'b'));
  renameSync(path.join(here, 'f'), path.join(here, 'g'));
  await idle(laptop);
  writeFileSync(path.join(there, 'f', 'c'), 'c edited while away');
  writeFileSync(path.join(there, 'new'), 'made while away');

  await until(async () => {
    writeFileSync(path.join(here, 'tick'), String(performance.now()));
    await idle(laptop);
    return Number(value('select max(seq) from checkpoint')) > leftAt;
  }, PATIENCE_MS);
  database.exec('update checkpoint set created_at_ms = 0');
  await until(() => Number(value('select max(truncated_seq) from namespace')) > leftAt, PATIENCE_MS);

  const back = await open(home);
  await idle(back);
  await idle(laptop);
  const tick = readFileSync(path.join(here, 'tick'), 'utf8');
  const expected = {
    'g/a': 'a as edit 4 has it',
    'g/c': 'c edited while away',
    'g/d': 'd of before',
    new: 'made while away',
    tick,
  };
  expect(filesIn(there)).toEqual(expected);
  expect(filesIn(here)).toEqual(expected);
  const tablet = await open(await ground.home('Tablet'));
  await tablet.add(fresh, null);
  await idle(tablet);
  expect(filesIn(fresh)).toEqual(expected);
  // Lines of a log are gathered for a moment.
  for (const one of [home, path.join(ground.scratch, 'home-Tablet')])
    await until(() => logOf(one).includes('"reset"'), PATIENCE_MS);
  await sleep(20);
  const atMs = Date.now();
  await sleep(20);
  writeFileSync(path.join(fresh, 'g', 'd'), 'd from the new device');
  for (const core of [tablet, laptop, back]) await idle(core);
  expect(filesIn(there)).toEqual({ ...expected, 'g/d': 'd from the new device' });
  expect(filesIn(here)).toEqual(filesIn(there));
  // As far back as the checkpoint, and no further.
  const { changes } = await back.calls.lookBack({ folder: there, path: 'g', atMs });
  expect(changes).toMatchObject([{ path: 'g/d', change: 'changed-back' }]);
  await expect(back.calls.lookBack({ folder: there, path: 'g', atMs: bornMs })).rejects.toMatchObject({
    code: 'not-found',
  });
  // A device that keeps no folder follows the journal as well, to give everybody else new keys.
  const office = await open(await ground.home('Office'));
  const { devices } = await office.calls.devices();
  await office.calls.revokeDevice({ device: devices.find(({ name }) => name === 'Tablet')!.id });
  await until(() => tablet.status().attention.some(({ code }) => code === 'device-revoked'), PATIENCE_MS);
  expect(value(`select count(*) from entry where type = 'epoch'`)).toBe(1);
  writeFileSync(path.join(here, 'last'), 'under new keys');
  for (const core of [laptop, back]) await idle(core);
  expect(filesIn(there)).toMatchObject({ last: 'under new keys', 'g/d': 'd from the new device' });
}, 300_000);
