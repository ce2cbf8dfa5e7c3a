/* What is left of a plan for this disk once only what carries itself may stay, and the turns of what is left. */
import { describe, expect, test } from 'vitest';
import { withPlanner } from './fixtures/plan-rows.ts';
import { file, folder, holding, putDown } from './fixtures/plan-stories.ts';
import { nodeId } from './fixtures/rows.ts';
import { dropUnmet, orderDown } from './order-down.ts';
import type { Planner } from './planner.ts';
import type { NodeRow } from './tree.ts';

const A = nodeId('a');

function left(rows: readonly NodeRow[], items: readonly string[], also: (planner: Planner) => void = () => undefined) {
  return withPlanner(rows, (planner) => {
    putDown(planner, ...items);
    also(planner);
    dropUnmet(planner);
    return holding(planner);
  });
}

function turns(rows: readonly NodeRow[], ...items: readonly string[]): string[] {
  return withPlanner(rows, (planner) => {
    putDown(planner, ...items);
    return orderDown(planner).map(({ op, node }) => `${op} ${node.replace(/-+$/u, '')}`);
  });
}

const deleted = [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y')];

describe('taken out is', () => {
  test('what is put aside, or goes on as a new node', () => {
    const rows = [file('a', 'x', 'y', 'x')];
    expect(left(rows, ['move a y'])).toEqual(['move a y']);
    expect(left(rows, ['move a y'], ({ setAside }) => setAside.set(A, 'z'))).toEqual(['a waits: next']);
    expect(left(rows, ['move a y'], ({ rekey }) => rekey.add(A))).toEqual(['a waits: next']);
  });

  test.each([
    ['a folder in which something stays', ['trash a'], ['a waits: next']],
    ['none in which all goes to the trash', ['trash a', 'trash b'], ['trash a', 'trash b']],
    ['none that all of it leaves', ['trash a', 'move b z'], ['trash a', 'move b z']],
    ['a folder in which something only moves', ['trash a', 'move b a/w'], ['move b a/w', 'a waits: next']],
    ['what would move in such a folder', ['move b a/w', 'trash a'], ['b waits: next', 'a waits: next']],
  ])('%s', (_name, items, expected) => expect(left(deleted, items)).toEqual(expected));

  test('no file, whatever its folder does', () => {
    expect(left(deleted, ['trash b'])).toEqual(['trash b']);
  });

  test('the second that would take a name', () => {
    const rows = [file('a', 'x', 'z', 'x'), file('b', 'y', 'z', 'y')];
    expect(left(rows, ['move a z', 'move b z'])).toEqual(['move a z', 'b waits: next']);
  });

  test('what would come into a folder that is not here', () => {
    const rows = [folder('f', '-', 'x', '-'), file('a', '-', 'f/x', '-')];
    expect(left(rows, ['create a f/x'])).toEqual(['a waits: next']);
    expect(left(rows, ['create a g/x'])).toEqual(['a waits: next']);
    expect(left(rows, ['create a f/x', 'create f x'])).toEqual(['create a f/x', 'create f x']);
    expect(left([folder('f', 'x', 'x', 'x')], ['create a f/x'])).toEqual(['create a f/x']);
  });

  test('what would come to lie in itself, with the reason of what keeps it there', () => {
    const rows = [folder('a', 'x', 'b/x', 'x'), folder('b', 'a/y', 'y', 'a/y')];
    expect(left(rows, ['move a b/x'])).toEqual(['a waits: next']);
    const parked = ({ waiting }: Planner): unknown => waiting.set(nodeId('b'), 'parked');
    expect(left(rows, ['move a b/x'], parked)).toEqual(['b waits: parked', 'a waits: parked']);
    expect(left(rows, ['move a b/x', 'move b y'])).toEqual(['move a b/x', 'move b y']);
  });

  test('what comes onto a name that is not given up', () => {
    const rows = [file('a', 'x', 'y', 'x'), file('b', 'y', 'z', 'y')];
    expect(left(rows, ['move a y'])).toEqual(['a waits: next']);
    expect(left(rows, ['move a y', 'move b z'])).toEqual(['move a y', 'move b z']);
    expect(left(rows, ['move a x'])).toEqual(['move a x']);
  });

  test('what depends on what was taken out', () => {
    const rows = [file('a', 'x', 'y', 'x'), file('b', 'y', 'z', 'y'), file('c', 'z', 'z', 'z')];
    expect(left(rows, ['move a y', 'move b z'])).toEqual(['b waits: next', 'a waits: next']);
  });
});

describe('turns', () => {
  test('a move to where it stands waits for nothing', () => {
    expect(turns([file('a', 'x', 'x', 'x')], 'move a x')).toEqual(['move a']);
  });

  test('what is placed in a folder below one that is placed comes after that', () => {
    const rows = [folder('f', 'x', 'y', 'x'), folder('g', 'f/g', 'f/g', 'f/g'), file('a', '-', 'g/a', '-')];
    expect(turns(rows, 'create a g/a', 'move f y')).toEqual(['move f', 'create a']);
  });

  test('what is placed where nothing is known of the folder comes in any turn', () => {
    const rows = [folder('f', '-', 'x', '-'), file('a', '-', 'f/a', '-')];
    expect(turns(rows, 'create a f/a')).toEqual(['create a']);
    expect(turns(rows, 'create a g/a')).toEqual(['create a']);
  });

  test('end where folders go round in a circle', () => {
    const rows = [folder('f', 'g/x', 'g/x', 'g/x'), folder('g', 'f/y', 'f/y', 'f/y'), file('a', '-', 'f/a', '-')];
    expect(turns(rows, 'create a f/a')).toEqual(['create a']);
    expect(turns(rows, 'trash f', 'trash g').sort()).toEqual(['trash f', 'trash g']);
  });
});
