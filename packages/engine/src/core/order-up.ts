import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { passingName } from './conflict-name.ts';
import type { UpOperation, Waiting } from './operation.ts';
import { MAX_DEPTH } from './plan-view.ts';
import { chainSent, parentSent, whyLeftAlone, type Planner, type UpItem } from './planner.ts';
import { isAlive } from './settled.ts';
import type { Name } from './tree.ts';
import { takeTurns, type Task } from './turns.ts';

/** Takes out what needs another node's change that is not in the plan. */
export function dropUnmetUps(planner: Planner): void {
  const { view, up, waiting } = planner;
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const item of [...up.values()]) {
      if (isMet(item.node)) continue;
      up.delete(item.node);
      waiting.set(item.node, whyNot(item) ?? 'next');
      isChanged = true;
    }
  }

  function isMet(node: NodeId): boolean {
    if (planner.adopt.has(node) || planner.setAside.has(node) || planner.rekey.has(node) || planner.down.has(node))
      return false;
    const item = up.get(node)!;
    if (!item.after.every((at) => up.has(at))) return false;
    const parent = view.row(node)!.local?.parent ?? ROOT_NODE;
    if (parent !== ROOT_NODE && !isAlive(view.row(parent)?.remote ?? null)) {
      if (!up.has(parent) || up.get(parent)!.place === 'hide') return false;
    }
    return chainSent(planner, parent, node) === null;
  }

  /** Whose not going keeps it, where that is left alone. */
  function whyNot({ node, after }: UpItem): Waiting | null {
    const parent = view.row(node)!.local?.parent ?? ROOT_NODE;
    const needed = parent === ROOT_NODE ? after : [...after, parent];
    const missing = needed.filter((at) => !up.has(at)).flatMap((at) => view.row(at) ?? []);
    return whyLeftAlone(planner, [...missing, ...(chainSent(planner, parent, node) ?? [])]);
  }
}

/**
 * Hides first, since they free names, unless something is moved out before; then what takes a place, after its folder and after what gives up
 * its name; last what keeps its place. Where names go round in a circle the order is that of folders alone, and all of the circle is in one
 * changeset, with whatever else gives up a name in it: names only have to be unique at its end. A circle that is too long for one changeset is
 * opened: one of its nodes is said to be where it is under a passing name, and its own follows with the next plan.
 */
export function orderUp(planner: Planner): UpOperation[] {
  const { mostJoined } = planner.view.input;
  /** Of circles that turned out too long. */
  const opened = new Set<NodeId>();
  for (;;) {
    const operations = takeUpTurns(planner, opened);
    const before = opened.size;
    for (const run of joinedRuns(operations)) {
      if (run.reduce((sum, operation) => sum + weightOf(operation), 0) <= mostJoined) continue;
      for (const { node } of run) opened.add(node);
    }
    if (opened.size === before) return operations.map((operation, i) => placeAlone(operation, operations[i + 1]));
  }
}

/** Bytes, and what comes with them, follow with the next plan: they may take long or not be readable, and the others cannot go without it. */
function placeAlone(operation: UpOperation, next: UpOperation | undefined): UpOperation {
  const isJoined = operation.joined || next?.joined === true;
  return isJoined && operation.place === 'place' ? { ...operation, content: false, attributes: false } : operation;
}

/** What stands together in one changeset, changeset by changeset. */
function* joinedRuns(operations: readonly UpOperation[]): Generator<readonly UpOperation[]> {
  for (let from = 0; from < operations.length;) {
    let to = from + 1;
    while (operations[to]?.joined === true) to++;
    yield operations.slice(from, to);
    from = to;
  }
}

/** In changes, where something new counts as many: a file's bytes bring a list of blocks along. */
function weightOf({ place }: UpOperation): number {
  return place === 'create' ? 32 : 1;
}

