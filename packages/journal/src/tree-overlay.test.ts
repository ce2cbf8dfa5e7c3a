import { expect, test } from 'vitest';
import { ROOT_NODE, type NameTag, type NodeId } from '@onefold/protocol';
import type { EntryView, NodeState } from './entry-view.ts';
import { createOverlay } from './tree-overlay.ts';

function idOf(n: number): NodeId {
  return n.toString(16).padStart(32, '0') as NodeId;
}

/** Node n stands in node n - 1; node 1 in the root. */
function stateOf(n: number, change: Partial<NodeState> = {}): NodeState {
  return {
    node: idOf(n),
    kind: 'folder',
    parent: n === 1 ? ROOT_NODE : idOf(n - 1),
    nameTag: 'f'.repeat(64) as NameTag,
    hidden: false,
    placeVersion: 1,
    contentVersion: 0,
    attributesVersion: 0,
    lastSeq: 1,
    ...change,
  };
}

function deep(depth: number) {
  let looks = 0;
  const view = {
    node(id: NodeId) {
      looks++;
      const n = Number.parseInt(id, 16);
      return n >= 1 && n <= depth ? stateOf(n) : undefined;
    },
  };
  return { overlay: createOverlay(view as unknown as EntryView), looks: () => looks };
}

test('a thousand nodes made at the end of a deep tree climb it once', () => {
  const { overlay, looks } = deep(5_000);
  for (let n = 5_001; n <= 6_000; n++) {
    expect(overlay.hiddenBy(idOf(n - 1))).toBe(undefined);
    overlay.set(stateOf(n));
  }
  expect(looks()).toBeLessThan(10_000);
});

test('what hides a node is found anew when a flag or a parent has changed', () => {
  const { overlay } = deep(10);
  expect(overlay.hiddenBy(idOf(10))).toBe(undefined);
  overlay.set(stateOf(4, { hidden: true }));
  expect(overlay.hiddenBy(idOf(10))).toBe(idOf(4));
  expect(overlay.hiddenBy(idOf(4))).toBe(idOf(4));
  expect(overlay.hiddenBy(idOf(3))).toBe(undefined);
  overlay.set(stateOf(7, { parent: idOf(2) }));
  expect(overlay.hiddenBy(idOf(10))).toBe(undefined);
  expect(overlay.hiddenBy(idOf(6))).toBe(idOf(4));
  overlay.set(stateOf(4));
  expect(overlay.hiddenBy(idOf(6))).toBe(undefined);
});
