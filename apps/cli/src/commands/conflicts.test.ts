import { expect, test } from 'vitest';
import { linesOf } from './conflicts.ts';

test('both sides of a conflict are told, and where nothing stands under the name any more', () => {
  const device = { id: 'd2', name: 'Desktop' };
  const copy = { sizeBytes: 16, mtimeMs: 1000, device };
  const conflict = {
    folder: '/home/ana/Onefold',
    path: 'plan (conflict).txt',
    original: 'plan.txt',
    device,
    atMs: 1000,
    copy,
  };
  expect(linesOf({ conflicts: [{ ...conflict, other: { ...copy, sizeBytes: 23, device: null } }] })).toEqual([
    '/home/ana/Onefold/plan.txt',
    '  original  1970-01-01T00:00:01.000Z       23 B',
    '  copy      1970-01-01T00:00:01.000Z       16 B  Desktop',
    '            /home/ana/Onefold/plan (conflict).txt',
  ]);
  expect(linesOf({ conflicts: [{ ...conflict, other: null }] })[1]).toContain('nothing stands under the name');
  expect(linesOf({ conflicts: [] })).toEqual(['No conflicts.']);
});
