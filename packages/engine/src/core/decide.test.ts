/* The policy table, row by row. */
import { describe, expect, test } from 'vitest';
import { attributesToSend, decide, type Decision } from './decide.ts';
import { AT, base, bytes, here, nodeId, rowOf, statOf } from './fixtures/rows.ts';
import type { NodeRow } from './tree.ts';

const REST = { place: 'same', content: 'same', attributes: 'same' } as const;
const both = (over: Partial<Decision> = {}): Decision => ({ fate: 'both', ...REST, ...over });
const plain = (fate: Decision['fate']): Decision => ({ fate, ...REST });
const TOUCHED = statOf('file', { mtimeNs: 7_000n });
const LATER = { mtimeNs: 8_000n, mode: 0o600 };
const FOLDER = { local: { kind: 'folder' }, remote: { kind: 'folder' }, synced: { kind: 'folder' } } as const;
const edit = { content: bytes(2) };
const theirEdit = { content: bytes(3), contentVersion: 2 };
const folderRow = (local: object | null, remote: object | null, synced: object | null = {}): NodeRow =>
  rowOf({
    local: local === null ? null : { ...FOLDER.local, ...local },
    remote: remote === null ? null : { ...FOLDER.remote, ...remote },
    synced: synced === null ? null : { ...FOLDER.synced, ...synced },
  });

describe('left alone', () => {
  test.each([
    ['an entry that does not open', rowOf({ local: edit, remote: { quarantined: true } })],
    ['a mount', rowOf({ local: edit, remote: { kind: 'mount' } })],
    ['what is nowhere', rowOf({ local: null, remote: null, synced: null })],
    ['what was deleted there and never here', rowOf({ local: null, remote: { hidden: true }, synced: null })],
    ['a folder that stays for what it holds', folderRow({}, { hidden: true }, null)],
    ['an unticked node that is not here', rowOf({ local: null, remote: { unticked: true }, synced: null })],
    ['an unticked folder that stays', folderRow({}, { unticked: true }, null)],
  ])('%s', (_name, row) => expect(decide(row)).toEqual(plain('none')));
});

describe('one side alone', () => {
  test.each([
    ['deleted on both sides: forgotten', rowOf({ local: null, remote: { hidden: true } }), 'drop'],
    ['gone along with its folder', rowOf({ local: null, remote: { hiddenAbove: true } }), 'drop'],
    ['not even in the journal', rowOf({ local: null, remote: null }), 'drop'],
    ['only here', rowOf({ remote: null, synced: null }), 'create-up'],
    ['only here, synced with a journal that forgot it', rowOf({ remote: null }), 'create-up'],
    ['only there', rowOf({ local: null, synced: null }), 'create-down'],
    ['deleted here, the same there', rowOf({ local: null }), 'delete-up'],
    ['deleted here, edited there', rowOf({ local: null, remote: theirEdit }), 'create-down'],
    ['deleted here, renamed there', rowOf({ local: null, remote: { name: 'b' } }), 'create-down'],
    [
      'deleted here, touched there',
      rowOf({ local: null, remote: { attributes: LATER, attributesVersion: 2 } }),
      'delete-up',
    ],
    ['deleted there, the same here', rowOf({ remote: { hidden: true } }), 'delete-down'],
    ['deleted there, touched here', rowOf({ local: { stat: TOUCHED }, remote: { hidden: true } }), 'delete-down'],
    ['deleted there with its folder, the same here', rowOf({ remote: { hiddenAbove: true } }), 'delete-down'],
    ['deleted there, edited here', rowOf({ local: edit, remote: { hidden: true } }), 'restore-up'],
    ['deleted there, moved here', rowOf({ local: { parent: nodeId('f') }, remote: { hidden: true } }), 'restore-up'],
    ['deleted there, its bytes not read here', rowOf({ local: { content: null }, remote: { hidden: true } }), 'look'],
    ['deleted there, never synced here', rowOf({ remote: { hidden: true }, synced: null }), 'restore-up'],
    ['a folder deleted there', folderRow({}, { hidden: true }), 'delete-down'],
    ['a folder deleted there, renamed here', folderRow({ name: 'b' }, { hidden: true }), 'restore-up'],
  ] as const)('%s', (_name, row, fate) => expect(decide(row)).toEqual(plain(fate)));
});

describe('not to be on this device', () => {
  const remote = { unticked: true };
  test.each([
    ['gone here: forgotten', rowOf({ local: null, remote }), 'drop'],
    ['held by the server: leaves', rowOf({ remote }), 'withdraw'],
    ['edited here: stays', rowOf({ local: edit, remote }), 'held'],
    ['moved here: stays', rowOf({ local: { name: 'b' }, remote }), 'held'],
    ['never synced: stays', rowOf({ remote, synced: null }), 'held'],
    ['its bytes not read: looked at', rowOf({ local: { content: null }, remote }), 'look'],
    ['a folder leaves', folderRow({}, remote), 'withdraw'],
    ['a moved folder stays', folderRow({ name: 'b' }, remote), 'held'],
  ] as const)('%s', (_name, row, fate) => expect(decide(row)).toEqual(plain(fate)));
});

