import { ROOT_NODE, type Change, type NodeId } from '@onefold/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from './check.ts';
import type { NodeState } from './entry-view.ts';
import {
  attributes,
  content,
  create,
  createUser,
  createWorld,
  DESKTOP,
  LAPTOP,
  logIn,
  nodeOf,
  place,
  type TestWorld,
} from './journal-fixture.ts';
import type { MemoryJournal } from './memory-journal.ts';
import { parseEntry } from './parse-entry.ts';

/** `npm run properties` tries each property more often. */
const LIMIT_MS = 90_000 * Number(process.env['ONEFOLD_PROPERTY_RUNS'] ?? 1);

const NODES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const NAMES = ['w', 'x', 'y', 'z'] as const;

/** What is drawn: turned into a change that mostly could be accepted, with a rare wrong base. */
interface Draft {
  readonly op: 'place' | 'content' | 'attributes';
  readonly node: string;
  readonly parent: string | null;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly isHidden: boolean;
  readonly baseError: number;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  op: fc.constantFrom('place', 'place', 'place', 'content', 'attributes'),
  node: fc.constantFrom(...NODES),
  parent: fc.constantFrom(null, null, 'a', 'b', 'c', 'd', 'e'),
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom('file', 'folder'),
  isHidden: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  baseError: fc.integer({ min: 0, max: 30 }).map((n) => (n === 0 ? 1 : 0)),
});

const ann = createUser('ann', LAPTOP);
logIn(ann, DESKTOP);

const step = fc.record({
  isDesktop: fc.boolean(),
  /** How far behind the head the author's base lies. */
  age: fc.constantFrom(0, 0, 0, 1, 2, 5),
  drafts: fc.array(draft, { minLength: 1, maxLength: 3 }),
});

/** Folders a, b in a, c, d; files e in a, f. The names are none of NAMES. */
function plantedWorld(): TestWorld {
  const world = createWorld([ann]);
  const a = nodeOf('a');
  world.put(LAPTOP, [
    create('A', ROOT_NODE, 'folder', 'a'),
    create('B', a, 'folder', 'b'),
    create('C', ROOT_NODE, 'folder', 'c'),
    create('D', ROOT_NODE, 'folder', 'd'),
    create('E', a, 'file', 'e'),
    create('F', ROOT_NODE, 'file', 'f'),
  ]);
  return world;
}

/** The changes of one changeset, with bases that count up as they would apply. */
function changesOf(drafts: readonly Draft[], journal: MemoryJournal): Change[] {
  const known = new Map<string, { kind: string; place: number; content: number; attributes: number }>();
  return drafts.map(({ op, node, parent: parentName, name, kind, isHidden, baseError }) => {
    const parent = parentName === null ? ROOT_NODE : nodeOf(parentName);
    const state = journal.nodes.get(nodeOf(node));
    let versions = known.get(node);
    if (versions === undefined && state !== undefined) {
      versions = {
        kind: state.kind,
        place: state.placeVersion,
        content: state.contentVersion,
        attributes: state.attributesVersion,
      };
      known.set(node, versions);
    }
    if (versions === undefined) {
      known.set(node, { kind, place: 1, content: kind === 'file' ? 1 : 0, attributes: 0 });
      return create(name, parent, kind, node);
    }
    if (op === 'place') return place(node, versions.place++ + baseError, parent, name, isHidden);
    if (op === 'content' && versions.kind === 'file') return content(node, versions.content++ + baseError);
    return attributes(node, versions.attributes++ + baseError);
  });
}

/** Written without the predicate's own code: every node has a way to the root, and no two children without a hidden flag share a name. */
function expectValidTree(nodes: ReadonlyMap<NodeId, NodeState>): void {
  const names = new Set<string>();
  for (const state of nodes.values()) {
    const seen = new Set<NodeId>([state.node]);
    for (let at = state.parent; at !== ROOT_NODE;) {
      expect(seen.has(at), 'a cycle').toBe(false);
      seen.add(at);
      const parent = nodes.get(at);
      if (parent === undefined) throw new Error('a parent is missing');
      expect(parent.kind, 'a parent that is no folder').toBe('folder');
      at = parent.parent;
    }
    if (state.hidden) continue;
    const name = state.parent + state.nameTag;
    expect(names.has(name), 'a name held twice').toBe(false);
    names.add(name);
  }
}

