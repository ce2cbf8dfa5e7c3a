import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createConflictNews } from './conflict-news.ts';
import type { ConflictCopy } from './core-conflicts.ts';
import type { ActivityEntry, CoreStatus } from './shapes.ts';

const device = { id: 'd2', name: 'Desktop' };
const side = { sizeBytes: 1, mtimeMs: 1, device };
const COPY: ConflictCopy = {
  folder: '/f',
  path: 'Notes/plan (conflict, Desktop, 2026-11-22 14.03).txt',
  original: 'Notes/plan.txt',
  device,
  atMs: 1,
  copy: side,
  other: side,
};

function began() {
  let list: ConflictCopy[] = [];
  let looks = 0;
  const told: number[] = [];
  const news = createConflictNews({
    list: async () => {
      looks++;
      await turn();
      return list;
    },
    tell: (count) => told.push(count),
  });
  let id = 0;
  const item = (by: Partial<ActivityEntry>): ActivityEntry => ({
    id: String(id++),
    atMs: 1,
    kind: 'edited',
    path: 'other.txt',
    folder: '/f',
    device: { ...device, here: false },
    ...by,
  });
  return {
    news,
    told,
    looks: () => looks,
    async happened(now: ConflictCopy[], ...items: Partial<ActivityEntry>[]) {
      list = now;
      news.happened(items.map(item));
      for (let at = 0; at < 6; at++) await turn();
    },
  };
}

test('a conflict is told when it is made, when a side changes, and when it is dealt with', async () => {
  const { told, happened } = began();
  await happened([COPY], { kind: 'conflict', path: COPY.path });
  await happened([{ ...COPY, other: { ...side, sizeBytes: 2 } }], { path: COPY.original });
  await happened([{ ...COPY, other: null }], { kind: 'deleted', path: COPY.original });
  await happened([], { kind: 'renamed', path: 'Notes/plan of Jin.txt', previousPath: COPY.path });
  expect(told).toEqual([1, 1, 1, 0]);
});

test('a folder above it that gets another name is told, too', async () => {
  const { told, happened } = began();
  await happened([COPY], { kind: 'conflict', path: COPY.path });
  await happened([{ ...COPY, path: COPY.path.replace('Notes', 'Old') }], {
    kind: 'renamed',
    path: 'Old',
    previousPath: 'Notes',
  });
  expect(told).toEqual([1, 1]);
});

test('whatever else happens, nobody looks; and of many reasons at once there are two looks', async () => {
  const { news, told, looks, happened } = began();
  await happened([], ...Array.from({ length: 500 }, (_, at) => ({ path: `many/file ${at}` })));
  expect(looks()).toBe(0);
  for (let at = 0; at < 20; at++) news.happened([{ ...entry(), kind: 'conflict', path: COPY.path }]);
  for (let at = 0; at < 10; at++) await turn();
  expect(looks()).toBe(2);
  expect(told).toEqual([]);
});

test('what folders say is looked at when it changes', async () => {
  const { news, looks } = began();
  const status = { folders: [{ path: '/f', state: 'syncing' }], attention: [], pending: 3 } as unknown as CoreStatus;
  news.statusIs(status);
  news.statusIs({ ...status, pending: 2 });
  for (let at = 0; at < 6; at++) await turn();
  expect(looks()).toBe(1);
  news.statusIs({ ...status, pending: 0 });
  for (let at = 0; at < 6; at++) await turn();
  expect(looks()).toBe(2);
});

function entry(): ActivityEntry {
  return { id: 'x', atMs: 1, kind: 'edited', path: 'a', folder: '/f', device: { ...device, here: false } };
}
