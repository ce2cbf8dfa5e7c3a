import { expect, test } from 'vitest';
import { bytesToMove } from './bytes-to-move.ts';
import { bytes, link, rowOf, statOf } from './fixtures/rows.ts';

const stat = statOf('file', { sizeBytes: 70 });
const theirs = { content: bytes(30), contentVersion: 2 };

test.each([
  ['at rest', rowOf({ local: { stat } }), 0],
  ['edited here', rowOf({ local: { stat, content: bytes(7) } }), 70],
  ['not read yet', rowOf({ local: { stat, content: null } }), 70],
  ['only here', rowOf({ local: { stat }, remote: null, synced: null }), 70],
  ['only here, not read yet', rowOf({ local: { stat, content: null }, remote: null, synced: null }), 70],
  ['edited here, not the same there', rowOf({ local: { stat, content: bytes(7) }, remote: theirs }), 70],
  ['the same on both sides and never synced', rowOf({ local: { stat }, synced: null }), 0],
  ['edited there', rowOf({ local: { stat }, remote: theirs }), 30],
  ['only there', rowOf({ local: null, remote: theirs, synced: null }), 30],
  ['edited there, deleted there', rowOf({ local: null, remote: { ...theirs, hidden: true }, synced: null }), 0],
  ['not to be here', rowOf({ local: { stat, content: bytes(7) }, remote: { ...theirs, unticked: true } }), 0],
  ['nothing at all', rowOf({ local: null, remote: null, synced: null }), 0],
  [
    'a link edited here',
    rowOf({
      local: { kind: 'link', stat, content: link('y') },
      remote: { kind: 'link', content: link('x') },
      synced: { kind: 'link', content: link('x') },
    }),
    0,
  ],
  ['a link edited there', rowOf({ local: null, remote: { kind: 'link', content: link('x') }, synced: null }), 0],
  ['a folder', rowOf({ local: { kind: 'folder', stat }, remote: null, synced: null }), 0],
])('%s', (_name, row, count) => expect(bytesToMove(row)).toBe(count));
