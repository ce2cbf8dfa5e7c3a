import { expect, test } from 'vitest';
import { nodeId, statOf } from '../core/fixtures/rows.ts';
import type { Clock } from '../ports.ts';
import { createVacated } from './vacated.ts';

test('a complete look at a folder forgets what is not missing from it any more, and nothing that is missing elsewhere', () => {
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs } as Clock;
  const vacated = createVacated(clock, { isAwaited: () => false, isAllSeen: () => true });
  const [one, other] = [nodeId('one'), nodeId('other')];
  const stat = statOf('file');
  for (const [node, folder] of [
    ['a', one],
    ['b', one],
    ['c', other],
  ] as const)
    expect(vacated.isGone(nodeId(node), folder, stat, true)).toBe(false);
  vacated.keepOnly(one, new Set([nodeId('b')]));
  expect(vacated.size()).toBe(2);
  // Missing from another folder now: it waits anew.
  expect(vacated.isGone(nodeId('c'), one, stat, true)).toBe(false);
  vacated.keepOnly(other, new Set());
  expect(vacated.size()).toBe(2);
  nowMs = 2_000;
  expect(vacated.dueFolders()).toEqual([one]);
  expect(vacated.isGone(nodeId('b'), one, stat, false)).toBe(false);
  expect(vacated.isGone(nodeId('b'), one, stat, true)).toBe(true);
  vacated.returned(nodeId('c'));
  expect(vacated.size()).toBe(0);
  expect(vacated.dueFolders()).toEqual([]);
});
