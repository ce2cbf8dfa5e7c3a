import { OnefoldError, ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { EntryView, NodeState } from './entry-view.ts';

/** Far above any real tree: a longer walk means that the view itself holds a cycle. */
const MAX_WALK = 1_000_000;

/** The tree as it stands in the middle of a changeset: the view, with the changes so far laid over it. */
export interface TreeOverlay {
  readonly touched: ReadonlyMap<NodeId, NodeState>;
  /** The root is no node. */
  node(id: NodeId): NodeState | undefined;
  set(state: NodeState): void;
  /** The nearest node with its own hidden flag, from `id` upwards; undefined = visible. */
  hiddenBy(id: NodeId): NodeId | undefined;
  /** Is `id` the node `above` or somewhere below it? */
  isAtOrBelow(id: NodeId, above: NodeId): boolean;
  /** One of `nodes` that is `above` or somewhere below it. Always call with the same list. */
  findAtOrBelow(nodes: readonly NodeId[], above: NodeId): NodeId | undefined;
}

export function createOverlay(view: EntryView): TreeOverlay {
  const touched = new Map<NodeId, NodeState>();
  /** For every node above one of the searched ones, which one. Dropped when a parent changes. */
  let below: Map<NodeId, NodeId> | undefined;
  /** What hides a node (null: nothing), for those that were asked about and all above them. Dropped when a parent or a flag changes. */
  const hiders = new Map<NodeId, NodeId | null>();

  function node(id: NodeId): NodeState | undefined {
    return id === ROOT_NODE ? undefined : (touched.get(id) ?? view.node(id));
  }

  /** First node from `id` up to the root for which `stop` holds. */
  function climb(id: NodeId, stop: (state: NodeState) => boolean): NodeId | undefined {
    let at = id;
    for (let steps = 0; at !== ROOT_NODE; steps++) {
      const state = node(at);
      if (state === undefined || steps > MAX_WALK)
        throw new OnefoldError('internal', 'a node of the view has no way to the root');
      if (stop(state)) return at;
      at = state.parent;
    }
    return undefined;
  }

  return {
    touched,
    node,
    set(state) {
      const before = node(state.node);
      if (before !== undefined && before.parent !== state.parent) below = undefined;
      // A new node hides nothing that was there before.
      if (before !== undefined && (before.parent !== state.parent || before.hidden !== state.hidden)) hiders.clear();
      touched.set(state.node, state);
    },
    hiddenBy(id) {
      const passed: NodeId[] = [];
      const found: { hider: NodeId | null } = { hider: null };
      climb(id, ({ node: at, hidden }) => {
        const known = hiders.get(at);
        if (known === undefined) passed.push(at);
        found.hider = known ?? (hidden ? at : null);
        return hidden || known !== undefined;
      });
      for (const at of passed) hiders.set(at, found.hider);
      return found.hider ?? undefined;
    },
    isAtOrBelow: (id, above) => climb(id, (state) => state.node === above) !== undefined,
    findAtOrBelow(nodes, above) {
      if (below === undefined) {
        const marks = new Map<NodeId, NodeId>();
        for (const start of nodes) {
          climb(start, ({ node: at }) => {
            if (marks.has(at)) return true;
            marks.set(at, start);
            return false;
          });
        }
        below = marks;
      }
      return below.get(above);
    },
  };
}
