/* Whole plans, exactly: what is done on this disk, and in which order, and what the others wait for. */
import { describe, expect, test } from 'vitest';
import { file, folder, fileThere, told, type Story } from './fixtures/plan-stories.ts';
import { bytes, nodeId, rowOf } from './fixtures/rows.ts';

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
  ])('%s', (_name, rows, expected, circumstances) => expect(told(rows, circumstances)).toEqual(expected));
});