describe('on both sides and never synced', () => {
  const synced = null;
  const differ = { stat: TOUCHED };
  test.each([
    ['the same', rowOf({ synced }), both()],
    ['other times', rowOf({ local: differ, synced }), both({ attributes: 'down' })],
    ['the author had no times', rowOf({ local: differ, remote: { attributes: null }, synced }), both()],
    ['another place', rowOf({ local: { name: 'b' }, synced }), both({ place: 'down' })],
    ['other bytes', rowOf({ local: { ...edit, ...differ }, synced }), both({ content: 'conflict' })],
    ['bytes not read', rowOf({ local: { content: null, ...differ }, synced }), both({ content: 'look' })],
    [
      'bytes not read at another place',
      rowOf({ local: { content: null, name: 'b' }, synced }),
      both({ content: 'look', place: 'down' }),
    ],
    ['a folder', folderRow({ stat: statOf('folder', { mode: 0o700 }) }, {}, synced), both({ attributes: 'down' })],
    ['a folder at another place', folderRow({ name: 'b' }, {}, synced), both({ place: 'down' })],
  ] as const)('%s', (_name, row, expected) => expect(decide(row)).toEqual(expected));
});

describe('on both sides, register by register', () => {
  test.each([
    ['at rest', rowOf(), both()],
    ['moved here', rowOf({ local: { name: 'b' } }), both({ place: 'up' })],
    ['moved there', rowOf({ remote: { name: 'b' } }), both({ place: 'down' })],
    [
      'moved on both sides: the journal’s order wins',
      rowOf({ local: { name: 'b' }, remote: { name: 'c' } }),
      both({ place: 'down' }),
    ],
    ['edited here', rowOf({ local: edit }), both({ content: 'up' })],
    ['edited there', rowOf({ remote: theirEdit }), both({ content: 'down' })],
    ['edited on both sides', rowOf({ local: edit, remote: theirEdit }), both({ content: 'conflict' })],
    ['edited there and back', rowOf({ local: edit, remote: { contentVersion: 3 } }), both({ content: 'up' })],
    ['bytes not read', rowOf({ local: { content: null } }), both({ content: 'up' })],
    ['bytes not read, edited there', rowOf({ local: { content: null }, remote: theirEdit }), both({ content: 'look' })],
    [
      'bytes not read, edited there and back',
      rowOf({ local: { content: null }, remote: { contentVersion: 3 } }),
      both({ content: 'up' }),
    ],
    ['the same edit on both sides', rowOf({ local: edit, remote: { ...edit, contentVersion: 2 } }), both()],
    [
      'other bytes there under the version that was synced',
      rowOf({ remote: { content: bytes(2) } }),
      both({ content: 'up' }),
    ],
    ['touched here', rowOf({ local: { stat: TOUCHED } }), both({ attributes: 'up' })],
    ['touched there', rowOf({ remote: { attributes: LATER, attributesVersion: 2 } }), both({ attributes: 'down' })],
    [
      'touched on both sides',
      rowOf({ local: { stat: TOUCHED }, remote: { attributes: LATER, attributesVersion: 2 } }),
      both({ attributes: 'down' }),
    ],
    ['touched there by an author without times', rowOf({ remote: { attributes: null, attributesVersion: 2 } }), both()],
    [
      'edited and touched here, touched there',
      rowOf({ local: { ...edit, stat: TOUCHED }, remote: { attributes: LATER, attributesVersion: 2 } }),
      both({ content: 'up', attributes: 'up' }),
    ],
    [
      'edited here, touched there',
      rowOf({ local: edit, remote: { attributes: LATER, attributesVersion: 2 } }),
      both({ content: 'up', attributes: 'down' }),
    ],
    ['edited there, touched here', rowOf({ local: { stat: TOUCHED }, remote: theirEdit }), both({ content: 'down' })],
    [
      'edited there with new times',
      rowOf({ remote: { ...theirEdit, attributes: LATER, attributesVersion: 2 } }),
      both({ content: 'down' }),
    ],
    [
      'edited on both sides, touched here',
      rowOf({ local: { ...edit, stat: TOUCHED }, remote: theirEdit }),
      both({ content: 'conflict' }),
    ],
    [
      'bytes not read, edited there, touched here',
      rowOf({ local: { content: null, stat: TOUCHED }, remote: theirEdit }),
      both({ content: 'look' }),
    ],
    ['a folder has no bytes', folderRow({}, { contentVersion: 2 }), both()],
    ['a folder’s mode', folderRow({ stat: statOf('folder', { mode: 0o700 }) }, {}), both({ attributes: 'up' })],
  ] as const)('%s', (_name, row, expected) => expect(decide(row)).toEqual(expected));
});

describe('attributes to send', () => {
  const synced = base({ attributes: { mtimeNs: 1_234n, mode: 0o755 }, shown: AT });

  test('are what the user changed, and for the rest what the journal says', () => {
    expect(attributesToSend(here(), synced)).toEqual(synced.attributes);
    expect(attributesToSend(here({ stat: TOUCHED }), synced)).toEqual({ mtimeNs: 7_000n, mode: 0o755 });
    expect(attributesToSend(here({ stat: statOf('file', { mode: 0o600 }) }), synced)).toEqual({
      mtimeNs: 1_234n,
      mode: 0o600,
    });
  });

  test('are what the disk shows where nothing was synced', () => {
    for (const before of [null, base({ attributes: null }), base({ shown: null })])
      expect(attributesToSend(here(), before)).toEqual(AT);
  });

  test('are none of a link', () => {
    expect(attributesToSend(here({ kind: 'link', stat: statOf('link') }), synced)).toBeNull();
  });
});
