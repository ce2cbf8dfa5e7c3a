import { expect, test } from 'vitest';
import { base, nodeId, rowOf } from './fixtures/rows.ts';
import { emptiedResidue } from './residue.ts';

const kind = 'folder';
const versions = { placeVersion: 2, contentVersion: 3, attributesVersion: 4 };
const place = { parent: nodeId('f'), name: 'x' };

test.each([{ hidden: true }, { hiddenAbove: true }, { unticked: true }])(
  'a folder that stayed (%o) is planned again from where it stands',
  (why) => {
    const row = rowOf({ local: { kind, ...place }, remote: { kind, ...why, ...versions }, synced: null });
    expect(emptiedResidue(row)).toEqual({
      ...row,
      synced: base({ kind, ...place, ...versions, attributes: null, shown: null }),
    });
  },
);

test.each([
  ['a file', rowOf({ remote: { hidden: true }, synced: null })],
  ['what is not here', rowOf({ local: null, remote: { kind, hidden: true }, synced: null })],
  ['what is only here', rowOf({ local: { kind }, remote: null, synced: null })],
  ['what lives on', rowOf({ local: { kind }, remote: { kind }, synced: null })],
  ['what is synced', rowOf({ local: { kind }, remote: { kind, hidden: true }, synced: { kind } })],
])('%s is none', (_name, row) => expect(emptiedResidue(row)).toBeNull());
