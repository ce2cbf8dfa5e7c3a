import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { expect, test } from 'vitest';
import { named, nodeId } from '../core/fixtures/rows.ts';
import type { NodeRow } from '../core/tree.ts';
import type { Store } from '../ports.ts';
import { planFor } from './load-view.ts';
import type { Session } from './session.ts';

/** What planning reaches for: a state that holds these rows, and counts those it answers. */
function sessionOver(rows: readonly NodeRow[]): { session: Session; loaded: () => number } {
  let loaded = 0;
  const byNode = new Map(rows.map((row) => [row.node, row]));
  const below = new Map<NodeId, NodeRow[]>();
  for (const row of rows) {
    const parent = row.remote!.parent;
    below.set(parent, [...(below.get(parent) ?? []), row]);
  }
  const answer = <T extends readonly (NodeRow | undefined)[]>(found: T): Promise<T> => {
    loaded += found.length;
    return Promise.resolve(found);
  };
  const store: Pick<Store, 'rows' | 'childrenOf' | 'childrenByName'> = {
    rows: (nodes) => answer(nodes.map((node) => byNode.get(node))),
    childrenOf: (side, parent) => answer(side === 'remote' ? (below.get(parent) ?? []) : []),
    childrenByName: (_side, keys) => answer(keys.map(() => undefined)),
  };
  const never = (): boolean => false;
  const session = {
    ports: { store, clock: { nowMs: () => 0 } },
    options: { deviceName: 'Laptop' },
    rules: never,
    patience: { isWaiting: never },
    guard: { isHeld: never },
    transfers: { isBusy: never },
    isLeaving: never,
    lostContents: { isKept: never },
  };
  return { session: session as unknown as Session, loaded: () => loaded };
}

test('of a folder deleted here one page of rows says all, and what it held is looked through once', async () => {
  const top = named('top', { kind: 'folder', local: null });
  const folders = Array.from({ length: 30 }, (_, i) =>
    named(`folder${i}`, {
      kind: 'folder',
      parent: i === 0 ? top.node : nodeId(`folder${i - 1}`),
      local: null,
    }),
  );
  const files = folders.flatMap(({ node }, i) =>
    Array.from({ length: 200 }, (_, k) => named(`${i}.${k}`, { parent: node, local: null })),
  );
  const rows = [top, ...folders, ...files];
  const { session, loaded } = sessionOver(rows);
  const page = files.slice(-500);
  const { up, waiting } = await planFor(session, page, false);
  expect(up).toEqual([{ node: top.node, place: 'hide', content: false, attributes: false, joined: false }]);
  expect(new Set(waiting.values())).toEqual(new Set(['covered']));
  expect(top.remote!.parent).toBe(ROOT_NODE);
  expect(loaded()).toBeLessThan(2 * rows.length);
});
