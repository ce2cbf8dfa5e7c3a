import { describe, expect, test } from 'vitest';
import { AT, base, bytes, here, link, nodeId, rowOf, statOf, there } from './fixtures/rows.ts';
import {
  isAlive,
  isSafe,
  isSettled,
  localUnchanged,
  remoteUnchanged,
  sameAttributes,
  sameContent,
  samePlace,
  shownAttributes,
} from './settled.ts';

const kind = 'folder';

test('a node is alive when neither it nor anything above it is deleted', () => {
  expect(isAlive(null)).toBe(false);
  expect([there(), there({ hidden: true }), there({ hiddenAbove: true })].map(isAlive)).toEqual([true, false, false]);
});

test('contents are the same by identity and size, links by their target, nothing only as nothing', () => {
  expect(sameContent(null, null)).toBe(true);
  expect(sameContent(bytes(1), null)).toBe(false);
  expect(sameContent(null, bytes(1))).toBe(false);
  expect(sameContent(bytes(1), bytes(1))).toBe(true);
  expect(sameContent(bytes(1), bytes(2))).toBe(false);
  expect(sameContent(bytes(1), { ...bytes(1), sizeBytes: 2 })).toBe(false);
  expect(sameContent(bytes(1), { ...bytes(2), sizeBytes: 1 })).toBe(false);
  expect(sameContent(link('x'), link('x'))).toBe(true);
  expect(sameContent(link('x'), link('y'))).toBe(false);
  expect(sameContent(bytes(1), link('x'))).toBe(false);
  expect(sameContent(link('x'), bytes(1))).toBe(false);
  // Nobody's bytes are a link, whatever else is in the value.
  expect(sameContent({ ...link('x'), contentId: bytes(1).contentId, sizeBytes: 1 } as never, bytes(1))).toBe(false);
  expect(sameContent(bytes(1), { ...bytes(1), kind: 'link', target: 'x' } as never)).toBe(false);
  expect(sameContent(link('x'), { ...link('x'), kind: 'file' } as never)).toBe(false);
});

test('places are the same by folder and name, attributes by both fields', () => {
  const at = { parent: nodeId('f'), name: 'a' };
  expect(samePlace(at, { ...at })).toBe(true);
  expect(samePlace(at, { ...at, name: 'b' })).toBe(false);
  expect(samePlace(at, { ...at, parent: nodeId('g') })).toBe(false);
  expect(sameAttributes(AT, { ...AT })).toBe(true);
  expect(sameAttributes(AT, { ...AT, mtimeNs: 2n })).toBe(false);
  expect(sameAttributes(AT, { ...AT, mode: 1 })).toBe(false);
  expect([sameAttributes(null, null), sameAttributes(AT, null), sameAttributes(null, AT)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('a disk shows time and mode of files, the mode of folders, nothing of links', () => {
  expect(shownAttributes(statOf('file'))).toEqual(AT);
  expect(shownAttributes(statOf(kind))).toEqual({ mtimeNs: null, mode: AT.mode });
  expect(shownAttributes(statOf('link'))).toBeNull();
  expect(shownAttributes(statOf('special'))).toBeNull();
});

test('each register of the journal alone tells that it went on', () => {
  expect(remoteUnchanged(there(), base())).toBe(true);
  for (const one of [{ placeVersion: 2 }, { contentVersion: 2 }, { attributesVersion: 2 }])
    expect(remoteUnchanged(there(one), base())).toBe(false);
});

test('place, bytes and attributes each tell that the disk went on', () => {
  expect(localUnchanged(here(), base())).toBe(true);
  for (const one of [{ name: 'b' }, { content: bytes(2) }, { content: null }, { stat: statOf('file', { mode: 1 }) }])
    expect(localUnchanged(here(one), base())).toBe(false);
  expect(localUnchanged(here({ content: null }), base({ content: null }))).toBe(false);
  expect(localUnchanged(here({ kind }), base({ kind }))).toBe(true);
  expect(localUnchanged(here({ kind }), base({ kind, content: bytes(1) }))).toBe(true);
});

describe('a row is at rest', () => {
  test.each([
    ['three equal trees', rowOf(), true],
    ['a node deleted on both sides', rowOf({ local: null, remote: { hidden: true }, synced: null }), true],
    ['nothing at all', rowOf({ local: null, remote: null, synced: null }), true],
    ['one that does not open', rowOf({ local: { name: 'z' }, remote: { quarantined: true } }), true],
    ['a mount', rowOf({ local: { name: 'z' }, remote: { kind: 'mount' } }), true],
    ['a folder that stays', rowOf({ local: { kind }, remote: { kind, hidden: true }, synced: null }), true],
    ['an unticked node that is not here', rowOf({ local: null, remote: { unticked: true }, synced: null }), true],
    ['an unticked folder that stays', rowOf({ local: { kind }, remote: { kind, unticked: true }, synced: null }), true],
    ['an unticked file that stays', rowOf({ remote: { unticked: true }, synced: null }), false],
    ['an unticked node to be forgotten', rowOf({ local: null, remote: { unticked: true } }), false],
    ['an unticked node that is here', rowOf({ remote: { unticked: true } }), false],
    ['deleted here', rowOf({ local: null }), false],
    ['only there', rowOf({ local: null, synced: null }), false],
    ['to be forgotten', rowOf({ local: null, remote: { hidden: true } }), false],
    ['a file that stays', rowOf({ remote: { hidden: true }, synced: null }), false],
    ['a folder only here', rowOf({ local: { kind }, remote: null, synced: null }), false],
    ['a folder never synced', rowOf({ local: { kind }, remote: { kind }, synced: null }), false],
    ['deleted there', rowOf({ remote: { hidden: true } }), false],
    ['not in the journal', rowOf({ remote: null }), false],
    ['changed there', rowOf({ remote: { contentVersion: 2 } }), false],
    ['changed here', rowOf({ local: { name: 'b' } }), false],
  ])('%s', (_name, row, isAtRest) => expect(isSettled(row)).toBe(isAtRest));
});

describe('what stands here is safe', () => {
  test.each([
    ['nothing here', rowOf({ local: null }), true],
    ['a folder the journal knows', rowOf({ local: { kind }, remote: { kind }, synced: null }), true],
    ['a folder it does not', rowOf({ local: { kind }, remote: null, synced: null }), false],
    ['the bytes that were synced', rowOf({ remote: { content: bytes(2) } }), true],
    ['the bytes that were synced, of a journal that lost the node', rowOf({ remote: null }), true],
    ['the bytes that are there', rowOf({ synced: null }), true],
    ['the bytes that are there by now', rowOf({ local: { content: bytes(2) }, remote: { content: bytes(2) } }), true],
    ['other bytes', rowOf({ local: { content: bytes(3) }, remote: { content: bytes(2) } }), false],
    ['bytes only here', rowOf({ remote: null, synced: null }), false],
    ['bytes not read', rowOf({ local: { content: null } }), false],
    [
      'bytes not read, and none there',
      rowOf({ local: { content: null }, remote: { content: null }, synced: { content: null } }),
      false,
    ],
  ])('%s', (_name, row, isThere) => expect(isSafe(row)).toBe(isThere));
});
