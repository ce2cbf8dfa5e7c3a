/* What must hold of every row, whatever the three trees say. Values come from small sets, so that they meet often. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROOT_NODE, type ContentId, type DeviceId, type NameTag, type NodeId } from '@onefold/protocol';
import { agreed } from './agree.ts';
import { decide } from './decide.ts';
import { rebase } from './rebase.ts';
import { isAlive, isSafe, isSettled, sameContent, samePlace, shownAttributes } from './settled.ts';
import type { AttributesValue, ContentValue, FileStat, NodeRow, RemoteState } from './tree.ts';

const FOLDER = 'f'.repeat(32) as NodeId;
const DEVICE = 'd'.repeat(32) as DeviceId;

const parent = fc.constantFrom(ROOT_NODE, FOLDER);
const name = fc.constantFrom('a', 'b');
const version = fc.integer({ min: 1, max: 3 });
const mtimeNs = fc.constantFrom(1_000n, 2_000n);
const mode = fc.constantFrom(0o600, 0o644);
const attributes: fc.Arbitrary<AttributesValue> = fc.record({ mtimeNs, mode });
const content: fc.Arbitrary<ContentValue> = fc
  .constantFrom('1', '2', '3')
  .map((digit) => ({ kind: 'file', contentId: digit.repeat(64) as ContentId, sizeBytes: Number(digit) }));

const stat: fc.Arbitrary<FileStat> = fc.record({ mtimeNs, mode }).map((its) => ({
  ...its,
  kind: 'file',
  sizeBytes: 1,
  ctimeNs: 5n,
  birthtimeNs: 1n,
  inode: 7n,
  device: 1n,
  linkCount: 1,
}));

const versions = { placeVersion: version, contentVersion: version, attributesVersion: version };
const local = fc.record({ kind: fc.constant('file' as const), parent, name, stat, content: fc.option(content) });
const remote: fc.Arbitrary<RemoteState> = fc.record({
  kind: fc.constant('file' as const),
  parent,
  nameTag: fc.constant('t' as NameTag),
  name,
  hidden: fc.boolean(),
  hiddenAbove: fc.boolean(),
  unticked: fc.boolean(),
  ...versions,
  lastSeq: fc.integer({ min: 1, max: 9 }),
  author: fc.constant(DEVICE),
  content,
  attributes,
  quarantined: fc.constant(false),
});
const synced = fc.record({
  kind: fc.constant('file' as const),
  parent,
  name,
  content,
  attributes,
  shown: fc.option(attributes),
  ...versions,
});
const row: fc.Arbitrary<NodeRow> = fc.record({
  node: fc.constant('1'.repeat(32) as NodeId),
  local: fc.option(local),
  remote: fc.option(remote),
  synced: fc.option(synced),
});

/** Rows as they are planned: with Synced as far as both sides agree. */
const planned = row.map(agreed);

