import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDaemonCore, type DaemonCore } from './daemon-core.ts';
import { startTestGround, type TestGround } from './test-ground.ts';

const PATIENCE_MS = 60_000;

let ground: TestGround;
let core: DaemonCore;
let one: string;
let two: string;

beforeAll(async () => {
  ground = await startTestGround();
  one = path.join(ground.scratch, 'one');
  two = path.join(ground.scratch, 'two');
  mkdirSync(path.join(one, 'Plans'), { recursive: true });
  mkdirSync(two);
  for (const [folder, name] of [
    [one, 'Plans/Summer plan.txt'],
    [one, 'old plan.txt'],
    [two, 'winter PLAN.txt'],
  ] as const)
    writeFileSync(path.join(folder, name), name);
  core = await createDaemonCore({ home: await ground.home('Laptop') });
  await core.add(one, null);
  await core.add(two, 'second');
  await core.syncWait(PATIENCE_MS, () => false);
  rmSync(path.join(one, 'old plan.txt'));
  expect(await core.syncWait(PATIENCE_MS, () => false)).toBe('idle');
}, 3 * PATIENCE_MS);

afterAll(async () => {
  await core.close();
  await ground.close();
}, PATIENCE_MS);

async function find(args: Partial<Parameters<DaemonCore['calls']['search']>[0]>): Promise<string[]> {
  const { found } = await core.calls.search({ text: 'plan', limit: 10, ...args });
  return found.map((entry) => `${path.basename(entry.folder)}/${entry.path}${entry.isDeleted ? ' (deleted)' : ''}`);
}

test('all folders are searched, and what was deleted comes after what is there, and only when asked for', async () => {
  const there = ['one/Plans', 'one/Plans/Summer plan.txt', 'two/winter PLAN.txt'];
  expect((await find({})).sort()).toEqual(there);
  const all = await find({ deleted: true });
  expect(all.slice(0, 3).sort()).toEqual(there);
  expect(all.slice(3)).toEqual(['one/old plan.txt (deleted)']);
});

test('one folder alone can be searched; one that is not kept is not found', async () => {
  expect(await find({ folder: two })).toEqual(['two/winter PLAN.txt']);
  await expect(find({ folder: path.join(ground.scratch, 'three') })).rejects.toMatchObject({ code: 'not-found' });
});

test('no more than asked for come, over all folders and the deleted together', async () => {
  expect(await find({ limit: 2, deleted: true })).toHaveLength(2);
  expect(await find({ limit: 4, deleted: true })).toHaveLength(4);
});

test('every word must be in the name, in any order, and no word finds nothing', async () => {
  expect(await find({ text: 'PLAN sum' })).toEqual(['one/Plans/Summer plan.txt']);
  expect(await find({ text: 'plan nowhere' })).toEqual([]);
  expect(await find({ text: '  ' })).toEqual([]);
});
