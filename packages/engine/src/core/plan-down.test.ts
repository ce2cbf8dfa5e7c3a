/* Single steps of planning for this disk, with what else is in the plan by then. Whole plans: plan-stories-down.test.ts. */
import { describe, expect, test } from 'vitest';
import type { Circumstances } from './fixtures/plan-rows.ts';
import { after } from './fixtures/plan-steps.ts';
import { file, folder, putDown, putUp } from './fixtures/plan-stories.ts';
import { nodeId, rowOf } from './fixtures/rows.ts';
import { planDownPlace, planFolderTrash, planFolderWithdrawal, planTrash } from './plan-down.ts';
import type { Planner } from './planner.ts';

const [A, B, F] = [nodeId('a'), nodeId('b'), nodeId('f')];
const parked = (node: string): Circumstances => ({ isParked: (one) => one === nodeId(node) });

describe('a place', () => {
  test('that the journal does not say is none', () => {
    expect(after(planDownPlace, [file('a', 'x', 'y!', 'x')])).toEqual(['a waits: blocked']);
    expect(after(planDownPlace, [file('a', 'x', 'y^', 'x')])).toEqual(['a waits: blocked']);
    const sealed = rowOf({ node: A, local: null, remote: { name: null }, synced: null });
    expect(after(planDownPlace, [sealed])).toEqual(['a waits: blocked']);
  });

  test('where it stands already is free', () => {
    expect(after(planDownPlace, [file('a', 'x', 'x', 'x')])).toEqual(['move a x', '?a']);
  });

  test('takes away the reason it waited for', () => {
    const waited = ({ waiting }: Planner): unknown => waiting.set(A, 'next');
    expect(after(planDownPlace, [file('a', 'x', 'y', 'x')], waited)).toEqual(['move a y']);
  });
});

describe('a place in a folder that is not here', () => {
  const rows = [folder('f', '-', 'f', '-'), file('a', '-', 'f/x', '-')];

  test('waits for it', () => expect(after(planDownPlace, rows)).toEqual(['a waits: next', '?f']));

  test.each([
    ['covered', 'next'],
    ['next', 'next'],
    ['ignored', 'ignored'],
    ['parked', 'parked'],
  ] as const)('that is %s waits: %s', (why, expected) =>
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(F, why))).toEqual([
      `f waits: ${why}`,
      `a waits: ${expected}`,
      '?f',
    ]),
  );

  test('whose name does not open, or that the journal does not have, waits for that', () => {
    const sealed = rowOf({ node: F, local: null, remote: { kind: 'folder', quarantined: true }, synced: null });
    const gone = rowOf({ node: F, local: null, remote: null, synced: { kind: 'folder' } });
    expect(after(planDownPlace, [sealed, rows[1]!])).toEqual(['a waits: blocked', '?f']);
    expect(after(planDownPlace, [gone, rows[1]!])).toEqual(['a waits: next', '?f']);
  });
});

describe('a place in a folder deleted here', () => {
  const rows = [folder('f', '-', 'f', 'f'), file('a', 'y', 'f/x', 'f/x')];

  test('brings it back for what left it and has to go back', () => {
    const expected = ['move a f/x', 'create f f', '?f'];
    expect(after(planDownPlace, rows)).toEqual(expected);
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(F, 'next'))).toEqual(expected);
    expect(after(planDownPlace, rows, (planner) => putDown(planner, 'create f f'))).toEqual([
      'create f f',
      'move a f/x',
      '?f',
    ]);
  });

  test('does not where nothing left it, or something holds it', () => {
    const other = file('a', '-', 'f/x', 'f/x');
    expect(after(planDownPlace, [rows[0]!, other])).toEqual(['a waits: next', '?f']);
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(F, 'parked'))).toEqual([
      'f waits: parked',
      'a waits: parked',
      '?f',
    ]);
    // It was never here.
    expect(after(planDownPlace, [folder('f', '-', 'f', '-'), rows[1]!])).toEqual(['a waits: next', '?f']);
  });
});

