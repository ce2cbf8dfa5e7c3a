import { describe, expect, test } from 'vitest';
import { LIMITS } from '@onefold/protocol';
import { agreed } from './agree.ts';
import { decide } from './decide.ts';
import { bytes, nodeId, rowOf, statOf } from './fixtures/rows.ts';
import { isChangedOver, isOverlooked, overlook, unseenAfter } from './overlook.ts';
import { isSafe, isSettled } from './settled.ts';

/** Version 2, which the server has lost; version 1 was synced here. */
const LOST = { content: bytes(9), contentVersion: 2 };
const edit = { content: bytes(3) };

describe('what was changed here of a file whose version is lost', () => {
  test.each([
    ['edited', rowOf({ local: edit, remote: LOST }), true],
    ['as it was', rowOf({ remote: LOST }), false],
    ['touched', rowOf({ local: { stat: statOf('file', { mtimeNs: 7n }) }, remote: LOST }), false],
    ['moved', rowOf({ local: { name: 'b' }, remote: LOST }), false],
    ['its bytes not read', rowOf({ local: { content: null }, remote: LOST }), false],
    ['the lost bytes', rowOf({ local: { content: bytes(9) }, remote: LOST }), false],
    ['a file where none was', rowOf({ local: { content: null }, remote: LOST, synced: null }), true],
    ['overlooked already', overlook(rowOf({ local: edit, remote: LOST })), false],
    ['deleted there', rowOf({ local: edit, remote: { ...LOST, hidden: true } }), false],
    ['a folder', rowOf({ local: { kind: 'folder', name: 'b' }, remote: { kind: 'folder' } }), false],
  ])('%s: %s', (_name, row, changed) => {
    expect(isChangedOver(row, true)).toBe(changed);
    expect(isChangedOver(row, false)).toBe(changed);
  });

  test.each([
    ['that stood when it turned out to be lost', rowOf({ local: null, remote: LOST }), true, true],
    ['that had gone before', rowOf({ local: null, remote: LOST }), false, false],
    ['that never was here', rowOf({ local: null, remote: LOST, synced: null }), true, false],
    ['moved elsewhere meanwhile', rowOf({ local: null, remote: { ...LOST, name: 'b' } }), true, false],
  ])('the delete of one %s', (_name, row, stood, changed) => expect(isChangedOver(row, stood)).toBe(changed));
});

describe('a version that was overlooked', () => {
  test('is no news: what stands here is an edit of it, also where it is what stood here before', () => {
    for (const content of [bytes(3), bytes(1), null]) {
      const row = overlook(rowOf({ local: { content }, remote: LOST }));
      expect(isOverlooked(row)).toBe(true);
      expect(decide(row)).toMatchObject({ fate: 'both', content: 'up' });
      expect([isSettled(row), isSafe(row)]).toEqual([false, false]);
    }
    expect(decide(overlook(rowOf({ local: null, remote: LOST })))).toMatchObject({ fate: 'delete-up' });
    const found = overlook(rowOf({ local: { stat: statOf('file', { mtimeNs: 7n }) }, remote: LOST, synced: null }));
    expect(decide(found)).toMatchObject({ fate: 'both', place: 'same', content: 'up', attributes: 'up' });
  });

  test('is one again with the file that has its bytes', () => {
    const row = agreed(overlook(rowOf({ local: { content: bytes(9) }, remote: LOST })));
    expect(row.synced).toMatchObject(LOST);
    expect(isSettled(row)).toBe(true);
  });

  test('is news once it is sent again, or another is: then the edit made here is in conflict', () => {
    const row = overlook(rowOf({ local: edit, remote: LOST }));
    for (const content of [bytes(9), bytes(4)]) {
      const later = { ...row, remote: { ...row.remote!, content, contentVersion: 3 } };
      expect(decide(later)).toMatchObject({ content: 'conflict' });
      expect(decide({ ...later, local: null })).toMatchObject({ fate: 'create-down' });
      expect(isOverlooked(later)).toBe(false);
    }
  });

  test('changes nothing of what is not there, deleted or without a name', () => {
    for (const remote of [null, { hidden: true }, { name: null, quarantined: true }]) {
      const row = rowOf({ local: edit, remote });
      expect(overlook(row)).toBe(row);
    }
    const nowhere = rowOf({ local: null, remote: LOST, synced: null });
    expect(overlook(nowhere)).toBe(nowhere);
  });
});

