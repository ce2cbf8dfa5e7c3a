import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import type { NodeRow } from '../core/tree.ts';

/** What keeps the local halves of these rows from being one tree: a name held twice, a parent that is not here; null when nothing does. */
export function localTreeProblem(rows: readonly NodeRow[]): string | null {
  const here = new Map(rows.map((row) => [row.node, row.local]));
  const holders = new Map<string, string>();
  for (const { node, local } of rows) {
    if (local === null) continue;
    for (const slot of new Set([`${local.parent}/${local.name}`, `${local.parent} on disk/${diskNameOf(local)}`])) {
      const holder = holders.get(slot);
      if (holder !== undefined) return `${node} and ${holder} are both ${JSON.stringify(slot)}`;
      holders.set(slot, node);
    }
    if (local.parent !== ROOT_NODE && here.get(local.parent)?.kind !== 'folder') {
      return `${node} ${JSON.stringify(local.name)} lies in ${local.parent}, which is not here`;
    }
  }
  return null;
}

/** Where the Local tree has a node; null when something above it is not in it. */
export function localPath(rows: ReadonlyMap<NodeId, NodeRow>, node: NodeId): string | null {
  const names: string[] = [];
  for (let at = node; at !== ROOT_NODE;) {
    const local = rows.get(at)?.local;
    if (local == null || names.length > rows.size) return null;
    names.unshift(diskNameOf(local));
    at = local.parent;
  }
  return names.join('/');
}