function hiddenAbove(nodes: ReadonlyMap<NodeId, NodeState>, id: NodeId): boolean {
  for (let at = nodes.get(id); at !== undefined; at = nodes.get(at.parent)) if (at.hidden) return true;
  return false;
}

describe('any sequence of entries', () => {
  it(
    'that is accepted keeps the tree valid, hides no unseen change, and bumps exactly the registers it names',
    { timeout: LIMIT_MS },
    () => {
      let acceptedCount = 0;
      let refusedCount = 0;
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
          const world = plantedWorld();
          const { journal } = world;
          for (const { isDesktop, age, drafts } of steps) {
            const device = isDesktop ? DESKTOP : LAPTOP;
            const head = journal.head();
            const last = journal.lastEntryOf(device.device)?.seq ?? 0;
            const baseSeq = Math.max(head.seq - age, last);
            const baseHash = journal.hashes[baseSeq];
            if (baseHash === undefined) throw new Error('no base');
            const changes = changesOf(drafts, journal);
            const before = new Map(journal.nodes);
            const result = world.commit(device, changes, { baseSeq, baseHash });
            if (result.outcome === 'refused') {
              refusedCount++;
              expect(result.refusals.length).toBeGreaterThan(0);
              expect(journal.nodes).toEqual(before);
              expect(journal.head()).toEqual(head);
              continue;
            }
            expect(result.outcome).toBe('accepted');
            acceptedCount++;
            expectValidTree(journal.nodes);
            for (const [id, state] of before) {
              const isUnseen = state.lastSeq > baseSeq;
              if (isUnseen && !hiddenAbove(before, id))
                expect(hiddenAbove(journal.nodes, id), 'an unseen change was hidden').toBe(false);
              const named = changes.filter(({ node }) => node === id);
              const after = journal.nodes.get(id);
              expect(after?.placeVersion).toBe(state.placeVersion + named.filter(({ op }) => op === 'place').length);
              expect(after?.contentVersion).toBe(
                state.contentVersion + named.filter(({ op }) => op === 'content').length,
              );
              expect(after?.attributesVersion).toBe(
                state.attributesVersion + named.filter(({ op }) => op === 'attributes').length,
              );
              expect(after?.lastSeq).toBe(named.length > 0 ? head.seq + 1 : state.lastSeq);
            }
          }
        }),
        { numRuns: 80 },
      );
      expect(acceptedCount).toBeGreaterThan(100);
      expect(refusedCount).toBeGreaterThan(100);
    },
  );

  it('leaves the tree that the changes leave when each is an entry of its own', { timeout: LIMIT_MS }, () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(fc.array(draft, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        (entries) => {
          const whole = plantedWorld();
          const single = plantedWorld();
          for (const drafts of entries) {
            const changes = changesOf(drafts, whole.journal);
            if (whole.commit(LAPTOP, changes).outcome !== 'accepted') continue;
            // Names may clash in between (a swap): such a changeset has no sequential form.
            const outcomes = changes.map((change) => single.commit(LAPTOP, [change]));
            if (outcomes.some(({ outcome }) => outcome !== 'accepted')) {
              const reasons = outcomes.flatMap((one) =>
                one.outcome === 'refused' ? one.refusals.map(({ reason }) => reason) : [],
              );
              expect(reasons).toContain('name-taken');
              return;
            }
            compared++;
            const plain = (nodes: ReadonlyMap<NodeId, NodeState>) =>
              [...nodes.values()].map((state) => ({ ...state, lastSeq: 0 }));
            expect(plain(single.journal.nodes)).toEqual(plain(whole.journal.nodes));
          }
        },
      ),
      { numRuns: 80 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  it(
    'is judged from what `needs` asked for alone: the cache throws for anything else, and holding more changes nothing',
    { timeout: LIMIT_MS },
    () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 15 }), (steps) => {
          const world = plantedWorld();
          for (const { drafts } of steps) {
            const changes = changesOf(drafts, world.journal);
            const entry = parseEntry(world.changeset(LAPTOP, changes));
            const lean = check(entry, world.journal.view(entry));
            const rich = world.journal.view(entry);
            for (const node of world.journal.nodes.values()) rich.put({ kind: 'node', node: node.node }, node);
            expect(check(entry, rich)).toEqual(lean);
            world.journal.commit(entry.raw);
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});