describe('the versions that nobody saw who wrote since', () => {
  test('are told with what is written over them, and with all that follows, the youngest of many', () => {
    expect(unseenAfter(rowOf({ local: edit }), false)).toEqual([]);
    expect(unseenAfter(overlook(rowOf({ local: edit, remote: LOST })), false)).toEqual([2]);
    expect(
      unseenAfter(
        rowOf({ local: edit, remote: { contentVersion: 3, unseen: [2] }, synced: { contentVersion: 3 } }),
        false,
      ),
    ).toEqual([2]);
    const many = [1, 2, 3, 4, 5, 6, 7, 8];
    const row = overlook(rowOf({ local: edit, remote: { ...LOST, contentVersion: 12, unseen: many } }));
    expect(unseenAfter(row, false)).toEqual([...many.slice(1), 12]);
    expect(unseenAfter(row, false)).toHaveLength(LIMITS.unseenVersions);
    // By who had it, and sends it again.
    const back = rowOf({ remote: { ...LOST, contentVersion: 5, unseen: [1, 3], hidden: true } });
    expect(unseenAfter(back, false)).toEqual([3]);
  });

  test('are told also where nobody overlooked them, if they may be lost and never were here', () => {
    const deleted = { ...LOST, hidden: true };
    expect(unseenAfter(rowOf({ local: edit, remote: deleted }), true)).toEqual([2]);
    expect(unseenAfter(rowOf({ local: edit, remote: deleted, synced: null }), true)).toEqual([2]);
    expect(unseenAfter(rowOf({ local: edit, remote: deleted }), false)).toEqual([]);
    expect(unseenAfter(rowOf({ local: edit, remote: deleted, synced: LOST }), true)).toEqual([]);
    expect(unseenAfter(rowOf({ local: edit, remote: deleted, synced: { content: bytes(9) } }), true)).toEqual([]);
    expect(unseenAfter(rowOf({ local: { content: bytes(9) }, remote: deleted }), true)).toEqual([]);
  });

  test('are not forgotten by who overlooked one as well, and does not have it either', () => {
    const overlooked = overlook(rowOf({ local: edit, remote: LOST }));
    const deleted = { ...overlooked.remote!, content: bytes(4), contentVersion: 3, unseen: [2], hidden: true };
    expect(unseenAfter({ ...overlooked, remote: deleted }, false)).toEqual([2]);
  });

  test('are as good as edits for who has one', () => {
    const over = { content: bytes(4), contentVersion: 4, unseen: [1] };
    expect(decide(rowOf({ remote: over }))).toMatchObject({ content: 'conflict' });
    expect(decide(rowOf({ remote: { ...over, unseen: [2] } }))).toMatchObject({ content: 'down' });
    expect(decide(rowOf({ remote: { ...over, hidden: true } }))).toMatchObject({ fate: 'restore-up' });
    expect(decide(rowOf({ remote: { ...over, unticked: true } }))).toMatchObject({ fate: 'held' });
    expect(isSafe(rowOf({ remote: over }))).toBe(false);
    expect(isSafe(rowOf({ remote: { ...over, unseen: [2] } }))).toBe(true);
    expect(isSafe(rowOf({ local: { content: bytes(4) }, remote: over }))).toBe(true);
    // Deleted here before: nobody has it any more.
    expect(decide(rowOf({ local: null, remote: { ...over, parent: nodeId('f') } }))).toMatchObject({
      fate: 'create-down',
    });
  });
});
