/* Single steps of planning for the journal, with what else is in the plan by then. Whole plans: plan-stories-up.test.ts. */
import { describe, expect, test } from 'vitest';
import { after } from './fixtures/plan-steps.ts';
import { file, folder, putDown, putUp } from './fixtures/plan-stories.ts';
import { bytes, nodeId, rowOf } from './fixtures/rows.ts';
import { planHide, planUpPlace } from './plan-up.ts';
import type { Planner } from './planner.ts';

const [A, B, F, G] = [nodeId('a'), nodeId('b'), nodeId('f'), nodeId('g')];

describe('a place in a folder', () => {
  const isNew = [folder('f', 'f', '-', '-'), file('a', 'f/x', '-', '-')];
  const isDeleted = [folder('f', 'f', 'f!', 'f'), file('a', 'f/x', '-', '-')];

  test('that nothing is known of waits', () => {
    expect(after(planUpPlace, [isNew[1]!])).toEqual(['a waits: next']);
  });

  test('that is new waits for that, or goes along', () => {
    expect(after(planUpPlace, isNew)).toEqual(['a waits: next', '?f']);
    expect(after(planUpPlace, isNew, (planner) => putUp(planner, 'create f'))).toEqual(['create f', 'create a', '?f']);
    expect(after(planUpPlace, isNew, ({ waiting }) => waiting.set(F, 'parked'))).toEqual([
      'f waits: parked',
      'a waits: parked',
      '?f',
    ]);
  });

  test('that is to become another waits', () => {
    const also = (planner: Planner): void => {
      putUp(planner, 'create f');
      planner.adopt.set(F, G);
    };
    expect(after(planUpPlace, isNew, also)).toEqual(['create f', 'a waits: next', 'adopts', '?f']);
  });

  test.each(['ignored', 'parked', 'one-way'] as const)('deleted there that is %s waits for that', (why) =>
    expect(after(planUpPlace, isDeleted, ({ waiting }) => waiting.set(F, why))).toEqual([
      `f waits: ${why}`,
      `a waits: ${why}`,
      '?f',
    ]),
  );

  test('deleted there makes it go on as a new one, and not to the trash', () => {
    expect(after(planUpPlace, isDeleted, (planner) => putDown(planner, 'trash f'))).toEqual([
      'f waits: next',
      'a waits: next',
      'rekeys',
      '?f',
    ]);
    const isNotHere = rowOf({ node: F, local: null, remote: { kind: 'folder', hidden: true }, synced: null });
    expect(after(planUpPlace, [isNotHere, isDeleted[1]!])).toEqual(['f waits: next', 'a waits: next', '?f']);
    expect(after(planUpPlace, isDeleted, undefined, { mode: 'send-only' })).toEqual(['a waits: one-way', '?f']);
  });
});

