/* Whole plans, exactly: what is said to the journal, and in which order, and what the others wait for. */
import { describe, expect, test } from 'vitest';
import { file, folder, told, type Story } from './fixtures/plan-stories.ts';
import { AT, bytes, link, nodeId, rowOf, statOf } from './fixtures/rows.ts';

describe('said to the journal', () => {
  test.each<Story>([
    [
      'a swap is one changeset',
      [file('a', 'y', 'x', 'x'), file('b', 'x', 'y', 'y')],
      ['say a place', 'say b place (joined)'],
    ],
    [
      'a swap of edited files says the names first',
      [file('a', 'y', 'x', 'x', { content: null }), file('b', 'x', 'y', 'y', { content: bytes(5) })],
      ['say a place', 'say b place (joined)'],
    ],
    [
      'a circle of three that does not fit is opened by a passing name',
      [file('a', 'y.txt', 'x', 'x'), file('b', 'z', 'y.txt', 'y.txt'), file('c', 'x', 'z', 'z')],
      ['say a place y (moving a-------).txt', 'say c place', 'say b place'],
      { mostJoined: 2 },
    ],
    [
      'a circle that just fits is not opened',
      [file('a', 'y', 'x', 'x'), file('b', 'x', 'y', 'y')],
      ['say a place', 'say b place (joined)'],
      { mostJoined: 2 },
    ],
    [
      'a passing name that is taken here is not used',
      [
        folder('a', 'y.d', 'x', 'x'),
        folder('b', 'x', 'y.d', 'y.d'),
        file('c', 'y.d (moving b-------)', '-', '-'),
        file('d', 'y.d (moving a-------)', '-', '-'),
      ],
      [
        'say c create content attributes',
        'say d create content attributes',
        'say a place y.d (moving a------- 2)',
        'say b place',
      ],
      { mostJoined: 1 },
    ],
    [
      'a row of names, from its end',
      [file('a', 'y', 'x', 'x'), file('b', 'z', 'y', 'y')],
      ['say b place', 'say a place'],
    ],
    [
      'a new file takes a name that is given up',
      [file('a', 'y', 'x', 'x'), file('b', 'x', '-', '-')],
      ['say a place', 'say b create content attributes'],
    ],
    [
      'a new file takes the name of a deleted one',
      [file('a', '-', 'x', 'x'), file('b', 'x', '-', '-')],
      ['say a hide', 'say b create content attributes'],
    ],
    [
      'a new folder takes the name of one that moves into it',
      [folder('a', 'n/a', 'x', 'x'), folder('n', 'x', '-', '-')],
      ['say n create content attributes', 'say a place (joined)'],
    ],
    [
      'such a folder where that does not fit into one changeset',
      [folder('a', 'n/a', 'x', 'x'), folder('n', 'x', '-', '-')],
      ['say n create content attributes x (moving n-------)', 'say a place'],
      { mostJoined: 1 },
    ],
    [
      'new things from the top down',
      [file('f', 'b/f', '-', '-'), folder('b', 'a/b', '-', '-'), folder('a', 'a', '-', '-')],
      ['say a create content attributes', 'say b create content attributes', 'say f create content attributes'],
    ],
    [
      'two folders change places with each other, one above the other',
      [folder('a', 'b/x', 'x', 'x'), folder('b', 'x', 'a/y', 'a/y')],
      ['say b place', 'say a place (joined)'],
    ],
    [
      'the same, where it does not fit',
      [folder('a', 'b/x', 'x', 'x'), folder('b', 'x', 'a/y', 'a/y')],
      ['say b place x (moving b-------)', 'say a place'],
      { mostJoined: 1 },
    ],
    [
      'a file edited and touched',
      [file('a', 'x', 'x', 'x', { content: bytes(7), stat: statOf('file', { mtimeNs: 9n }) })],
      ['say a content attributes'],
    ],
    [
      'a file touched alone',
      [file('a', 'x', 'x', 'x', { stat: statOf('file', { mtimeNs: 9n }) })],
      ['say a attributes'],
    ],
    ['a file moved and edited', [file('a', 'y', 'x', 'x', { content: bytes(7) })], ['say a place content']],
    [
      'a deleted folder says all that was in it',
      [folder('a', '-', 'x', 'x'), file('b', '-', 'a/y', 'a/y'), folder('c', '-', 'a/z', 'a/z')],
      ['say a hide', 'b waits: covered', 'c waits: covered'],
    ],
    [
      'a folder that is deleted after something left it',
      [folder('a', '-', 'x', 'x'), file('b', 'y', 'a/y', 'a/y')],
      ['say b place', 'a waits: next'],
    ],
    [
      'a folder deleted here in which something is new there comes back',
      [folder('a', '-', 'x', 'x'), file('b', '-', 'a/y', 'a/y'), file('c', '-', 'a/n', '-')],
      ['create a x', 'create c a/n', 'say b hide'],
    ],
    [
      'of a deleted folder what was edited there comes back alone',
      [folder('a', '-', 'x', 'x'), file('b', '-', 'a/y', 'a/y'), file('c', '-', 'a/z', 'a/w')],
      ['create a x', 'create c a/z', 'say b hide'],
    ],
    [
      'an edit in a folder deleted there goes on in a new folder',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y', { content: bytes(8) })],
      ['rekey a', 'a waits: next', 'b waits: next'],
    ],
    [
      'a new file in a folder deleted there',
      [folder('a', 'x', 'x!', 'x'), file('b', 'a/y', '-', '-')],
      ['rekey a', 'a waits: next', 'b waits: next'],
    ],
    [
      'a folder moved here and deleted there is brought back with what was in it',
      [folder('a', 'z', 'x!', 'x'), file('b', 'a/y', 'a/y^', 'a/y')],
      ['say a place', 'b waits: next'],
    ],
    [
      'an edited file deleted there is said again, bytes and all',
      [file('a', 'x', 'x!', 'x', { content: bytes(8), stat: statOf('file', { mtimeNs: 9n }) })],
      ['say a place content attributes'],
    ],
    ['a moved file deleted there is said again', [file('a', 'y', 'x!', 'x')], ['say a place']],
    [
      'a new file under a name that the journal gave away goes on beside it',
      [file('a', 'x', '-', '-'), folder('b', '-', 'x', '-')],
      ['aside a x (conflict)', 'a waits: next', 'b waits: next'],
    ],
    [
      'a new file that may be the one the journal has',
      [file('a', 'x', '-', '-'), file('b', '-', 'x', '-')],
      ['adopt a into b', 'a waits: next', 'b waits: next'],
    ],
    [
      'a new file in a new folder that is to become another',
      [folder('a', 'x', '-', '-'), folder('b', '-', 'x', '-'), file('c', 'a/f', '-', '-')],
      ['adopt a into b', 'a waits: next', 'b waits: next', 'c waits: next'],
    ],
    [
      'a new file under the name of one that is not to be here',
      [file('a', 'x', '-', '-'), file('b', '-', 'x~', '-')],
      ['aside a x (conflict)', 'a waits: next'],
    ],
    [
      'a new file in a folder that is not to be here',
      [folder('a', 'x', 'x~', 'x'), file('b', 'a/f', '-', '-')],
      ['a waits: next', 'b waits: unticked'],
    ],
    [
      'a new file under the name of one that waits',
      [file('a', 'y', 'x', 'x'), file('b', 'x', '-', '-')],
      ['a waits: parked', 'b waits: parked'],
      { isParked: (node) => node === nodeId('a') },
    ],
    [
      'a new file under the name of one that is left out',
      [file('a', 'y', 'x', 'x'), file('b', 'x', '-', '-')],
      ['aside b x (conflict)', 'a waits: ignored', 'b waits: next'],
      { isIgnored: (path) => path === 'y' },
    ],
    [
      'a name held by what cannot be read',
      [
        file('a', 'y', '-', '-'),
        rowOf({ node: nodeId('q'), local: null, remote: { name: 'y', quarantined: true }, synced: null }),
      ],
      ['aside a y (conflict)', 'a waits: next'],
    ],
    [
      'a folder put into what was in it',
      [folder('a', 'b/a', 'a', 'a'), folder('b', 'b', 'a/b', 'a/b')],
      ['say b place', 'say a place'],
    ],
    [
      'a folder put into one that the journal put into it is taken back',
      [folder('a', 'b/a', 'a', 'a'), folder('b', 'b', 'a/b', 'b')],
      ['move a a', 'move b a/b'],
    ],
    [
      'what leaves a folder is said before its deletion, where it takes its name',
      [folder('a', '-', 'x', 'x'), folder('b', 'x', 'a/y', 'a/y'), file('c', 'z', 'a/c', 'a/c')],
      ['say c place', 'say b place', 'say a hide (joined)'],
    ],
    [
      'the same, where it does not fit into one changeset',
      [folder('a', '-', 'x', 'x'), folder('b', 'x', 'a/y', 'a/y'), file('c', 'z', 'a/c', 'a/c')],
      ['say c place', 'say b place x (moving b-------)', 'say a hide'],
      { mostJoined: 1 },
    ],
    [
      'a circle of names beside a deletion: that is no part of it',
      [folder('a', 'y', 'x', 'x'), folder('b', 'a/x', 'y', 'y'), folder('c', '-', 'z', 'z')],
      ['say c hide', 'say a place', 'say b place (joined)'],
      { mostJoined: 2 },
    ],
    [
      'a circle with a new folder fits where that counts as one, which brings no bytes',
      [folder('a', 'x', '-', '-'), folder('b', 'a/x', 'x', 'x')],
      ['say a create content attributes', 'say b place (joined)'],
      { mostJoined: 33 },
    ],
    [
      'such a circle that does not fit',
      [folder('a', 'x', '-', '-'), folder('b', 'a/x', 'x', 'x')],
      ['say a create content attributes x (moving a-------)', 'say b place'],
      { mostJoined: 32 },
    ],
    [
      'a circle of names in a moved folder that does not fit',
      [folder('f', 'g', 'f', 'f'), file('a', 'f/y', 'f/x', 'f/x'), file('b', 'f/x', 'f/y', 'f/y')],
      ['say f place', 'say a place y (moving a-------)', 'say b place'],
      { mostJoined: 1 },
    ],
    [
      'a circle in which one takes a name that was free before ends where it ends',
      [
        file('h', '-', 'm/x', 'm/x'),
        folder('m', 'p', 'q', 'q'),
        file('n', 'm/x', 'p', 'p'),
        file('k', 'm/k', '-', '-'),
      ],
      ['say h hide', 'say m place', 'say n place (joined)', 'say k create content attributes'],
    ],
    [
      'bytes beside a swap are no part of it',
      [
        file('a', 'x', 'y', 'y'),
        file('b', 'z', 'z', 'z', { content: null }),
        file('c', 'y', 'x', 'x', { content: null }),
      ],
      ['say a place', 'say c place (joined)', 'say b content'],
    ],
    [
      'what is deleted is said before what is new',
      [folder('a', 'x', '-', '-'), folder('b', '-', 'y', 'y')],
      ['say b hide', 'say a create content attributes'],
    ],
    [
      'a folder that takes the name of the deleted one it leaves, and holds something new',
      [folder('a', 'x', 'b/y', 'b/y'), folder('b', '-', 'x', 'x'), folder('d', 'a/x', '-', '-')],
      ['say a place', 'say b hide (joined)', 'say d create content attributes'],
    ],
    [
      'a link led elsewhere and deleted there is said again, without the times that it does not have',
      [
        rowOf({
          node: nodeId('a'),
          local: { kind: 'link', name: 'x', content: link('b') },
          remote: { kind: 'link', name: 'x', content: link('a'), hidden: true, placeVersion: 2, attributes: AT },
          synced: { kind: 'link', name: 'x', content: link('a') },
        }),
      ],
      ['say a place content'],
    ],
    [
      'a moved folder deleted there is said again; its mode follows',
      [
        rowOf({
          node: nodeId('a'),
          local: { kind: 'folder', name: 'y', stat: statOf('folder', { mode: 0o700 }) },
          remote: { kind: 'folder', name: 'x', hidden: true, placeVersion: 2 },
          synced: { kind: 'folder', name: 'x' },
        }),
      ],
      ['say a place'],
    ],
    [
      'a file moved here, edited there and not read yet, under a name that the journal gave away',
      [file('a', 'y', 'x', 'x', { content: null }, { content: bytes(6), contentVersion: 2 }), file('b', '-', 'y', '-')],
      ['aside a y (conflict)', 'a waits: next', 'b waits: next'],
    ],
  ])('%s', (_name, rows, expected, circumstances) => expect(told(rows, circumstances)).toEqual(expected));
});

