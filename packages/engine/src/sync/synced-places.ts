import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { joinPath } from '../core/names.ts';
import type { Store } from '../ports.ts';

const PAGE_ROWS = 1_000;

/** The folders above each node, from the top, ending with the node itself: as it was synced. */
export async function chainsOf(store: Store, nodes: readonly NodeId[]): Promise<Map<NodeId, NodeId[]>> {
  const parents = new Map<NodeId, NodeId>();
  let level = new Set(nodes);
  while (level.size > 0) {
    const asked = [...level];
    const next = new Set<NodeId>();
    for (let i = 0; i < asked.length; i += PAGE_ROWS) {
      for (const row of await store.rows(asked.slice(i, i + PAGE_ROWS))) {
        const place = row?.synced ?? row?.local ?? row?.remote;
        if (row === undefined || place == null) continue;
        parents.set(row.node, place.parent);
        if (place.parent !== ROOT_NODE && !parents.has(place.parent)) next.add(place.parent);
      }
    }
    level = next;
  }
  return new Map(
    nodes.map((node) => {
      const chain: NodeId[] = [];
      for (
        let at: NodeId | undefined = node;
        at !== undefined && at !== ROOT_NODE && !chain.includes(at);
        at = parents.get(at)
      ) {
        chain.unshift(at);
      }
      return [node, chain];
    }),
  );
}

/** Path of a folder as it was synced, as far as it is known. */
export async function syncedPath(store: Store, folder: NodeId): Promise<string> {
  let path = '';
  for (let at = folder; at !== ROOT_NODE;) {
    const [row] = await store.rows([at]);
    const place = row?.synced ?? row?.local ?? row?.remote;
    if (place?.name == null) return path;
    path = path === '' ? place.name : joinPath(place.name, path);
    at = place.parent;
  }
  return path;
}