describe('a name that another has here', () => {
  test('is free where that one leaves, be it that a move made here is taken back', () => {
    const rows = [file('a', 'x', 'y', 'x'), file('b', 'y', 'z', 'z')];
    expect(after(planDownPlace, rows, (planner) => putDown(planner, 'move b z'))).toEqual([
      'move b z',
      'move a y',
      '?b',
    ]);
    expect(after(planDownPlace, rows)).toEqual(['b waits: next', 'a waits: next', 'sets aside', '?b']);
  });

  test('is waited for where that one is left alone', () => {
    const rows = [file('a', 'x', 'y', 'x'), file('b', 'y', 'z', 'z')];
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(B, 'ignored'))).toEqual([
      'b waits: ignored',
      'a waits: ignored',
      '?b',
    ]);
    expect(after(planDownPlace, rows, undefined, parked('b'))).toEqual(['a waits: parked', '?b']);
  });

  test.each([
    ['deleted there', file('b', 'y', 'y!', 'y')],
    ['not to be here', file('b', 'y', 'z~', 'y')],
    ['moved there', file('b', 'y', 'z', 'y')],
    ['not read yet', file('b', 'y', 'y!', 'y', { content: null })],
  ])('is waited for where that one is %s and had no turn yet', (_name, holder) =>
    expect(after(planDownPlace, [file('a', 'x', 'y', 'x'), holder])).toEqual(['a waits: next', '?b']),
  );

  test('becomes that of both where they may be one', () => {
    const rows = [file('a', '-', 'y', '-'), file('b', 'y', '-', '-')];
    expect(after(planDownPlace, rows)).toEqual(['b waits: next', 'a waits: next', 'adopts', '?b']);
  });

  test.each(['ignored', 'unticked', 'one-way'] as const)('of a folder that stays since something is %s', (why) => {
    const rows = [file('a', 'x', 'y', 'x'), folder('b', 'y', 'y!', 'y'), file('c', 'b/c', 'b/c^', 'b/c')];
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(nodeId('c'), why))).toEqual([
      `c waits: ${why}`,
      `b waits: ${why}`,
      `a waits: ${why}`,
      '?b,c',
    ]);
  });
});

describe('a place in what lies in it', () => {
  const between = folder('b', 'c/y', 'c/y', 'c/y');
  const rows = [folder('a', 'x', 'b/x', 'x'), between, folder('c', 'a/z', 'z', 'z')];
  const C = nodeId('c');

  test('takes back the move made here that brought that about', () => {
    expect(after(planDownPlace, rows, (planner) => putUp(planner, 'place c'))).toEqual([
      'move a b/x',
      'move c z',
      '?b,c',
    ]);
  });

  test('waits where that move cannot be taken back', () => {
    const blocked = [...rows, file('d', 'z', 'z', 'z')];
    expect(after(planDownPlace, blocked, undefined, parked('d'))).toEqual([
      'c waits: parked',
      'a waits: next',
      '?b,c,d',
    ]);
    expect(after(planDownPlace, rows, ({ waiting }) => waiting.set(C, 'parked'))).toEqual([
      'c waits: parked',
      'a waits: parked',
      '?b,c',
    ]);
  });

  test('waits where nothing on the way was moved here', () => {
    const still = [rows[0]!, between, folder('c', 'a/z', 'a/z', 'a/z')];
    expect(after(planDownPlace, still)).toEqual(['a waits: next', '?b,c']);
    expect(after(planDownPlace, still, undefined, { mode: 'receive-only' })).toEqual(['a waits: one-way', '?b,c']);
  });
});

