/* What is left of what is said to the journal once only what carries itself may stay. Its turns: plan-stories-up.test.ts. */
import { describe, expect, test } from 'vitest';
import { withPlanner } from './fixtures/plan-rows.ts';
import { file, folder, holding, putDown, putUp } from './fixtures/plan-stories.ts';
import { nodeId } from './fixtures/rows.ts';
import { dropUnmetUps } from './order-up.ts';
import type { Planner } from './planner.ts';
import type { NodeRow } from './tree.ts';

const [A, B] = [nodeId('a'), nodeId('b')];

function left(rows: readonly NodeRow[], items: readonly string[], also: (planner: Planner) => void = () => undefined) {
  return withPlanner(rows, (planner) => {
    putUp(planner, ...items);
    also(planner);
    dropUnmetUps(planner);
    return holding(planner);
  });
}

describe('taken out is', () => {
  test.each([
    ['becomes another', ({ adopt }: Planner): unknown => adopt.set(A, B), ['a waits: next']],
    ['is put aside', ({ setAside }: Planner): unknown => setAside.set(A, 'z'), ['a waits: next']],
    ['goes on as a new node', ({ rekey }: Planner): unknown => rekey.add(A), ['a waits: next']],
    ['is moved here', (planner: Planner) => putDown(planner, 'move a z'), ['move a z', 'a waits: next']],
    ['does nothing else', (): undefined => undefined, ['place a']],
  ])('what %s', (_name, also, expected) =>
    expect(left([file('a', 'y', 'x', 'x')], ['place a'], also)).toEqual(expected),
  );

  test('what takes a name that is not given up, with the reason of who keeps it', () => {
    const rows = [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y')];
    expect(left(rows, ['place a after b'])).toEqual(['a waits: next']);
    expect(left(rows, ['place a after b', 'place b'])).toEqual(['place a', 'place b']);
    expect(left(rows, ['place a after b'], ({ waiting }) => waiting.set(B, 'parked'))).toEqual([
      'b waits: parked',
      'a waits: parked',
    ]);
    expect(left(rows, ['place a after nobody'])).toEqual(['a waits: next']);
    expect(left([file('a', '-', 'x', 'x')], ['hide a after b'])).toEqual(['a waits: next']);
  });

  test('what stands in a folder that the journal does not have, with the reason of that', () => {
    const rows = [folder('b', 'x', '-', '-'), file('a', 'b/y', '-', '-')];
    expect(left(rows, ['create a'])).toEqual(['a waits: next']);
    expect(left(rows, ['create a', 'create b'])).toEqual(['create a', 'create b']);
    expect(left(rows, ['create a', 'hide b'])).toEqual(['hide b', 'a waits: next']);
    expect(left(rows, ['create a'], ({ waiting }) => waiting.set(B, 'ignored'))).toEqual([
      'b waits: ignored',
      'a waits: ignored',
    ]);
    expect(left([file('a', 'b/y', '-', '-')], ['create a'])).toEqual(['a waits: next']);
    expect(left([folder('b', 'x', 'x', 'x'), file('a', 'b/y', '-', '-')], ['create a'])).toEqual(['create a']);
    expect(left([folder('b', 'x', 'x!', 'x'), file('a', 'b/y', '-', '-')], ['create a'])).toEqual(['a waits: next']);
  });

  test('what would come to lie in itself there, with the reason of what keeps it', () => {
    const rows = [folder('a', 'b/x', 'x', 'x'), folder('b', 'y', 'a/y', 'a/y')];
    expect(left(rows, ['place a'])).toEqual(['a waits: next']);
    expect(left(rows, ['place a', 'place b'])).toEqual(['place a', 'place b']);
    expect(left(rows, ['place a'], ({ waiting }) => waiting.set(B, 'parked'))).toEqual([
      'b waits: parked',
      'a waits: parked',
    ]);
  });

  test('what depends on what was taken out, and nothing that is not here', () => {
    const rows = [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y'), file('c', '-', 'z', 'z')];
    expect(left(rows, ['place a after b', 'place b after c'])).toEqual(['b waits: next', 'a waits: next']);
    expect(left(rows, ['place a after b', 'place b after c', 'hide c'])).toEqual(['place a', 'place b', 'hide c']);
  });

  test('not for the sake of one who goes along, though it waits for something', () => {
    const rows = [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y')];
    const also = ({ waiting, adopt }: Planner): void => {
      waiting.set(B, 'parked');
      adopt.set(A, nodeId('c'));
    };
    expect(left(rows, ['place a after b', 'place b'], also)).toEqual(['place b', 'b waits: parked', 'a waits: next']);
  });
});
