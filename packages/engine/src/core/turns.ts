import { OnefoldError, type NodeId } from '@onefold/protocol';

/** Something that can be done once all events it waits for have happened. An event is a text that names a node and what it did. */
export interface Task {
  readonly node: NodeId;
  readonly waits: readonly { readonly event: string; readonly of: NodeId }[];
}

export interface Turns {
  /** The node's turn: does it. */
  run(node: NodeId, happened: (event: string) => void): void;
  /** These wait for each other in a circle, each for the next. Must let at least one event happen, or take a node's turn with `take`. */
  untie(circle: readonly NodeId[], happened: (event: string) => void, take: (node: NodeId) => void): void;
}

/** Lets every task have its turn, in the order given as far as waiting allows. Linear in tasks and waits (A. Kahn, 1962), circles apart. */
export function takeTurns(tasks: readonly Task[], turns: Turns): void {
  const open = new Map<NodeId, Map<string, NodeId>>();
  const waiters = new Map<string, NodeId[]>();
  const past = new Set<string>();
  const ready: NodeId[] = [];

  for (const { node, waits } of tasks) {
    open.set(node, new Map(waits.map(({ event, of }) => [event, of])));
    for (const { event } of waits) {
      const known = waiters.get(event);
      if (known === undefined) waiters.set(event, [node]);
      else known.push(node);
    }
  }
  for (const { node } of tasks) if (open.get(node)!.size === 0) ready.push(node);

  function happened(event: string): void {
    past.add(event);
    for (const node of waiters.get(event) ?? []) {
      const waits = open.get(node);
      if (waits === undefined) continue;
      if (waits.delete(event) && waits.size === 0) ready.push(node);
    }
  }

  function take(node: NodeId): void {
    if (open.delete(node)) turns.run(node, happened);
  }

  for (let at = 0; open.size > 0;) {
    if (at < ready.length) {
      take(ready[at++]!);
      continue;
    }
    const before = past.size - open.size;
    turns.untie(findCircle(), happened, take);
    if (past.size - open.size === before)
      throw new OnefoldError('internal', 'a circle of operations that nothing unties');
  }

  function findCircle(): NodeId[] {
    const path: NodeId[] = [];
    const seen = new Map<NodeId, number>();
    let at = open.keys().next().value!;
    while (!seen.has(at)) {
      seen.set(at, path.length);
      path.push(at);
      const next = [...open.get(at)!.values()].find((node) => open.has(node));
      if (next === undefined) throw new OnefoldError('internal', 'an operation waits for one that is not planned');
      at = next;
    }
    return path.slice(seen.get(at));
  }
}