function takeUpTurns(planner: Planner, opened: ReadonlySet<NodeId>): UpOperation[] {
  const { view, up, content, attributes } = planner;
  const operations: UpOperation[] = [];
  const passing = new Map<NodeId, Name>();
  const isFirst = ({ place, after }: UpItem): boolean => place === 'hide' && after.length === 0;
  const placing = [...up.values()].filter((item) => !isFirst(item));
  for (const item of up.values()) if (isFirst(item)) add(item.node, false);
  /** Names that were taken before these gave them up. */
  const owing = new Set<NodeId>();
  const nearest = new Map<NodeId, NodeId | null>();
  takeTurns(
    placing.map((item) => ({ node: item.node, waits: [...folderOf(item.node), ...item.after.flatMap(giverOf)] })),
    {
      run(node, happened) {
        add(node, owing.size > 0);
        owing.delete(node);
        happened(`folder ${node}`);
        happened(`name ${node}`);
      },
      untie(circle, _happened, take) {
        if (circle.some((node) => opened.has(node))) return open(circle, take);
        const ordered = [...circle].sort((a, b) => rankOf(a) - rankOf(b));
        const done = new Set(operations.map(({ node }) => node));
        const first = ordered.shift()!;
        take(first);
        done.add(first);
        for (const node of circle) for (const giver of up.get(node)!.after) if (!done.has(giver)) owing.add(giver);
        for (const node of ordered) take(node);
      },
    },
  );
  for (const node of new Set([...content.keys(), ...attributes.keys()])) {
    if (!up.has(node) && isAlive(view.row(node)!.remote)) add(node, false);
  }
  return operations;

  /**
   * After the nearest folder above it that is placed too: from the top down nothing ever comes to lie in itself, since all that is above it
   * stands where it will. First, so that a circle is followed along folders where it can be: every member's folder is then in it or done.
   */
  function folderOf(node: NodeId): Task['waits'] {
    const above = nearestPlaced(view.row(node)!.local?.parent ?? ROOT_NODE);
    return above === null ? [] : [{ event: `folder ${above}`, of: above }];
  }

  function nearestPlaced(from: NodeId): NodeId | null {
    const passed: NodeId[] = [];
    let result: NodeId | null = null;
    for (let at = from; at !== ROOT_NODE && !passed.includes(at);) {
      const item = up.get(at);
      const known = item === undefined || item.place === 'hide' ? nearest.get(at) : at;
      if (known !== undefined) {
        result = known;
        break;
      }
      passed.push(at);
      const row = view.row(at);
      at = row === undefined ? ROOT_NODE : parentSent(planner, row);
    }
    for (const node of passed) nearest.set(node, result);
    return result;
  }

  function giverOf(node: NodeId): Task['waits'] {
    return isFirst(up.get(node)!) ? [] : [{ event: `name ${node}`, of: node }];
  }

  /** One whose folder stands, and that only waits for a name: somebody in a circle does. */
  function open(circle: readonly NodeId[], take: (node: NodeId) => void): void {
    const taker = circle.find((node, i) => {
      const next = circle[(i + 1) % circle.length]!;
      return up.get(node)!.place !== 'hide' && folderOf(node).every(({ of }) => of !== next);
    })!;
    const { parent, name, kind } = view.row(taker)!.local!;
    for (let attempt = 1; !passing.has(taker); attempt++) {
      const as = passingName(name, taker, attempt, kind === 'folder');
      if ((view.localChild(parent, as) ?? view.remoteChild(parent, as)) === undefined) passing.set(taker, as);
    }
    take(taker);
  }

  function add(node: NodeId, joined: boolean): void {
    const item = up.get(node);
    const isCreate = item?.place === 'create';
    const hasContent = content.get(node) === 'up';
    const hasAttributes = attributes.get(node) === 'up';
    if (item === undefined && !hasContent && !hasAttributes) return;
    const place = item?.place ?? null;
    const as = passing.get(node);
    operations.push({
      node,
      place,
      content: isCreate || hasContent,
      attributes: isCreate || hasAttributes,
      joined,
      ...(as === undefined ? {} : { as }),
    });
  }

  /** Depth; what is hidden comes after what is moved out of it. */
  function rankOf(node: NodeId): number {
    if (up.get(node)!.place === 'hide') return Number.MAX_SAFE_INTEGER;
    let depth = 0;
    for (let at = view.row(node); at !== undefined && depth < MAX_DEPTH; depth++) {
      const parent = parentSent(planner, at);
      at = parent === ROOT_NODE ? undefined : view.row(parent);
    }
    return depth;
  }
}