describe('a name that another has there', () => {
  const rows = [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y')];

  test('is taken after that one gives it up', () => {
    expect(after(planUpPlace, rows, (planner) => putUp(planner, 'place b'))).toEqual(['place b', 'place a', '?b']);
    const deleted = [rows[0]!, file('b', '-', 'y', 'y')];
    expect(after(planUpPlace, deleted, (planner) => putUp(planner, 'hide b'))).toEqual(['hide b', 'place a', '?b']);
  });

  test('is not taken from one that stands under it too: this one gets another', () => {
    const twins = [rows[0]!, file('b', 'y', 'y', 'y')];
    expect(after(planUpPlace, twins, (planner) => putUp(planner, 'place b'))).toEqual([
      'place b',
      'a waits: next',
      'sets aside',
      '?b',
    ]);
  });

  test('is nothing to one that is put aside or becomes another by then', () => {
    const leaves = (planner: Planner): void => putUp(planner, 'place b');
    for (const also of [
      (planner: Planner): unknown => planner.setAside.set(A, 'w'),
      (planner: Planner): unknown => planner.adopt.set(A, G),
    ]) {
      const found = after(planUpPlace, rows, (planner) => {
        leaves(planner);
        also(planner);
      });
      expect(found.slice(0, 2)).toEqual(['place b', 'a waits: next']);
    }
  });

  test.each([
    ['parked', 'parked', false],
    ['ignored', 'next', true],
    ['unticked', 'next', true],
    ['kept-there', 'next', true],
    ['one-way', 'one-way', false],
    ['covered', 'next', false],
    ['next', 'next', false],
  ] as const)('of one that is %s', (why, expected, isPutAside) => {
    const found = after(planUpPlace, rows, ({ waiting }) => waiting.set(B, why));
    expect(found).toEqual([`b waits: ${why}`, `a waits: ${expected}`, ...(isPutAside ? ['sets aside'] : []), '?b']);
  });
});

describe('a name in a folder deleted there, which is to come back', () => {
  const back = (planner: Planner): void => putUp(planner, 'place g');
  const holder = file('h', '-', 'g/x^', 'g/x');
  const g = folder('g', 'n', 'm!', 'm');

  test.each([
    ['whose name there has the very node', [g, holder, folder('a', 'g/x', 'n', 'n')], true],
    [
      'whose name there has what is in the very node',
      [g, holder, folder('a', 'g/x', 'w', 'w'), file('k', 'a/k', 'n', 'n')],
      true,
    ],
    [
      'whose name there has what is elsewhere',
      [g, holder, folder('a', 'g/x', 'w', 'w'), file('k', 'k', 'n', 'n')],
      false,
    ],
    [
      'whose name there has what is not here',
      [g, holder, folder('a', 'g/x', 'w', 'w'), file('k', '-', 'n', 'n')],
      false,
    ],
    ['whose name nobody has there', [g, holder, folder('a', 'g/x', 'w', 'w')], false],
    [
      'below one whose name there has the very node',
      [folder('g', 'f/n', 'm!', 'm'), folder('f', 'v', 'v!', 'v'), holder, folder('a', 'g/x', 'v', 'v')],
      true,
    ],
    [
      'below one that is there, whose name would be of no matter',
      [folder('g', 'f/n', 'm!', 'm'), folder('f', 'v', 'u', 'u'), holder, folder('a', 'g/x', 'v', 'v')],
      false,
    ],
    [
      'below one that nothing is known of',
      [folder('g', 'f/n', 'm!', 'm'), holder, folder('a', 'g/x', 'v', 'v')],
      false,
    ],
    [
      'below itself',
      [folder('g', 'f/n', 'm!', 'm'), folder('f', 'g/v', 'v!', 'v'), holder, folder('a', 'g/x', 'w', 'w')],
      false,
    ],
  ] as const)('%s', (_name, rows, isPutAside) => {
    const found = after(planUpPlace, rows, back);
    expect(found.includes('a waits: next')).toBe(true);
    expect(found.includes('sets aside')).toBe(isPutAside);
  });
});

describe('a delete', () => {
  test('of what a deleted folder holds is said with that', () => {
    const rows = [folder('f', '-', 'f', 'f'), file('a', '-', 'f/x', 'f/x')];
    expect(after(planHide, rows)).toEqual(['a waits: covered', '?f']);
    expect(after(planHide, rows, ({ waiting }) => waiting.set(F, 'parked'))).toEqual([
      'f waits: parked',
      'a waits: parked',
      '?f',
    ]);
    expect(after(planHide, [...rows, file('b', 'b', 'f/b', 'f/b')])).toEqual(['a waits: next', '?f']);
    expect(after(planHide, [...rows, file('b', '-', 'f/b', '-')])).toEqual(['hide a']);
    expect(after(planHide, [folder('f', 'f', 'f', 'f'), rows[1]!])).toEqual(['hide a']);
    expect(after(planHide, [file('a', '-', 'x', 'x')])).toEqual(['hide a']);
    expect(after(planHide, [rows[1]!])).toEqual(['hide a']);
  });

  const a = folder('a', '-', 'x', 'x');
  const mover = folder('b', 'x', 'a/y', 'a/y');
  const other = file('c', 'z', 'a/c', 'a/c');

  test('of a folder whose name something takes that leaves it is said with that, if all that leaves it can go along', () => {
    const goes = (...items: string[]) => after(planHide, [a, mover, other], (planner) => putUp(planner, ...items));
    expect(goes('place b', 'place c')).toEqual(['place b', 'place c', 'hide a', '?b,c']);
    expect(goes('place b')).toEqual(['place b', 'a waits: next', '?b,c,b,c']);
    expect(goes('place c')).toEqual(['place c', 'a waits: next', '?b,c,b,c']);
    const edited = [a, file('b', 'x', 'a/y', 'a/y', { content: bytes(5) })];
    expect(after(planHide, edited, (planner) => putUp(planner, 'place b'))).toEqual([
      'place b',
      'a waits: next',
      '?b,b',
    ]);
  });

  test.each([
    ['next', 'next'],
    ['covered', 'next'],
    ['parked', 'parked'],
    ['ignored', 'kept-there'],
  ] as const)('of a folder that something leaves which is %s waits: %s', (why, expected) =>
    expect(after(planHide, [a, other], ({ waiting }) => waiting.set(nodeId('c'), why))).toEqual([
      `c waits: ${why}`,
      `a waits: ${expected}`,
      '?c',
    ]),
  );

  test('is not waited for where the folder comes back', () => {
    expect(after(planHide, [a, other], (planner) => putDown(planner, 'create a x'))).toEqual(['create a x', '?c']);
  });

  test('of a folder with what must live on brings it back, and with what is not here by wish is not said', () => {
    expect(after(planHide, [a, file('c', '-', 'a/c', '-')])).toEqual(['create a x']);
    expect(after(planHide, [a, file('c', '-', 'a/c~', 'a/c')])).toEqual(['a waits: kept-there']);
  });
});
