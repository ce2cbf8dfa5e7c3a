import { expect, test } from 'vitest';
import { AT, base, bytes, nodeId, rowOf, statOf } from './fixtures/rows.ts';
import { rebase } from './rebase.ts';

const LATER = { mtimeNs: 9_000n, mode: 0o600 };

test('a row as old as the restored journal stays as it is', () => {
  const row = rowOf();
  expect(rebase(row, 1)).toEqual(row);
});

test('what was touched since, deleted or lost counts as never seen', () => {
  const differs = { local: { content: bytes(5) } };
  for (const remote of [{ lastSeq: 2 }, { hidden: true }, { hiddenAbove: true }])
    expect(rebase(rowOf({ ...differs, remote }), 1).synced).toBeNull();
  expect(rebase(rowOf({ ...differs, remote: null }), 1).synced).toBeNull();
  expect(rebase(rowOf({ ...differs, remote: { lastSeq: 1 } }), 1).synced).toEqual(base());
});

test('what was never synced is compared with what stands there', () => {
  expect(rebase(rowOf({ synced: null }), 0).synced).toEqual(base());
});

test('registers that are older there are the ancestors of what stands here', () => {
  const place = rowOf({
    local: { name: 'b' },
    remote: { parent: nodeId('f') },
    synced: { name: 'b', placeVersion: 2 },
  });
  expect(rebase(place, 1).synced).toEqual(base({ parent: nodeId('f') }));
  const content = rowOf({ local: { content: bytes(2) }, synced: { content: bytes(2), contentVersion: 2 } });
  expect(rebase(content, 1).synced).toEqual(base());
  const times = rowOf({
    local: { content: bytes(2) },
    remote: { attributes: LATER },
    synced: { attributes: AT, shown: AT, attributesVersion: 2 },
  });
  expect(rebase(times, 1).synced).toEqual(base({ attributes: LATER, shown: LATER }));
});

test('registers of the same or of a later version stay what was synced', () => {
  const ours = { name: 'z', content: bytes(8), attributes: LATER, shown: LATER };
  const local = { name: 'y', content: bytes(9), stat: statOf('file', { mode: 0o700 }) };
  expect(rebase(rowOf({ local, synced: ours }), 1).synced).toEqual(base(ours));
  const later = { placeVersion: 2, contentVersion: 2, attributesVersion: 2 };
  expect(rebase(rowOf({ local, remote: later, synced: ours }), 1).synced).toEqual(base(ours));
});

test('a name that does not open is no ancestor', () => {
  const synced = { name: 'z', placeVersion: 2 };
  expect(rebase(rowOf({ remote: { name: null }, synced }), 1).synced).toEqual(base(synced));
});
