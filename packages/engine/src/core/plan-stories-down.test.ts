/* Whole plans, exactly: what is done on this disk, and in which order, and what the others wait for. */
import { describe, expect, test } from 'vitest';
import { answer, inputOf, planRows } from './fixtures/plan-rows.ts';
import { file, folder, fileThere, told, type Story } from './fixtures/plan-stories.ts';
import { bytes, nodeId, rowOf, statOf } from './fixtures/rows.ts';
import { plan } from './plan.ts';

const touched = { attributes: { mtimeNs: 5n, mode: 0o600 }, attributesVersion: 2 };
const twoNames = { stat: statOf('file', { linkCount: 2 }) };

describe('done on this disk', () => {
  test.each<Story>([
    [
      'a swap passes through staging',
      [file('a', 'x', 'y', 'x'), file('b', 'y', 'x', 'y')],
      ['park a', 'move b x', 'move a y'],
    ],
    ['a row of names, from its end', [file('a', 'x', 'y', 'x'), file('b', 'y', 'z', 'y')], ['move b z', 'move a y']],
    [
      'new things from the top down',
      [file('f', '-', 'b/f', '-'), folder('b', '-', 'a/b', '-'), folder('a', '-', 'a', '-')],
      ['create a a', 'create b a/b', 'create f b/f'],
    ],
    [
      'a name is free once its file is in the trash',
      [file('a', 'x', 'x!', 'x'), file('b', '-', 'x', '-')],
      ['trash a', 'create b x'],
    ],
    [
      'a folder above and one in it change places',
      [folder('a', 'x', 'b/y', 'x'), folder('b', 'a/y', 'x', 'a/y')],
      ['park a', 'move b x', 'move a b/y'],
    ],
    [
      'a deleted folder goes after what leaves it, and after what was in it',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y'), file('c', 'a/z', 'z', 'a/z')],
      ['trash b', 'move c z', 'trash a'],
      { withFolders: true },
    ],
    [
      'a deleted folder is not looked at before its turn',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y')],
      ['trash b', 'a waits: next'],
    ],
    [
      'a deleted folder stays for what is parked in it',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y')],
      ['b waits: parked', 'a waits: next'],
      { withFolders: true, isParked: (node) => node === nodeId('b') },
    ],
    [
      'a deleted folder that is parked stays',
      [folder('a', 'x', 'x!', 'x'), folder('c', 'a/y', 'a/y^', 'a/y')],
      ['trash c', 'a waits: parked'],
      { withFolders: true, isParked: (node) => node === nodeId('a') },
    ],
    [
      'folders in a deleted folder go with it',
      [folder('a', 'x', 'x!', 'x'), folder('b', 'a/y', 'a/y^', 'a/y'), file('c', 'b/z', 'b/z^', 'b/z')],
      ['trash c', 'trash b', 'trash a'],
      { withFolders: true },
    ],
    [
      'a deleted folder makes room for another',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y'), folder('c', '-', 'x', '-')],
      ['trash b', 'trash a', 'create c x'],
    ],
    [
      'a deleted folder with a folder in it makes room for another',
      [folder('a', 'x', 'x!', 'x'), folder('b', 'a/y', 'a/y^', 'a/y'), folder('c', '-', 'x', '-')],
      ['trash b', 'trash a', 'create c x'],
    ],
    [
      'a folder that is not to be here makes room for another',
      [folder('a', 'x', 'z~', 'x'), folder('c', '-', 'x', '-')],
      ['withdraw a', 'create c x'],
    ],
    ['edited on both sides', [fileThere('a', 'x', bytes(5), bytes(6))], ['replace a keeping']],
    ['edited there', [fileThere('a', 'x', bytes(1), bytes(6))], ['replace a']],
    [
      'edited there and moved there: the bytes come after',
      [
        rowOf({
          node: nodeId('a'),
          local: { name: 'x' },
          remote: { name: 'y', placeVersion: 2, content: bytes(6), contentVersion: 2 },
          synced: { name: 'x' },
        }),
      ],
      ['move a y', 'a waits: next'],
    ],
    [
      'edited on both sides and moved there: the copy is made after',
      [
        rowOf({
          node: nodeId('a'),
          local: { name: 'x', content: bytes(5) },
          remote: { name: 'y', placeVersion: 2, content: bytes(6), contentVersion: 2 },
          synced: { name: 'x' },
        }),
      ],
      ['move a y', 'a waits: next'],
    ],
    [
      'edited there, not read here',
      [
        rowOf({
          node: nodeId('a'),
          local: { name: 'x', content: null },
          remote: { name: 'x', content: bytes(6), contentVersion: 2 },
          synced: { name: 'x' },
        }),
      ],
      ['identify a'],
    ],
    [
      'touched there',
      [
        rowOf({
          node: nodeId('a'),
          local: { name: 'x' },
          remote: { name: 'x', attributes: { mtimeNs: 5n, mode: 0o600 }, attributesVersion: 2 },
          synced: { name: 'x' },
        }),
      ],
      ['set-attributes a'],
    ],
    [
      'a name that a new file has here',
      [file('a', 'x', '-', '-'), folder('b', 'z', 'x', 'z')],
      ['aside a x (conflict)', 'a waits: next', 'b waits: next'],
    ],
    [
      'a name that an edited file has here',
      [file('a', 'y', 'x', 'x', { content: bytes(5) }), file('b', 'z', 'y', 'z')],
      ['aside a y (conflict)', 'a waits: next', 'b waits: next'],
    ],
    [
      'into a folder whose name cannot be read',
      [
        rowOf({
          node: nodeId('q'),
          local: null,
          remote: { kind: 'folder', name: null, quarantined: true },
          synced: null,
        }),
        file('b', '-', 'q/y', '-'),
      ],
      ['b waits: blocked'],
    ],
    [
      'into a folder that is parked',
      [folder('a', '-', 'x', '-'), file('b', '-', 'a/y', '-')],
      ['a waits: parked', 'b waits: parked'],
      { isParked: (node) => node === nodeId('a') },
    ],
    [
      'into a folder that is left out',
      [folder('a', '-', 'x', '-'), file('b', '-', 'a/y', '-')],
      ['a waits: ignored', 'b waits: ignored'],
      { isIgnored: (path) => path === 'x' },
    ],
    ['into a folder that is nowhere', [file('b', '-', 'a/y', '-')], ['b waits: blocked']],
    [
      'onto a name whose file is parked',
      [file('a', 'x', 'y', 'x'), file('b', '-', 'x', '-')],
      ['a waits: parked', 'b waits: parked'],
      { isParked: (node) => node === nodeId('a') },
    ],
    [
      'what is not to be here goes',
      [folder('a', 'x', 'x~', 'x'), file('b', 'a/y', 'a/y~', 'a/y')],
      ['withdraw b', 'withdraw a'],
      { withFolders: true },
    ],
    [
      'what is not to be here and was edited stays, and its folder for it',
      [folder('a', 'x', 'x~', 'x'), file('b', 'a/y', 'a/y~', 'a/y', { content: bytes(5) })],
      ['b waits: unticked', 'a waits: unticked'],
      { withFolders: true },
    ],
    [
      'a folder that is not to be here and waits',
      [folder('a', 'x', 'x~', 'x')],
      ['a waits: parked'],
      { withFolders: true, isParked: (node) => node === nodeId('a') },
    ],
    [
      'folders in a folder that is not to be here',
      [folder('a', 'x', 'x~', 'x'), folder('b', 'a/y', 'a/y~', 'a/y'), file('c', 'b/z', 'b/z~', 'b/z')],
      ['withdraw c', 'withdraw b', 'withdraw a'],
      { withFolders: true },
    ],
    [
      'what was taken out of a folder that is not to be here goes on as a new one',
      [folder('a', 'x', 'x~', 'x'), file('b', 'y', 'a/y~', 'a/y')],
      ['rekey b', 'a waits: next'],
    ],
    [
      'what never was synced and is not to be here stays, wherever it stands',
      [folder('f', '-', 'f~', '-'), file('a', 'x', 'f/a~', '-')],
      ['a waits: unticked'],
    ],
    [
      'a file that is not to be here goes before its folder has its turn',
      [folder('b', 'x', 'x~', 'x'), file('c', 'b/z', 'b/z~', 'b/z')],
      ['withdraw c', 'b waits: next'],
    ],
    [
      'two folders that changed places, neither of which is to be here',
      [folder('a', 'x', 'b/x~', 'b/x'), folder('b', 'a/x', 'x~', 'x')],
      ['rekey a', 'b waits: unticked'],
      { withFolders: true },
    ],
    [
      'a name that may be free once the file that has it was read',
      [file('a', 'y', 'y!', 'y', { content: null }), file('b', '-', 'y', '-')],
      ['identify a', 'b waits: next'],
    ],
    ['what nothing is known of', [folder('b', '-', 'x', 'x')], [], { due: [nodeId('a')] }],
    [
      'a folder deleted there, with one in it that stays for what it holds',
      [folder('a', 'x', 'x!', 'x'), folder('b', 'a/x', 'a/x^', '-')],
      ['a waits: next'],
      { withFolders: true },
    ],
    [
      'a file moved there to a name that a new one has, which is put aside, while its own name is another’s by then',
      [file('a', 'x', 'y', 'y', {}, touched), file('c', 'y', '-', '-'), file('d', '-', 'x', '-')],
      ['aside a x (conflict)', 'a waits: next', 'd waits: next', 'c waits: next'],
    ],
    [
      'folders handed on from a moving folder to one that goes where another stood',
      [folder('c', 'w', 'v', 'w'), folder('a', 'c/x', 'b/y', 'c/x'), folder('b', 'a/y', 'c/x', 'a/y')],
      ['move c v', 'park a', 'move b c/x', 'move a b/y'],
    ],
    [
      'a folder to a place where a new one stands in the way of another, which has to wait',
      [
        file('a', 'x', 'c/y', 'x'),
        folder('b', 'z', 'y', 'z'),
        folder('c', 'b/x', 'x', 'b/x'),
        folder('d', 'c/y', '-', '-'),
      ],
      ['aside d y (conflict)', 'move b y', 'd waits: next', 'a waits: next', 'c waits: next'],
    ],
  ])('%s', (_name, rows, expected, circumstances) => expect(told(rows, circumstances)).toEqual(expected));
});