describe('every row', () => {
  test('delete only what equals Synced: here what both sides held, there what nobody changed since', () => {
    fc.assert(
      fc.property(planned, (its) => {
        const { fate } = decide(its);
        if (fate === 'delete-down') {
          expect(its.synced).not.toBe(null);
          expect(samePlace(its.local!, its.synced!) && sameContent(its.local!.content, its.synced!.content)).toBe(true);
          expect(isSafe(its)).toBe(true);
        }
        if (fate === 'delete-up') {
          expect(its.local).toBe(null);
          expect(samePlace(its.remote!, its.synced!) && sameContent(its.remote!.content, its.synced!.content)).toBe(
            true,
          );
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('unticking: what is not to be here says nothing to the journal, and only what both sides once held leaves', () => {
    fc.assert(
      fc.property(planned, (its) => {
        if (its.remote?.unticked !== true) return;
        const { fate, ...registers } = decide(its);
        expect(['none', 'drop', 'withdraw', 'held', 'look']).toContain(fate);
        expect(registers).toEqual({ place: 'same', content: 'same', attributes: 'same' });
        if (fate !== 'withdraw') return;
        expect(isSafe(its)).toBe(true);
        expect(samePlace(its.local!, its.synced!) && sameContent(its.local!.content, its.synced!.content)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('no delete without a state that both sides once held', () => {
    fc.assert(
      fc.property(planned, (its) => {
        if (its.synced === null) expect(['delete-up', 'delete-down']).not.toContain(decide(its).fate);
      }),
      { numRuns: 2_000 },
    );
  });

  test('direction: what is as it was synced here is never sent, what is so there is never fetched', () => {
    fc.assert(
      fc.property(planned, (its) => {
        const decision = decide(its);
        if (decision.fate !== 'both' || its.synced === null || its.local === null || its.remote === null) return;
        if (samePlace(its.local, its.synced)) expect(decision.place).not.toBe('up');
        if (samePlace(its.remote, its.synced)) expect(decision.place).not.toBe('down');
        if (sameContent(its.local.content, its.synced.content) && !sameContent(its.remote.content, its.synced.content))
          expect(decision.content).not.toBe('conflict');
        if (sameContent(its.remote.content, its.synced.content)) expect(decision.content).not.toBe('down');
      }),
      { numRuns: 5_000 },
    );
  });

  test('Synced only moves to states that both sides hold, register by register', () => {
    fc.assert(
      fc.property(row, (before) => {
        const after = agreed(before);
        expect({ ...after, synced: null }).toEqual({ ...before, synced: null });
        if (after.synced === null || after.synced === before.synced) return;
        const { local: here, remote: there, synced: base } = after;
        expect(isAlive(there)).toBe(true);
        if (before.synced === null || !samePlace(base, before.synced)) {
          expect(samePlace(base, here!) && samePlace(base, there!)).toBe(true);
        }
        if (before.synced === null || !sameContent(base.content, before.synced.content)) {
          expect(sameContent(base.content, here!.content) && sameContent(base.content, there!.content)).toBe(true);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('idempotence: agreeing twice is agreeing once, and three equal trees are at rest', () => {
    fc.assert(
      fc.property(row, (before) => {
        const once = agreed(before);
        expect(agreed(once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(local, content, version, (here, bytes, at) => {
        const its = { ...here, content: bytes };
        const shown = shownAttributes(its.stat);
        const place = { parent: its.parent, name: its.name };
        const same = { kind: 'file', ...place, content: bytes, attributes: shown } as const;
        const all = { placeVersion: at, contentVersion: at, attributesVersion: at };
        const there: RemoteState = {
          ...same,
          ...all,
          nameTag: 't' as NameTag,
          hidden: false,
          hiddenAbove: false,
          unticked: false,
          lastSeq: 1,
          author: DEVICE,
          quarantined: false,
        };
        const equal: NodeRow = { node: FOLDER, local: its, remote: there, synced: { ...same, ...all, shown } };
        expect(isSettled(equal)).toBe(true);
        expect(decide(equal)).toMatchObject({ fate: 'both', place: 'same', content: 'same', attributes: 'same' });
      }),
    );
  });

  test('purity: deciding changes nothing and gives the same again', () => {
    fc.assert(
      fc.property(planned, (its) => {
        const before = structuredClone(its);
        expect(decide(its)).toEqual(decide(its));
        expect(its).toEqual(before);
      }),
    );
  });
});

test('after a restored server nothing that stands here is ever deleted for it', () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 0, max: 9 }), (before, prefix) => {
      const after = rebase(before, prefix);
      if (after.local !== null) expect(decide(after).fate).not.toBe('delete-down');
      // What strangers wrote since is met as if never seen: no edit of ours takes its place without a copy.
      if (after.local?.content != null && isAlive(after.remote) && after.remote.lastSeq > prefix) {
        expect(['same', 'conflict']).toContain(decide(after).content);
      }
    }),
    { numRuns: 5_000 },
  );
});