describe('left out', () => {
  const isIgnored = (path: string): boolean => path === 'x';

  test.each<Story>([
    ['taken out by a move made here, it is moved there', [file('a', 'y', 'x', 'x')], ['say a place']],
    ['moved here to a name that is left out', [file('a', 'x', 'y', 'y')], ['a waits: ignored']],
    ['taken out by a move made there, it is moved here', [file('a', 'x', 'y', 'x')], ['move a y']],
    ['moved there to a name that is left out', [file('a', 'y', 'x', 'y')], ['a waits: ignored']],
    ['deleted here it stays there', [file('a', '-', 'x', 'x')], ['a waits: ignored']],
    ['moved and deleted there it stays here', [file('a', 'x', 'y!', 'x')], ['a waits: ignored']],
    ['known there under another name, and never synced', [file('a', 'x', 'y', '-')], ['a waits: ignored']],
  ])('%s', (_name, rows, expected) => expect(told(rows, { isIgnored })).toEqual(expected));

  test('a rule for folders is about what is a folder here, or there', () => {
    const rows = [file('a', 'x', '-', '-'), folder('b', 'y', '-', '-'), folder('c', '-', 'z', '-')];
    expect(told(rows, { isIgnored: (_path, isFolder) => isFolder })).toEqual([
      'say a create content attributes',
      'b waits: ignored',
      'c waits: ignored',
    ]);
  });

  test('no rule is about what has no path that can be read', () => {
    const sealed = rowOf({ node: nodeId('q'), local: null, remote: { kind: 'folder', name: null }, synced: null });
    const rules = (path: string): boolean => path.startsWith('z');
    expect(told([sealed, file('b', '-', 'q/y', '-')], { isIgnored: rules })).toContain('b waits: blocked');
  });
});
