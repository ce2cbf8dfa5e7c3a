import { describe, expect, test } from 'vitest';
import { agreed, syncedBySending } from './agree.ts';
import { AT, base, bytes, link, nodeId, rowOf, statOf, there } from './fixtures/rows.ts';
import type { NodeRow } from './tree.ts';

const OTHER = { mtimeNs: 9_000n, mode: 0o600 };

/** What Synced is after both sides were compared; `unchanged` when the row itself came back. */
function syncedOf(row: NodeRow): NodeRow['synced'] | 'unchanged' {
  const after = agreed(row);
  return after === row ? 'unchanged' : after.synced;
}

describe('nothing is agreed', () => {
  test.each([
    ['an entry that does not open', rowOf({ remote: { quarantined: true, placeVersion: 2 } })],
    ['a mount', rowOf({ remote: { kind: 'mount', placeVersion: 2 } })],
    ['a node deleted there that stands here', rowOf({ remote: { hidden: true, placeVersion: 2 } })],
    ['a node that is not here and was never synced', rowOf({ local: null, remote: { hidden: true }, synced: null })],
    ['a node deleted here alone', rowOf({ local: null, remote: { contentVersion: 2, content: bytes(2) } })],
    ['three equal trees', rowOf()],
    [
      'an unticked folder that stays',
      rowOf({
        local: { kind: 'folder' },
        remote: { kind: 'folder', unticked: true, placeVersion: 2 },
        synced: { kind: 'folder' },
      }),
    ],
    ['a first sight of bytes not read yet', rowOf({ local: { content: null }, synced: null })],
    ['a first sight of other bytes', rowOf({ local: { content: bytes(2) }, synced: null })],
    ['a first sight at another place', rowOf({ local: { name: 'b' }, synced: null })],
    ['a first sight of what is only here', rowOf({ remote: null, synced: null })],
    ['a later version that is not here', rowOf({ remote: { contentVersion: 2, content: bytes(2) } })],
    ['a later place that is not here', rowOf({ remote: { placeVersion: 2, name: 'b' } })],
    ['later times that are not here', rowOf({ remote: { attributesVersion: 2, attributes: OTHER } })],
    ['bytes not read yet under a later version', rowOf({ local: { content: null }, remote: { contentVersion: 2 } })],
    [
      'bytes not read on either side',
      rowOf({ local: { content: null }, remote: { content: null, contentVersion: 2 } }),
    ],
  ])('about %s', (_name, row) => {
    expect(syncedOf(row)).toBe('unchanged');
  });
});

test.each([
  ['hidden', { hidden: true }],
  ['below a hidden folder', { hiddenAbove: true }],
  ['unticked', { unticked: true }],
])('what is not here and %s there is forgotten', (_name, remote) => {
  expect(syncedOf(rowOf({ local: null, remote }))).toBeNull();
});

test('what is nowhere any more is forgotten', () => {
  expect(syncedOf(rowOf({ local: null, remote: null }))).toBeNull();
});

describe('a first sight of the same on both sides', () => {
  const versions = { placeVersion: 4, contentVersion: 5, attributesVersion: 6 };

  test('is synced with the versions of the journal', () => {
    expect(syncedOf(rowOf({ remote: versions, synced: null }))).toEqual(base(versions));
  });

  test('leaves other times and modes for the journal to put here', () => {
    expect(syncedOf(rowOf({ remote: { ...versions, attributes: OTHER }, synced: null }))).toEqual(
      base({ ...versions, attributes: null, shown: AT, attributesVersion: -1 }),
    );
  });

  test('takes the author’s having none for agreement', () => {
    expect(syncedOf(rowOf({ remote: { ...versions, attributes: null }, synced: null }))).toEqual(
      base({ ...versions, attributes: null, shown: AT }),
    );
  });

  test('of folders asks for the place alone, of links for the target', () => {
    const folder = rowOf({ local: { kind: 'folder' }, remote: { kind: 'folder', ...versions }, synced: null });
    expect(syncedOf(folder)).toEqual(base({ kind: 'folder', ...versions }));
    const linked = { kind: 'link', content: link('x') } as const;
    // Links carry no attributes, whatever the journal has.
    const one = rowOf({ local: linked, remote: { ...linked, ...versions, attributes: AT }, synced: null });
    expect(syncedOf(one)).toEqual(base({ ...linked, ...versions, attributes: AT, shown: null }));
    expect(syncedOf(rowOf({ local: linked, remote: { ...linked, content: link('y') }, synced: null }))).toBe(
      'unchanged',
    );
  });
});

