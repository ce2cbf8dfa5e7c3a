import { LIMITS, ROOT_NODE, type Change, type Refusal } from '@onefold/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  annsWorld,
  attributes,
  blockOf,
  content,
  create,
  DESKTOP,
  hide,
  LAPTOP,
  nodeOf,
  place,
  tagOf,
} from './journal-fixture.ts';

let world: ReturnType<typeof annsWorld>;
beforeEach(() => {
  world = annsWorld();
});

const A = nodeOf('a');
const B = nodeOf('b');

function refusals(changes: readonly Change[], header = {}): Refusal[] {
  const result = world.commit(LAPTOP, changes, header);
  if (result.outcome !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(result)}`);
  return [...result.refusals];
}

/** The base before `behindBy` more entries by nobody the author knows. */
function baseNow(): { baseSeq: number; baseHash: ReturnType<typeof world.journal.head>['hash'] } {
  const { seq, hash } = world.journal.head();
  return { baseSeq: seq, baseHash: hash };
}

describe('creating', () => {
  it('makes a node whose registers begin at version 1', () => {
    const result = world.commit(LAPTOP, [
      create('a', ROOT_NODE, 'folder'),
      { ...create('f', A), attributes: new Uint8Array(256) },
    ]);
    expect(result).toMatchObject({
      outcome: 'accepted',
      effects: { seq: 1, deviceSeq: 1, blocks: [{ node: nodeOf('f'), version: 1 }] },
    });
    expect(world.journal.nodes.get(A)).toEqual({
      node: A,
      kind: 'folder',
      parent: ROOT_NODE,
      nameTag: tagOf('a'),
      hidden: false,
      placeVersion: 1,
      contentVersion: 0,
      attributesVersion: 0,
      lastSeq: 1,
    });
    expect(world.journal.nodes.get(nodeOf('f'))).toMatchObject({ parent: A, contentVersion: 1, attributesVersion: 1 });
  });

  it('is refused for a node that exists, and for the root itself', () => {
    world.put(LAPTOP, [create('f')]);
    expect(refusals([create('other', ROOT_NODE, 'file', 'f')])).toEqual([
      { index: 0, node: nodeOf('f'), reason: 'node-exists' },
    ]);
    expect(refusals([{ ...create('g', ROOT_NODE, 'folder'), node: ROOT_NODE }])).toMatchObject([
      { reason: 'node-exists' },
    ]);
  });

  it('is refused twice for one node in one changeset', () => {
    expect(refusals([create('x', ROOT_NODE, 'file', 'f'), create('y', ROOT_NODE, 'file', 'f')])).toEqual([
      { index: 1, node: nodeOf('f'), reason: 'node-exists' },
    ]);
  });

  it('is refused below what is missing, hidden, or no folder', () => {
    world.put(LAPTOP, [create('f'), create('a', ROOT_NODE, 'folder'), create('b', A, 'folder')]);
    world.put(LAPTOP, [hide('a')]);
    expect(
      refusals([create('x', nodeOf('nowhere')), create('y', nodeOf('f')), create('z', A), create('deep', B)]),
    ).toEqual([
      { index: 0, node: nodeOf('x'), reason: 'parent-missing' },
      { index: 1, node: nodeOf('y'), reason: 'parent-not-folder' },
      { index: 2, node: nodeOf('z'), reason: 'parent-hidden', other: A },
      { index: 3, node: nodeOf('deep'), reason: 'parent-hidden', other: A },
    ]);
  });

  it('is refused for a file or link without content and for a folder with one', () => {
    const { content: _, ...bare } = create('f');
    const folder = { ...create('d'), kind: 'folder' as const };
    expect(refusals([bare, folder])).toMatchObject([
      { index: 0, reason: 'kind-mismatch' },
      { index: 1, reason: 'kind-mismatch' },
    ]);
    expect(world.commit(LAPTOP, [create('l', ROOT_NODE, 'link')]).outcome).toBe('accepted');
  });

  it('of mounts is left to a newer version', () => {
    const mount = { ...create('m', ROOT_NODE, 'folder'), kind: 'mount' as const };
    expect(world.commit(LAPTOP, [mount])).toMatchObject({ outcome: 'invalid', code: 'unsupported-version' });
  });

  it('lists every failing change, and none that stands', () => {
    world.put(LAPTOP, [create('f')]);
    const result = refusals([
      content('f', 7),
      create('new'),
      attributes('f', 3),
      create('under', nodeOf('new')),
      content('gone'),
    ]);
    expect(result.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'version-mismatch'],
      [2, 'version-mismatch'],
      [3, 'parent-not-folder'],
      [4, 'node-missing'],
    ]);
    expect(world.journal.nodes.has(nodeOf('new'))).toBe(false);
    expect(world.journal.head().seq).toBe(1);
  });
});

describe('names', () => {
  it('are refused when another visible child holds them at the end', () => {
    world.put(LAPTOP, [create('f')]);
    expect(refusals([create('f', ROOT_NODE, 'file', 'second')])).toEqual([
      { index: 0, node: nodeOf('second'), reason: 'name-taken', other: nodeOf('f') },
    ]);
  });

  it('may be the same in two folders', () => {
    world.put(LAPTOP, [create('a', ROOT_NODE, 'folder'), create('f'), create('f', A, 'file', 'inner')]);
    expect(world.journal.nodes.size).toBe(3);
  });

  it('are refused when two nodes of one changeset take the same', () => {
    expect(refusals([create('x', ROOT_NODE, 'file', 'one'), create('x', ROOT_NODE, 'file', 'two')])).toEqual([
      { index: 1, node: nodeOf('two'), reason: 'name-taken', other: nodeOf('one') },
    ]);
  });

  it('are judged at the end: two nodes swap theirs in one changeset', () => {
    world.put(LAPTOP, [create('one'), create('two')]);
    world.put(LAPTOP, [place('one', 1, ROOT_NODE, 'two'), place('two', 1, ROOT_NODE, 'one')]);
    expect(world.journal.nodes.get(nodeOf('one'))?.nameTag).toBe(tagOf('two'));
    // Both are still where a name leads to.
    expect(refusals([create('one', ROOT_NODE, 'file', 'third')])).toMatchObject([
      { reason: 'name-taken', other: nodeOf('two') },
    ]);
    expect(refusals([create('two', ROOT_NODE, 'file', 'third')])).toMatchObject([
      { reason: 'name-taken', other: nodeOf('one') },
    ]);
  });

  it('are refused though their holder was touched, if it stays', () => {
    world.put(LAPTOP, [create('one')]);
    expect(refusals([content('one'), create('one', ROOT_NODE, 'file', 'two')])).toMatchObject([
      { index: 1, reason: 'name-taken' },
    ]);
    expect(refusals([place('one', 1, ROOT_NODE, 'one'), create('one', ROOT_NODE, 'file', 'two')])).toMatchObject([
      { index: 1, reason: 'name-taken', other: nodeOf('one') },
    ]);
  });

  it('are free again when their holder is hidden, and taken when it would come back', () => {
    world.put(LAPTOP, [create('f')]);
    world.put(LAPTOP, [hide('f'), create('f', ROOT_NODE, 'file', 'second')]);
    expect(refusals([place('f', 2, ROOT_NODE, 'f')])).toMatchObject([
      { reason: 'name-taken', other: nodeOf('second') },
    ]);
    world.put(LAPTOP, [place('f', 2, ROOT_NODE, 'elsewhere')]);
  });
});

describe('moving', () => {
  beforeEach(() =>
    world.put(LAPTOP, [
      create('a', ROOT_NODE, 'folder'),
      create('b', A, 'folder'),
      create('c', B, 'folder'),
      create('f', B),
    ]),
  );

  it('needs the version that stands', () => {
    expect(refusals([place('f', 2, A, 'f')])).toEqual([{ index: 0, node: nodeOf('f'), reason: 'version-mismatch' }]);
    world.put(LAPTOP, [place('f', 1, A, 'f')]);
    expect(refusals([place('f', 1, ROOT_NODE, 'f')])).toMatchObject([{ reason: 'version-mismatch' }]);
    expect(world.journal.nodes.get(nodeOf('f'))).toMatchObject({
      parent: A,
      placeVersion: 2,
      contentVersion: 1,
      lastSeq: 2,
    });
  });

  it('of what is missing is refused', () => {
    expect(refusals([place('gone', 1, A, 'x')])).toMatchObject([{ reason: 'node-missing' }]);
    expect(refusals([{ ...place('a', 1, ROOT_NODE, 'a'), node: ROOT_NODE }])).toMatchObject([
      { reason: 'node-missing' },
    ]);
  });

  it('into itself or below itself is refused, hidden or not', () => {
    expect(
      refusals([place('a', 1, A, 'a'), place('a', 1, nodeOf('c'), 'a'), place('b', 1, nodeOf('c'), 'b', true)]),
    ).toMatchObject([
      { index: 0, reason: 'cycle' },
      { index: 1, reason: 'cycle' },
      { index: 2, reason: 'cycle' },
    ]);
  });

  it('in a ring is refused at the change that closes it', () => {
    world.put(LAPTOP, [create('d', ROOT_NODE, 'folder')]);
    expect(refusals([place('d', 1, nodeOf('c'), 'd'), place('a', 1, nodeOf('d'), 'a')])).toMatchObject([
      { index: 1, reason: 'cycle' },
    ]);
  });

  it('turns a folder inside out when the changes come in an order that allows it', () => {
    world.put(LAPTOP, [place('b', 1, ROOT_NODE, 'b'), place('a', 1, B, 'a')]);
    expect(world.journal.nodes.get(A)?.parent).toBe(B);
  });

  it('into a hidden folder, a file, or nowhere is refused', () => {
    world.put(LAPTOP, [create('trash', ROOT_NODE, 'folder')]);
    world.put(LAPTOP, [hide('trash')]);
    expect(
      refusals([
        place('c', 1, nodeOf('trash'), 'c'),
        place('c', 1, nodeOf('f'), 'c'),
        place('c', 1, nodeOf('nowhere'), 'c'),
      ]),
    ).toMatchObject([
      { reason: 'parent-hidden', other: nodeOf('trash') },
      { reason: 'parent-not-folder' },
      { reason: 'parent-missing' },
    ]);
  });

  it('takes a node out of a hidden folder', () => {
    world.put(LAPTOP, [hide('a')]);
    world.put(LAPTOP, [place('f', 1, ROOT_NODE, 'f'), content('f')]);
  });
});

describe('deleting', () => {
  beforeEach(() =>
    world.put(LAPTOP, [create('a', ROOT_NODE, 'folder'), create('b', A, 'folder'), create('f', B), create('g')]),
  );

  it('names the folder alone', () => {
    world.put(LAPTOP, [hide('a')]);
    expect(world.journal.nodes.get(A)?.hidden).toBe(true);
    expect(world.journal.nodes.get(nodeOf('f'))).toMatchObject({ hidden: false, lastSeq: 1 });
  });

  it('is refused if anything below changed after the base', () => {
    const base = baseNow();
    world.put(DESKTOP, [content('f')]);
    expect(refusals([hide('a')], base)).toEqual([{ index: 0, node: A, reason: 'changed-below', other: nodeOf('f') }]);
    world.put(LAPTOP, [hide('a')]);
  });

  it('of a file is refused if the file itself changed after the base', () => {
    const base = baseNow();
    world.put(DESKTOP, [content('f')]);
    expect(refusals([hide('f', 1, B)], base)).toMatchObject([{ reason: 'changed-below', other: nodeOf('f') }]);
  });

  it('is refused if something was created or moved in below after the base', () => {
    const base = baseNow();
    world.put(DESKTOP, [create('new', B), place('g', 1, A, 'g')]);
    expect(refusals([hide('b', 1, A)], base)).toMatchObject([{ reason: 'changed-below', other: nodeOf('new') }]);
    expect(refusals([hide('a')], base)).toMatchObject([{ reason: 'changed-below' }]);
  });

  it('is not held up by changes elsewhere, nor by what was moved away', () => {
    const base = baseNow();
    world.put(DESKTOP, [content('g'), place('f', 1, ROOT_NODE, 'f')]);
    expect(world.commit(LAPTOP, [hide('a')], base).outcome).toBe('accepted');
  });

  it('is not held up by what the same changeset touches', () => {
    expect(world.commit(LAPTOP, [content('f'), place('g', 1, B, 'g'), create('n', B), hide('a')]).outcome).toBe(
      'accepted',
    );
  });

  it('is refused though the same changeset touched what changed unseen', () => {
    const base = baseNow();
    world.put(DESKTOP, [content('f')]);
    expect(refusals([attributes('f', 0), hide('a')], base)).toMatchObject([
      { index: 1, reason: 'changed-below', other: nodeOf('f') },
    ]);
  });

  it('spares what the changeset itself moves out first, and not what it moves in', () => {
    const base = baseNow();
    world.put(DESKTOP, [content('f'), content('g')]);
    expect(world.commit(LAPTOP, [place('f', 1, ROOT_NODE, 'f'), hide('b', 1, A)], base).outcome).toBe('accepted');
    const { baseSeq, baseHash } = base;
    const next = { baseSeq, baseHash };
    expect(world.commit(DESKTOP, [place('g', 1, A, 'g'), hide('a')], next)).toEqual({ outcome: 'behind' });
    const fresh = baseNow();
    world.put(DESKTOP, [content('g', 2)]);
    expect(
      world.commit(LAPTOP, [hide('a'), place('a', 2, ROOT_NODE, 'a'), place('g', 1, A, 'g'), hide('a', 3)], fresh),
    ).toMatchObject({
      outcome: 'refused',
      refusals: [{ index: 3, reason: 'changed-below', other: nodeOf('g') }],
    });
  });

  it('is undecided when too much changed since the base', () => {
    const base = baseNow();
    const perEntry = LIMITS.changesPerEntry;
    for (let i = 0; i <= LIMITS.changedNodesAfterBase / perEntry; i++) {
      const changes = Array.from({ length: perEntry }, (_, k) => create(`${i}/${k}`, ROOT_NODE, 'folder'));
      world.put(DESKTOP, changes);
    }
    expect(world.commit(LAPTOP, [hide('a')], base)).toEqual({ outcome: 'behind' });
    expect(world.commit(LAPTOP, [content('f')], base).outcome).toBe('accepted');
  });
});

describe('content and attributes', () => {
  beforeEach(() => world.put(LAPTOP, [create('a', ROOT_NODE, 'folder'), create('f', A)]));

  it('need the version that stands, each its own', () => {
    world.put(LAPTOP, [content('f'), attributes('f', 0)]);
    expect(refusals([content('f', 1), attributes('f', 0), attributes('a', 1)])).toMatchObject([
      { index: 0, reason: 'version-mismatch' },
      { index: 1, reason: 'version-mismatch' },
      { index: 2, reason: 'version-mismatch' },
    ]);
    world.put(LAPTOP, [content('f', 2), attributes('f', 1), attributes('a', 0)]);
    expect(world.journal.nodes.get(nodeOf('f'))).toMatchObject({
      placeVersion: 1,
      contentVersion: 3,
      attributesVersion: 2,
      lastSeq: 3,
    });
  });

  it('are refused for what is missing, and content for a folder', () => {
    expect(refusals([content('gone'), attributes('gone', 0), content('a')])).toMatchObject([
      { reason: 'node-missing' },
      { reason: 'node-missing' },
      { reason: 'kind-mismatch' },
    ]);
  });

  it('are refused for a hidden node unless the changeset restores it first', () => {
    world.put(LAPTOP, [hide('a')]);
    expect(refusals([content('f'), attributes('f', 0), attributes('a', 0)])).toMatchObject([
      { reason: 'parent-hidden', other: A },
      { reason: 'parent-hidden', other: A },
      { reason: 'parent-hidden', other: A },
    ]);
    expect(refusals([content('f'), place('a', 2, ROOT_NODE, 'a')])).toMatchObject([
      { index: 0, reason: 'parent-hidden' },
    ]);
    world.put(LAPTOP, [place('a', 2, ROOT_NODE, 'a'), content('f')]);
  });

  it('restoring below a hidden folder is refused', () => {
    world.put(LAPTOP, [hide('f', 1, A)]);
    world.put(LAPTOP, [hide('a')]);
    expect(refusals([place('f', 2, A, 'f')])).toMatchObject([{ reason: 'parent-hidden', other: A }]);
    world.put(LAPTOP, [place('a', 2, ROOT_NODE, 'a'), place('f', 2, A, 'f')]);
  });

  it('may not name a block twice', () => {
    const block = blockOf('x');
    const twice = {
      ...content('f'),
      added: [
        [block, 10],
        [block, 11],
      ] as [typeof block, number][],
    };
    const both = { ...content('f'), added: [[block, 10]] as [typeof block, number][], dropped: [block] };
    for (const change of [twice, both])
      expect(world.commit(LAPTOP, [change])).toMatchObject({ outcome: 'invalid', code: 'journal-invalid' });
  });
});
