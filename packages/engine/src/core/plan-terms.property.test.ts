/* Laws of folders that are not kept whole or not kept both ways: ignored names, folders that are not to be here, one-way folders. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agreed } from './agree.ts';
import type { NodeId } from '@onefold/protocol';
import { bringToRest, createGround, type Ground, type Terms } from './fixtures/carry-out.ts';
import { owed, threeTrees, type Trees } from './fixtures/three-trees.ts';
import type { Plan } from './operation.ts';
import { isAlive, isSettled, sameContent } from './settled.ts';
import type { NodeRow } from './tree.ts';

const ignoring = (name: string): Terms => ({ isIgnored: (path) => path.split('/').includes(name) });
const someTerms: fc.Arbitrary<Terms> = fc.record({
  mode: fc.constantFrom('two-way', 'send-only', 'receive-only'),
  isIgnored: fc
    .constantFrom(undefined, 'a', 'b')
    .map((name) => (path) => name !== undefined && path.split('/').includes(name)),
});
/** Numbers of rows, of which the folders are unticked. */
const numbers = fc.array(fc.nat(12), { minLength: 1, maxLength: 3 });

function foldersAt({ rows }: Trees, some: readonly number[]): NodeId[] {
  return some.flatMap((i) => (rows[i]?.remote?.kind === 'folder' ? rows[i].node : []));
}

/** Brings it to rest and looks at every plan on the way, with the rows it was made for. */
function watch(ground: Ground, look: (plan: Plan, rows: ReadonlyMap<NodeId, NodeRow>) => void): Plan['waiting'] {
  return bringToRest({
    ...ground,
    carryOut(plan) {
      look(plan, new Map(ground.rows().map((row) => [row.node, row])));
      ground.carryOut(plan);
    },
  });
}

describe('whatever is left out', () => {
  test('the rest comes to rest, each row that does not says why, and no content that one side made is lost', () => {
    fc.assert(
      fc.property(threeTrees, someTerms, numbers, fc.boolean(), (trees, terms, some, isPicky) => {
        const ground = createGround(trees, { ...terms, unticked: isPicky ? foldersAt(trees, some) : [] });
        const waiting = bringToRest(ground);
        for (const row of ground.rows()) if (!isSettled(row)) expect([...waiting.keys()]).toContain(row.node);
        // These would keep the folder from ever being in step.
        for (const why of waiting.values()) expect(['next', 'covered', 'blocked', 'parked']).not.toContain(why);
        for (const content of owed(trees)) {
          const isThere = ground.rows().some(({ remote }) => isAlive(remote) && sameContent(remote.content, content));
          expect(isThere || [...ground.disk.values()].some((held) => sameContent(held, content))).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('folders that are not to be here', () => {
  test('unticking never says anything to the journal, and takes away only what it holds', () => {
    fc.assert(
      fc.property(threeTrees, numbers, (trees, some) => {
        const ground = createGround(trees, { unticked: foldersAt(trees, some) });
        watch(ground, ({ up, down, rekey, setAside, adopt }, rows) => {
          const isUnticked = (node: NodeId): boolean => rows.get(node)?.remote?.unticked === true;
          expect(up.filter(({ node }) => isUnticked(node))).toEqual([]);
          expect(adopt.filter(({ from, into }) => isUnticked(from) || isUnticked(into))).toEqual([]);
          // What goes on as a new node may be renamed as that.
          expect(setAside.filter(({ node }) => isUnticked(node) && !rekey.includes(node))).toEqual([]);
          for (const { op, node, ...operation } of down) {
            const isWithdrawn = 'isWithdrawn' in operation && operation.isWithdrawn;
            expect(op === 'trash' && isWithdrawn).toBe(isUnticked(node));
            // Changed alike here and there, it is held there as it is here.
            const { local, synced } = agreed(rows.get(node)!);
            if (isWithdrawn && local!.kind !== 'folder') expect(ground.disk.get(node)).toEqual(synced!.content);
          }
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test('ticked again, both sides are the same', () => {
    fc.assert(
      fc.property(threeTrees, numbers, (trees, some) => {
        const picky = createGround(trees, { unticked: foldersAt(trees, some) });
        bringToRest(picky);
        const ground = createGround({ rows: picky.rows(), disk: picky.disk });
        expect([...bringToRest(ground)]).toEqual([]);
        for (const { local, remote } of ground.rows()) expect(local === null).toBe(!isAlive(remote));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('one-way folders', () => {
  test('one that only receives never sends', () => {
    fc.assert(
      fc.property(threeTrees, (trees) => {
        watch(createGround(trees, { mode: 'receive-only' }), ({ up, rekey, setAside }) =>
          expect([up, rekey, setAside]).toEqual([[], [], []]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('one that only sends never applies', () => {
    fc.assert(
      fc.property(threeTrees, (trees) => {
        watch(createGround(trees, { mode: 'send-only' }), ({ down, rekey, setAside }) =>
          expect([down, rekey, setAside]).toEqual([[], [], []]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test('what differs stays as it is on both sides, and kept both ways again all of it goes on', () => {
    fc.assert(
      fc.property(threeTrees, fc.constantFrom('receive-only', 'send-only'), (trees, mode) => {
        const oneWay = createGround(trees, { mode });
        bringToRest(oneWay);
        for (const content of owed(trees)) {
          const isHere = [...trees.disk.values()].some((held) => sameContent(held, content));
          if (isHere) expect([...oneWay.disk.values()]).toContainEqual(content);
        }
        const ground = createGround({ rows: oneWay.rows(), disk: oneWay.disk });
        expect([...bringToRest(ground)]).toEqual([]);
        for (const { local, remote } of ground.rows()) expect(local === null).toBe(!isAlive(remote));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('ignored names', () => {
  test('what is ignored where it stands and where it stood is frozen: neither side is touched, and it goes on from there', () => {
    fc.assert(
      fc.property(threeTrees, fc.constantFrom('a', 'b'), (trees, name) => {
        const ground = createGround(trees, ignoring(name));
        const frozen = trees.rows.filter(({ local, remote, synced }) =>
          [local, remote, synced].every((state) => state?.name === name),
        );
        watch(ground, ({ up, down, identify, adopt, rekey }) => {
          const touched = [...up, ...down].map(({ node }) => node).concat(identify, rekey);
          for (const { node } of frozen) expect(touched).not.toContain(node);
          for (const { from, into } of adopt) for (const { node } of frozen) expect([from, into]).not.toContain(node);
        });
        const again = createGround({ rows: ground.rows(), disk: ground.disk });
        expect([...bringToRest(again)]).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
