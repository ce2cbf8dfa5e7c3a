/* Single steps of planning for the journal, where what is said could put something inside itself. */
import { describe, expect, test } from 'vitest';
import { after } from './fixtures/plan-steps.ts';
import { file, folder, told } from './fixtures/plan-stories.ts';
import { bytes, nodeId } from './fixtures/rows.ts';
import { planUpPlace } from './plan-up.ts';
import type { Planner } from './planner.ts';

describe('a place in what lies in it there', () => {
  test('makes what was deleted there go on as a new one, and waits where nothing may be renamed', () => {
    const rows = [folder('a', 'b/a', 'a!', 'a'), folder('b', 'b', 'a/b^', 'b')];
    expect(after(planUpPlace, rows)).toEqual(['a waits: next', 'rekeys']);
    expect(after(planUpPlace, rows, undefined, { mode: 'send-only' })).toEqual(['a waits: one-way']);
  });

  test('waits for the move made here that takes that out', () => {
    const rows = [folder('a', 'b/x', 'x', 'x'), folder('b', 'y', 'a/y', 'a/y')];
    expect(after(planUpPlace, rows)).toEqual(['a waits: next', '?b,a']);
    expect(after(planUpPlace, rows, ({ waiting }) => waiting.set(nodeId('b'), 'parked'))).toEqual([
      'b waits: parked',
      'a waits: parked',
      '?b,a',
    ]);
  });

  test('is nothing to a new one, which has no place there yet', () => {
    const rows = [
      folder('a', 'm/x', '-', '-'),
      folder('m', 'p/m', 'm', 'm'),
      folder('p', 'p', 'q/p', 'p'),
      folder('q', 'a/q', 'q', 'q'),
    ];
    expect(after(planUpPlace, rows)).toEqual(['create a', '?m']);
  });
});

test('what becomes one with another there is found by its name', () => {
  const rows = [file('a', 'x', '-', '-'), file('b', '-', 'x', '-')];
  expect(after(planUpPlace, rows)).toEqual(['a waits: next', 'adopts', '?b']);
});

test('a name of what is left alone is not got round where nothing may be renamed', () => {
  const rows = [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y')];
  const also = ({ waiting }: Planner): unknown => waiting.set(nodeId('b'), 'ignored');
  expect(after(planUpPlace, rows, also, { mode: 'send-only' })).toEqual(['b waits: ignored', 'a waits: one-way', '?b']);
});

test('an edit in a folder that was moved here and deleted there comes back along with it', () => {
  const rows = [folder('a', 'z', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y', { content: bytes(8) })];
  expect(told(rows)).toEqual(['say a place', 'say b place content']);
});
