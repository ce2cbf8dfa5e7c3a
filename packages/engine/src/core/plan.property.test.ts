/* What must hold of plans, whatever two sides made of one tree: carried out on rows that are as strict as a disk and a journal. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bringToRest, createGround, type Ground } from './fixtures/carry-out.ts';
import { threeTrees, type Trees } from './fixtures/three-trees.ts';
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

/** Contents that stand on one side and that the other did not have when they last agreed. */
function owed({ rows, disk }: Trees): ContentValue[] {
  return rows.flatMap(({ node, remote, synced }) => {
    const ours = disk.get(node);
    const theirs = isAlive(remote) ? remote.content : null;
    return [ours, theirs].filter(
      (content) => content != null && !sameContent(content, synced?.content ?? null),
    ) as ContentValue[];
  });
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
});
