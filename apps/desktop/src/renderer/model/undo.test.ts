import { expect, test } from 'vitest';
import type { Activity } from '@onefold/control';
import { groupActivity } from './activity-groups.ts';
import { latestOf } from './undo.ts';

const device = { id: 'd1', name: 'Laptop', here: true };
let atMs = 1e12;

/** An hour before the one made last. */
function item(id: string, kind: Activity['kind'], path: string, by: Partial<Activity> = {}): Activity {
  atMs -= 3_600_000;
  return { id, atMs, kind, path, folder: '/a', device, ...by };
}

test('only what nothing came after can be taken back', () => {
  const items = [
    item('5', 'attention', 'a.txt'),
    item('4', 'edited', 'a.txt'),
    item('3', 'renamed', 'b2.txt', { previousPath: 'b.txt' }),
    item('2', 'edited', 'a.txt'),
    item('1', 'edited', 'b.txt'),
    item('0', 'edited', 'a.txt', { folder: '/b' }),
  ];
  expect([...latestOf(groupActivity(items), items)]).toEqual(['5', '4', '3', '0']);
  // What is left out of sight has happened all the same.
  const seen = items.filter(({ id }) => id === '2');
  expect([...latestOf(groupActivity(seen), items)]).toEqual([]);
});