test('a file that is not to be here, and is as it is there, is agreed', () => {
  const edit = { content: bytes(2) };
  expect(syncedOf(rowOf({ local: edit, remote: { ...edit, contentVersion: 2, unticked: true } }))).toEqual(
    base({ ...edit, contentVersion: 2 }),
  );
});

describe('register by register', () => {
  test('a move that both sides made is agreed', () => {
    const to = { parent: nodeId('f'), name: 'b' };
    expect(syncedOf(rowOf({ local: to, remote: { ...to, placeVersion: 2 } }))).toEqual(
      base({ ...to, placeVersion: 2 }),
    );
  });

  test('a place that went and came back is of the later version', () => {
    expect(syncedOf(rowOf({ remote: { placeVersion: 3 } }))).toEqual(base({ placeVersion: 3 }));
    expect(syncedOf(rowOf({ local: { name: 'b' }, remote: { name: 'b' } }))).toEqual(base({ name: 'b' }));
  });

  test('an edit that both sides made is agreed, and moves nothing else', () => {
    const row = rowOf({
      local: { content: bytes(2), name: 'b' },
      remote: { content: bytes(2), contentVersion: 2 },
    });
    expect(syncedOf(row)).toEqual(base({ content: bytes(2), contentVersion: 2 }));
    expect(syncedOf(rowOf({ remote: { contentVersion: 3 } }))).toEqual(base({ contentVersion: 3 }));
    const unversioned = rowOf({ local: { content: bytes(2) }, remote: { content: bytes(2) } });
    expect(syncedOf(unversioned)).toEqual(base({ content: bytes(2) }));
  });

  test('a folder’s content register follows the journal', () => {
    const folder = rowOf({
      local: { kind: 'folder' },
      remote: { kind: 'folder', contentVersion: 2 },
      synced: { kind: 'folder' },
    });
    expect(syncedOf(folder)).toEqual(base({ kind: 'folder', contentVersion: 2 }));
  });

  test('times that both sides set are agreed', () => {
    const stat = statOf('file', { mtimeNs: OTHER.mtimeNs, mode: OTHER.mode });
    expect(syncedOf(rowOf({ local: { stat }, remote: { attributes: OTHER, attributesVersion: 2 } }))).toEqual(
      base({ attributes: OTHER, shown: OTHER, attributesVersion: 2 }),
    );
    // What this disk cannot hold is carried through: it shows the same as before.
    const coarse = { attributes: { mtimeNs: 1_234n, mode: AT.mode }, shown: AT };
    expect(
      syncedOf(rowOf({ remote: { ...{ attributes: coarse.attributes }, attributesVersion: 2 }, synced: coarse })),
    ).toEqual(base({ ...coarse, attributesVersion: 2 }));
  });

  test('times that this disk had cut off and now shows in full are agreed without a new version', () => {
    const full = { mtimeNs: 1_234n, mode: AT.mode };
    const synced = { attributes: full, shown: AT };
    const stat = statOf('file', { mtimeNs: full.mtimeNs });
    const row = rowOf({ local: { stat }, remote: { attributes: full }, synced });
    expect(syncedOf(row)).toEqual(base({ attributes: full, shown: full }));
    // Others are news for the journal.
    const others = statOf('file', { mtimeNs: OTHER.mtimeNs });
    expect(syncedOf(rowOf({ local: { stat: others }, remote: { attributes: full }, synced }))).toBe('unchanged');
    expect(syncedOf(rowOf({ local: { stat: others }, remote: { attributes: null }, synced }))).toBe('unchanged');
  });

  test('times without a new version are left as they are', () => {
    expect(syncedOf(rowOf({ remote: { attributes: OTHER } }))).toBe('unchanged');
  });

  test('an author without any agrees', () => {
    expect(syncedOf(rowOf({ remote: { attributes: null, attributesVersion: 2 } }))).toEqual(
      base({ attributes: null, attributesVersion: 2 }),
    );
  });
});

