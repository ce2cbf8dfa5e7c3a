import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, until } from './test-ground.ts';

/* A real device, whose server's disk damages what it keeps: what only the device still has is sent again. */

const PATIENCE_MS = 120_000;

it('sends again what the server has lost, and says until then that it is not safe', async () => {
  const ground = await startTestGround({ ONEFOLD_SERVER_COLLECTION_SCRUB_EVERY_MS: '200' });
  const cores = new Set<DaemonCore>();
  onTestFinished(async () => {
    for (const core of cores) await core.close();
    await ground.close();
  });
  const open = async (home: string): Promise<DaemonCore> => {
    const core = await createDaemonCore({ home });
    cores.add(core);
    return core;
  };
  const folder = (name: string): string => {
    const made = path.join(ground.scratch, name);
    mkdirSync(made);
    return made;
  };
  const [here, there] = [folder('here'), folder('there')];
  const laptop = await open(await ground.home('Laptop'));
  await laptop.add(here, null);
  // One within a commit, one in packs of its own, one that travels beside the cycles.
  const contents = [2_000, 3_000_000, 20_000_000].map((length, i) => Buffer.alloc(length, `${i} is what it is, `));
  contents.forEach((bytes, i) => writeFileSync(path.join(here, `file-${i}`), bytes));
  expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');

  const data = path.join(ground.scratch, 'server');
  const packs = readdirSync(path.join(data, 'packs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'onefold-database')
    .map((entry) => path.join(entry.parentPath, entry.name));
  expect(packs.length).toBeGreaterThan(1);
  for (const pack of packs) writeFileSync(pack, readFileSync(pack).fill(7));
  const database = new Database(path.join(data, 'metadata.db'), { readonly: true, timeout: 10_000 });
  onTestFinished(() => void database.close());
  const lost = (): number => Number(database.prepare('select count(*) from block where state = 3').pluck().get());
  await until(() => lost() >= contents.length, PATIENCE_MS);

  // Whoever writes is told of the head; else it would be asked for within a minute.
  appendFileSync(path.join(here, 'hint'), 'any');
  await until(() => laptop.status().notYetSafe > 0, PATIENCE_MS);
  expect(await laptop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  expect(laptop.status()).toMatchObject({ notYetSafe: 0, attention: [] });

  const desktop = await open(await ground.home('Desktop'));
  await desktop.add(there, null);
  expect(await desktop.syncWait(PATIENCE_MS, () => false)).toBe('idle');
  contents.forEach((bytes, i) =>
    expect(readFileSync(path.join(there, `file-${i}`)).equals(bytes), `file-${i}`).toBe(true),
  );
}, 180_000);