describe('in folders that go one way', () => {
  test.each<Story>([
    [
      'only sending: what is new there stays there',
      [file('a', '-', 'x', '-'), file('b', 'y', '-', '-')],
      ['say b create content attributes', 'a waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only sending: what was deleted there is not deleted here',
      [file('a', 'x', 'x!', 'x')],
      ['a waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only sending: a move there is not made here',
      [file('a', 'x', 'y', 'x')],
      ['a waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only sending: a new file under a name that the journal gave away',
      [file('a', 'x', '-', '-'), folder('b', '-', 'x', '-')],
      ['b waits: one-way', 'a waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only sending: a new file in a folder deleted there',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', '-', '-')],
      ['a waits: one-way', 'b waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only sending: a folder put into one that the journal put into it',
      [folder('a', 'b/a', 'a', 'a'), folder('b', 'b', 'a/b', 'b')],
      ['a waits: one-way', 'b waits: one-way'],
      { mode: 'send-only' },
    ],
    [
      'only receiving: what is new here stays here',
      [file('a', '-', 'x', '-'), file('b', 'y', '-', '-')],
      ['create a x', 'b waits: one-way'],
      { mode: 'receive-only' },
    ],
    [
      'only receiving: what was deleted here is not deleted there',
      [file('a', '-', 'x', 'x')],
      ['a waits: one-way'],
      { mode: 'receive-only' },
    ],
    [
      'only receiving: a name that a new file has here',
      [file('a', 'x', '-', '-'), folder('b', 'z', 'x', 'z')],
      ['a waits: one-way', 'b waits: one-way'],
      { mode: 'receive-only' },
    ],
    [
      'only receiving: an edit on both sides',
      [fileThere('a', 'x', bytes(5), bytes(6))],
      ['a waits: one-way'],
      { mode: 'receive-only' },
    ],
    [
      'only receiving: a folder that the journal put into one moved into it here',
      [folder('a', 'b/a', 'a', 'a'), folder('b', 'b', 'a/b', 'b')],
      ['a waits: one-way', 'b waits: one-way'],
      { mode: 'receive-only' },
    ],
    [
      'a name whose holder cannot leave, for what was moved into it, is not waited for',
      [folder('a', 'x', 'b/x', 'x'), folder('b', 'a/b', 'c', 'c'), file('f', 'b/x', 'x', 'b/x')],
      ['b waits: one-way', 'a waits: one-way', 'f waits: one-way'],
      { mode: 'receive-only' },
    ],
  ])('%s', (_name, rows, expected, circumstances) => expect(told(rows, circumstances)).toEqual(expected));
});

describe('touched there', () => {
  test.each<Story>([
    ['a file of several names becomes one of its own', [file('a', 'x', 'x', 'x', twoNames, touched)], ['replace a']],
    [
      'a file of several names that moves first',
      [file('a', 'x', 'y', 'x', twoNames, touched)],
      ['move a y', 'a waits: next'],
    ],
    [
      'a file of several names edited here',
      [file('a', 'x', 'x', 'x', { content: null, ...twoNames }, touched)],
      ['say a content', 'a waits: next'],
    ],
    [
      'a folder, which always has several',
      [
        rowOf({
          node: nodeId('a'),
          local: { kind: 'folder', name: 'x', stat: statOf('folder', { linkCount: 3 }) },
          remote: {
            kind: 'folder',
            name: 'x',
            attributes: { mtimeNs: null, mode: 0o700 },
            attributesVersion: 2,
          },
          synced: { kind: 'folder', name: 'x' },
        }),
      ],
      ['set-attributes a'],
    ],
  ])('%s', (_name, rows, expected) => expect(told(rows)).toEqual(expected));
});

test('what stands here is kept under a name with its ending', () => {
  const { down } = planRows([fileThere('a', 'x.txt', bytes(5), bytes(6))]);
  expect(down).toEqual([{ op: 'replace', node: nodeId('a'), keepAs: 'x (conflict, Laptop, 1970-01-01 00.00).txt' }]);
});

test('what is not loaded is asked for, also what only turns up when turns are given', () => {
  const rows = [file('a', 'y', 'x', 'x'), file('b', 'x', 'y', 'y')];
  const input = inputOf(rows, { mostJoined: 1 });
  const outcomes: string[] = [];
  for (let round = 0; round < 10 && outcomes.at(-1) !== 'planned'; round++) {
    const result = plan(input, [nodeId('a'), nodeId('b')], false);
    outcomes.push(result.outcome);
    if (result.outcome === 'needs') for (const need of result.needs) answer(input, rows, need);
  }
  expect(outcomes).toEqual(['needs', 'needs', 'planned']);
});
