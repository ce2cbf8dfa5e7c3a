import { describe, expect, test } from 'vitest';
import type { Decision, Fate } from './decide.ts';
import { heldBack } from './one-way.ts';

const of = (fate: Fate, over: Partial<Decision> = {}): Decision => ({
  fate,
  place: 'same',
  content: 'same',
  attributes: 'same',
  ...over,
});
const both = (over: Partial<Decision>): Decision => of('both', over);
const ALL_UP = both({ place: 'up', content: 'up', attributes: 'up' });
const ALL_DOWN = both({ place: 'down', content: 'down', attributes: 'down' });
const BOTH_WAYS = both({ place: 'up', content: 'look', attributes: 'down' });

describe('a folder that only sends', () => {
  test.each(['create-down', 'delete-down'] as const)('holds back %s', (fate) =>
    expect(heldBack('send-only', of(fate))).toEqual(of('one-way')),
  );
  test.each(['create-up', 'delete-up', 'restore-up', 'look', 'drop', 'withdraw', 'held', 'none'] as const)(
    'goes on with %s',
    (fate) => expect(heldBack('send-only', of(fate))).toEqual(of(fate)),
  );
  test.each([
    ['what goes up', ALL_UP, ALL_UP],
    ['nothing of what goes down', ALL_DOWN, both({})],
    ['one of two ways', BOTH_WAYS, both({ place: 'up', content: 'look' })],
    ['no conflict', both({ content: 'conflict' }), both({})],
  ])('carries out %s', (_name, decision, expected) => expect(heldBack('send-only', decision)).toEqual(expected));
});

describe('a folder that only receives', () => {
  test.each(['create-up', 'delete-up', 'restore-up'] as const)('holds back %s', (fate) =>
    expect(heldBack('receive-only', of(fate))).toEqual(of('one-way')),
  );
  test.each(['create-down', 'delete-down', 'look', 'drop', 'withdraw', 'held', 'none'] as const)(
    'goes on with %s',
    (fate) => expect(heldBack('receive-only', of(fate))).toEqual(of(fate)),
  );
  test.each([
    ['what goes down', ALL_DOWN, ALL_DOWN],
    ['nothing of what goes up', ALL_UP, both({})],
    ['one of two ways', BOTH_WAYS, both({ content: 'look', attributes: 'down' })],
    ['no conflict', both({ content: 'conflict' }), both({})],
  ])('carries out %s', (_name, decision, expected) => expect(heldBack('receive-only', decision)).toEqual(expected));
});

test('a folder kept both ways holds nothing back', () => {
  for (const decision of [ALL_UP, ALL_DOWN, of('create-up'), of('delete-down'), both({ content: 'conflict' })])
    expect(heldBack('two-way', decision)).toEqual(decision);
});
