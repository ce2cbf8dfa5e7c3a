import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import { joinPath } from '../core/names.ts';
import { MAX_DEPTH } from '../core/plan-view.ts';
import type { RelPath } from '../core/tree.ts';
import type { Store } from '../ports.ts';
import type { LocalPaths } from './session-parts.ts';

/** Bound of the cache of folder paths. */
const MAX_CACHED = 50_000;

export function createLocalPaths(store: Store): LocalPaths {
  const cache = new Map<NodeId, RelPath>();

  async function folder(node: NodeId): Promise<RelPath | null> {
    const above: { readonly node: NodeId; readonly name: string }[] = [];
    let base: RelPath = '';
    for (let at = node; at !== ROOT_NODE;) {
      const known = cache.get(at);
      if (known !== undefined) {
        base = known;
        break;
      }
      const [row] = await store.rows([at]);
      if (row?.local == null || above.length > MAX_DEPTH) return null;
      above.push({ node: at, name: diskNameOf(row.local) });
      at = row.local.parent;
    }
    for (const { node: at, name } of above.reverse()) {
      base = joinPath(base, name);
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(at, base);
    }
    return base;
  }

  return {
    folder,
    async of(row) {
      if (row.local === null) return null;
      const parent = await folder(row.local.parent);
      return parent === null ? null : joinPath(parent, diskNameOf(row.local));
    },
    forget(rows) {
      if (rows.some((row) => cache.has(row.node))) cache.clear();
    },
    forgetAll: () => cache.clear(),
  };
}