describe('to the trash goes', () => {
  const gone = folder('a', 'x', 'x!', 'x');
  const child = file('b', 'a/y', 'a/y^', 'a/y');

  test('no folder twice, none that goes on as a new node, and none that is left alone by wish', () => {
    expect(after(planFolderTrash, [gone, child], (planner) => putDown(planner, 'trash a'))).toEqual(['trash a']);
    expect(after(planFolderTrash, [gone], ({ rekey }) => rekey.add(A))).toEqual(['rekeys']);
    for (const why of ['ignored', 'unticked', 'one-way'] as const)
      expect(after(planFolderTrash, [gone], ({ waiting }) => waiting.set(A, why))).toEqual([`a waits: ${why}`]);
    expect(after(planFolderTrash, [gone], ({ waiting }) => waiting.set(A, 'next'))).toEqual(['trash a']);
    expect(after(planFolderTrash, [gone], undefined, parked('a'))).toEqual(['a waits: next']);
  });

  test('a folder that all of it leaves, and no other', () => {
    const leaves = (...items: string[]) =>
      after(planFolderTrash, [gone, child], (planner) => putDown(planner, ...items));
    expect(leaves('trash b')).toEqual(['trash b', 'trash a', '?b']);
    expect(leaves('move b z')).toEqual(['move b z', 'trash a', '?b']);
    expect(leaves('move b a/z')).toEqual(['move b a/z', 'a waits: next', '?b']);
    expect(leaves()).toEqual(['a waits: next', '?b']);
  });

  test('a folder with what in it is synced with nobody, but not with what is not to be here', () => {
    expect(after(planFolderTrash, [gone, folder('b', 'a/y', 'a/y^', '-')])).toEqual(['trash a', '?b']);
    expect(after(planFolderTrash, [gone, folder('b', 'a/y', 'y~', '-')])).toEqual(['a waits: unticked', '?b']);
  });

  test('nothing that a move made here brings back', () => {
    const rows = [folder('f', 'g', 'f!', 'f'), file('a', 'f/x', 'f/x^', 'f/x')];
    expect(after(planTrash, rows)).toEqual(['a waits: next', '?f']);
    expect(after(planTrash, rows, ({ waiting }) => waiting.set(F, 'parked'))).toEqual([
      'f waits: parked',
      'a waits: parked',
      '?f',
    ]);
    const folders = [rows[0]!, folder('a', 'f/x', 'f/x^', 'f/x')];
    expect(after(planFolderTrash, folders, ({ waiting }) => waiting.set(F, 'parked'))).toEqual([
      'f waits: parked',
      'a waits: parked',
      '?f',
    ]);
  });
});

describe('withdrawn is', () => {
  const unticked = folder('a', 'x', 'x~', 'x');
  const child = file('b', 'a/y', 'a/y~', 'a/y');

  test('no folder twice, none that goes on as a new node, none that is ignored or parked', () => {
    expect(after(planFolderWithdrawal, [unticked, child], (planner) => putDown(planner, 'trash a'))).toEqual([
      'trash a',
    ]);
    expect(after(planFolderWithdrawal, [unticked], ({ rekey }) => rekey.add(A))).toEqual(['rekeys']);
    expect(after(planFolderWithdrawal, [unticked], ({ waiting }) => waiting.set(A, 'ignored'))).toEqual([
      'a waits: ignored',
    ]);
    expect(after(planFolderWithdrawal, [unticked], ({ waiting }) => waiting.set(A, 'next'))).toEqual(['trash a']);
    expect(after(planFolderWithdrawal, [unticked], undefined, parked('a'))).toEqual(['a waits: parked']);
  });

  test('a folder that all of it leaves, and no other', () => {
    const leaves = (...items: string[]) =>
      after(planFolderWithdrawal, [unticked, child], (planner) => putDown(planner, ...items));
    expect(leaves('trash b')).toEqual(['trash b', 'trash a', '?b']);
    expect(leaves('move b z')).toEqual(['move b z', 'trash a', '?b']);
    expect(leaves('move b a/z')).toEqual(['move b a/z', 'a waits: next', '?b']);
    expect(leaves()).toEqual(['a waits: next', '?b']);
  });

  test('none in which something stays, with the reason of that', () => {
    expect(after(planFolderWithdrawal, [unticked, child], ({ waiting }) => waiting.set(B, 'parked'))).toEqual([
      'b waits: parked',
      'a waits: parked',
      '?b',
    ]);
    expect(after(planFolderWithdrawal, [unticked, folder('b', 'a/y', 'a/y~', '-')])).toEqual([
      'a waits: unticked',
      '?b',
    ]);
    // A file is not looked into, whatever becomes of it.
    expect(after(planFolderWithdrawal, [unticked, folder('b', 'a/y', 'a/y~', 'a/y')])).toEqual([
      'trash a',
      'trash b',
      '?b',
    ]);
  });
});
