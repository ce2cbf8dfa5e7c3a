import type { NodeState } from '@onefold/journal';
import type { Hash, NameTag, NodeId } from '@onefold/protocol';
import type { NodeReferences, NodeRow, RemoteState } from '../core/tree.ts';
import type { Store } from '../ports.ts';

/**
 * The remote tree while a page of the journal is replayed: the store, with what the page has changed so far laid over it. One page is
 * committed as one transaction.
 */
export interface ReplayOverlay {
  readonly rows: Map<NodeId, NodeRow>;
  readonly references: Map<NodeId, NodeReferences | null>;
  readonly hashes: Map<number, Hash>;
  load(nodes: readonly NodeId[]): Promise<void>;
  row(node: NodeId): NodeRow;
  put(row: NodeRow): void;
  touchedRows(): readonly NodeRow[];
  childrenByTag(
    keys: readonly { readonly parent: NodeId; readonly tag: NameTag }[],
  ): Promise<readonly (NodeId | undefined)[]>;
  changedAfter(seq: number): Promise<readonly NodeId[]>;
  /** Visible and hidden children in the journal's tree. */
  remoteChildren(parent: NodeId): Promise<readonly NodeRow[]>;
}

export function createReplayOverlay(store: Store): ReplayOverlay {
  const rows = new Map<NodeId, NodeRow>();
  const touched = new Set<NodeId>();
  const byParent = new Map<NodeId, Set<NodeId>>();
  const byTag = new Map<string, NodeId>();

  function index(row: NodeRow): void {
    const { remote, node } = row;
    if (remote === null) return;
    let children = byParent.get(remote.parent);
    if (children === undefined) byParent.set(remote.parent, (children = new Set()));
    children.add(node);
    if (!remote.hidden) byTag.set(remote.parent + remote.nameTag, node);
  }

  function holdsTag(node: NodeId, parent: NodeId, tag: NameTag): boolean {
    const remote = rows.get(node)?.remote;
    return remote != null && remote.parent === parent && remote.nameTag === tag && !remote.hidden;
  }

  return {
    rows,
    references: new Map(),
    hashes: new Map(),
    async load(nodes) {
      const missing = [...new Set(nodes)].filter((node) => !rows.has(node));
      if (missing.length === 0) return;
      const found = await store.rows(missing);
      missing.forEach((node, i) => rows.set(node, found[i] ?? { node, local: null, remote: null, synced: null }));
    },
    row(node) {
      return rows.get(node) ?? { node, local: null, remote: null, synced: null };
    },
    put(row) {
      rows.set(row.node, row);
      touched.add(row.node);
      index(row);
    },
    touchedRows: () => [...touched].map((node) => rows.get(node)!),
    async childrenByTag(keys) {
      const stored = await store.remoteChildrenByTag(keys);
      return keys.map(({ parent, tag }, i) => {
        const laid = byTag.get(parent + tag);
        if (laid !== undefined && holdsTag(laid, parent, tag)) return laid;
        const found = stored[i];
        return found === undefined || (touched.has(found) && !holdsTag(found, parent, tag)) ? undefined : found;
      });
    },
    async changedAfter(seq) {
      const nodes = new Set(await store.remoteChangedAfter(seq));
      for (const node of touched) if ((rows.get(node)?.remote?.lastSeq ?? -1) > seq) nodes.add(node);
      return [...nodes];
    },
    async remoteChildren(parent) {
      const children = new Map<NodeId, NodeRow>();
      for (const row of await store.childrenOf('remote', parent)) children.set(row.node, row);
      for (const node of byParent.get(parent) ?? []) children.set(node, rows.get(node)!);
      return [...children.values()]
        .map((row) => (touched.has(row.node) ? rows.get(row.node)! : row))
        .filter((row) => row.remote?.parent === parent);
    },
  };
}

/** What the predicate reads of a node. */
export function visibleState(node: NodeId, remote: RemoteState | null): NodeState | undefined {
  if (remote === null) return undefined;
  const { kind, parent, nameTag, hidden, placeVersion, contentVersion, attributesVersion, lastSeq } = remote;
  return { node, kind, parent, nameTag, hidden, placeVersion, contentVersion, attributesVersion, lastSeq };
}
