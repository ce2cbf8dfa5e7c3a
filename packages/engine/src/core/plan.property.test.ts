/* What must hold of plans, whatever two sides made of one tree: carried out on rows that are as strict as a disk and a journal. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRows } from './fixtures/plan-rows.ts';
import { bringToRest, createGround, type Ground } from './fixtures/carry-out.ts';
import { owed, threeTrees } from './fixtures/three-trees.ts';
import { isAlive, isSettled, sameContent } from './settled.ts';
import type { ContentValue, NodeRow } from './tree.ts';

function expectOneTree(ground: Ground): void {
  const unsettled = ground.rows().filter((row) => !isSettled(row));
  expect(unsettled).toEqual([]);
  for (const { node, local, remote } of ground.rows()) {
    expect(local === null, node).toBe(!isAlive(remote));
    if (local === null || remote === null) continue;
    expect([local.parent, local.name, local.content]).toEqual([remote.parent, remote.name, remote.content]);
    expect(ground.disk.get(node) ?? null).toEqual(remote.content);
  }
}

function heldBy(rows: readonly NodeRow[], content: ContentValue): boolean {
  return rows.some(({ remote }) => isAlive(remote) && sameContent(remote.content, content));
}

describe('whatever two sides made of one tree', () => {
  test('the plans are valid at every step, come to rest, and both sides are then the same', () => {
    fc.assert(
      fc.property(threeTrees, (trees) => {
        const ground = createGround(trees);
        bringToRest(ground);
        expectOneTree(ground);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no content that one side made is lost', () => {
    fc.assert(
      fc.property(threeTrees, (trees) => {
        const ground = createGround(trees);
        bringToRest(ground);
        for (const content of owed(trees)) expect(heldBy(ground.rows(), content)).toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  test('what two sides left alone is left alone', () => {
    fc.assert(
      fc.property(threeTrees, (trees) => {
        const quiet = trees.rows.filter(isSettled).filter(({ local }) => local !== null && local.kind !== 'folder');
        const ground = createGround(trees);
        bringToRest(ground);
        for (const row of quiet) expect(ground.rows()).toContainEqual(row);
      }),
    );
  });

  test('a plan of some of the rows is valid too, and leaves no less to the next', () => {
    fc.assert(
      fc.property(threeTrees, fc.array(fc.nat(12), { maxLength: 4 }), fc.boolean(), (trees, some, withFolders) => {
        const ground = createGround(trees);
        const due = some.flatMap((i) => trees.rows[i]?.node ?? []);
        ground.carryOut(planRows(ground.rows(), { due, withFolders }));
        bringToRest(ground);
        expectOneTree(ground);
      }),
      { numRuns: 1_000 },
    );
  });

  test('in whatever order rows are due, nothing that one side made is lost, and both sides are the same in the end', () => {
    const order = fc.array(fc.nat(40), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(threeTrees, order, (trees, ranks) => {
        const ground = createGround(trees);
        const due = ground
          .rows()
          .filter((row) => !isSettled(row))
          .map(({ node }, i) => ({ node, rank: ranks[i % ranks.length]! }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ node }) => node);
        ground.carryOut(planRows(ground.rows(), { due }));
        bringToRest(ground);
        expectOneTree(ground);
        for (const content of owed(trees)) expect(heldBy(ground.rows(), content)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('whatever part of a plan was carried out, the next one goes on from there', () => {
    fc.assert(
      fc.property(threeTrees, fc.constantFrom(0.25, 0.5, 0.75), (trees, share) => {
        const ground = createGround(trees);
        ground.carryOutPart(planRows(ground.rows()), share);
        bringToRest(ground);
        expectOneTree(ground);
      }),
      { numRuns: 1_000 },
    );
  });

  test('circles of names that do not fit into one changeset are opened, and end as they were meant', () => {
    fc.assert(
      fc.property(threeTrees, fc.integer({ min: 1, max: 3 }), (trees, mostJoined) => {
        const ground = createGround(trees, { mostJoined });
        bringToRest(ground);
        expectOneTree(ground);
        for (const content of owed(trees)) expect(heldBy(ground.rows(), content)).toBe(true);
        for (const { remote } of ground.rows()) if (isAlive(remote)) expect(remote.name).not.toContain('(moving');
      }),
      { numRuns: 1_000 },
    );
  });

  test('what is parked or ignored is not touched, and goes on when it is not any more', () => {
    fc.assert(
      fc.property(threeTrees, fc.array(fc.nat(12), { maxLength: 3 }), fc.boolean(), (trees, some, isIgnoring) => {
        const ground = createGround(trees);
        const still = new Set(some.flatMap((i) => trees.rows[i]?.node ?? []));
        const names = new Set(isIgnoring ? ['a'] : []);
        const given = planRows(ground.rows(), {
          isParked: (node) => still.has(node),
          isIgnored: (path) => names.has(path.split('/').at(-1)),
        });
        for (const { node } of [...given.down, ...given.up]) expect(still).not.toContain(node);
        for (const node of given.identify) expect(still).not.toContain(node);
        ground.carryOut(given);
        bringToRest(ground);
        expectOneTree(ground);
      }),
      { numRuns: 1_000 },
    );
  });
});