describe('after an entry of this very device', () => {
  const sent = there({ content: bytes(2), contentVersion: 2 });

  test('a delete leaves nothing synced', () => {
    expect(syncedBySending(rowOf({ local: null }), there({ hidden: true, placeVersion: 2 }))).toBeNull();
  });

  test('a name that does not open leaves Synced alone', () => {
    const row = rowOf();
    expect(syncedBySending(row, there({ name: null, placeVersion: 2 }))).toBe(row.synced);
  });

  test('only what was sent is synced, whatever stands here by now', () => {
    expect(syncedBySending(rowOf({ local: { content: bytes(3), name: 'z' } }), sent)).toEqual(
      base({ content: bytes(2), contentVersion: 2 }),
    );
    const to = { parent: nodeId('f'), name: 'b', placeVersion: 2 };
    expect(syncedBySending(rowOf(), there({ ...to, content: bytes(7) }))).toEqual(base(to));
  });

  test('what came from the journal and is not here yet is not synced by it', () => {
    const theirs = { name: 'b', placeVersion: 2, attributes: OTHER, attributesVersion: 2 };
    expect(
      syncedBySending(rowOf({ remote: theirs }), there({ ...theirs, content: bytes(2), contentVersion: 2 })),
    ).toEqual(base({ content: bytes(2), contentVersion: 2 }));
  });

  test('a new node is synced as it was sent', () => {
    expect(syncedBySending(rowOf({ remote: null, synced: null }), there({ attributes: OTHER }))).toEqual(
      base({ attributes: OTHER, shown: OTHER }),
    );
    expect(syncedBySending(rowOf({ local: null, remote: null, synced: null }), there())).toEqual(base());
  });

  test('a node that went unseen meanwhile is not synced', () => {
    expect(syncedBySending(rowOf({ local: null, synced: null }), sent)).toBeNull();
  });

  test('a node brought back is synced as it was sent, also when it was deleted here meanwhile', () => {
    expect(
      syncedBySending(rowOf({ local: null, remote: { hidden: true }, synced: null }), there({ placeVersion: 3 })),
    ).toEqual(base({ placeVersion: 3 }));
    expect(syncedBySending(rowOf({ remote: { hidden: true }, synced: null }), there({ placeVersion: 3 }))).toEqual(
      base({ placeVersion: 3 }),
    );
  });

  test('fields that were sent are what the disk showed, the others are shown as before', () => {
    const synced = { attributes: { mtimeNs: 1_234n, mode: 0o644 }, shown: { mtimeNs: 1_000n, mode: 0o666 } };
    const of = (attributes: typeof AT | null) =>
      syncedBySending(
        rowOf({ remote: { attributes: synced.attributes }, synced }),
        there({ attributes, attributesVersion: 2 }),
      );
    expect(of({ mtimeNs: 1_234n, mode: 0o600 })?.shown).toEqual({ mtimeNs: 1_000n, mode: 0o600 });
    expect(of({ mtimeNs: 5_000n, mode: 0o644 })?.shown).toEqual({ mtimeNs: 5_000n, mode: 0o666 });
    expect(of(null)).toMatchObject({ attributes: null, shown: null, attributesVersion: 2 });
    for (const none of [{ attributes: null }, { shown: null }] as const) {
      const row = rowOf({ synced: { ...synced, ...none } });
      for (const sent of [OTHER, synced.attributes])
        expect(syncedBySending(row, there({ attributes: sent, attributesVersion: 2 }))?.shown).toEqual(sent);
    }
  });
});
