import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { DownOperation } from './operation.ts';
import { childKey } from './plan-view.ts';
import { chainHere, whyLeftAlone, type DownItem, type Planner } from './planner.ts';
import type { NodeRow } from './tree.ts';
import { takeTurns, type Task } from './turns.ts';

/*
 * Turns for what moves on this disk. A node is placed after the nearest folder above it that is itself placed, and after the node that
 * held its name has left; a folder goes after what is in it. Where these wait for each other in a circle (names swapped, a folder and its
 * parent exchanged) one of them first goes into staging.
 */

/** Takes out every item whose conditions no other item meets, until what is left carries itself. */
export function dropUnmet(planner: Planner): void {
  const { view, down, waiting } = planner;
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    const taken = new Set<string>();
    for (const item of [...down.values()]) {
      if (isMet(planner, item, taken)) continue;
      down.delete(item.node);
      waiting.set(item.node, whyLeftAlone(planner, [...wayOf(item), ...standingFor(item)]) ?? 'next');
      isChanged = true;
    }
  }

  function isMet(p: Planner, item: DownItem, taken: Set<string>): boolean {
    if (p.setAside.has(item.node) || p.rekey.has(item.node)) return false;
    if (item.op === 'trash') {
      if (view.row(item.node)!.local!.kind !== 'folder') return true;
      return view.localChildren(item.node).every((child) => isLeaving(child.node, item.node));
    }
    const key = childKey(item.parent, item.name);
    if (taken.has(key)) return false;
    taken.add(key);
    const parent = down.get(item.parent);
    if (
      parent === undefined ? item.parent !== ROOT_NODE && view.row(item.parent)?.local == null : parent.op === 'trash'
    )
      return false;
    if (wayOf(item).length > 0) return false;
    const holder = view.localChild(item.parent, item.name);
    return holder === undefined || down.has(holder.node);
  }

  /** What keeps it from going where it would come to lie in itself: something on the way that does not move after all. */
  function wayOf(item: DownItem): readonly NodeRow[] {
    return item.op === 'move' ? (chainHere(planner, item.parent, item.node) ?? []) : [];
  }

  /** What would have to leave, or to be there, and stays as it is: where that is left alone for good, so is this. */
  function standingFor(item: DownItem): readonly NodeRow[] {
    if (item.op === 'trash') return view.localChildren(item.node).filter((child) => !isLeaving(child.node, item.node));
    const around = [view.row(item.parent) ?? [], view.localChild(item.parent, item.name) ?? []].flat();
    return around.filter(({ node }) => node !== item.node && !down.has(node));
  }

  function isLeaving(node: NodeId, parent: NodeId): boolean {
    const item = down.get(node);
    return item !== undefined && (item.op === 'trash' || item.parent !== parent);
  }
}

export function orderDown(planner: Planner): DownOperation[] {
  const { view, down } = planner;
  const operations: DownOperation[] = [];
  const nearest = new Map<NodeId, NodeId | null>();
  takeTurns(
    [...down.values()].map((item) => ({ node: item.node, waits: waitsOf(item) })),
    {
      run(node, happened) {
        const item = down.get(node)!;
        operations.push(item);
        happened(left(node));
        if (item.op !== 'trash') happened(placed(node));
      },
      untie(circle, happened, take) {
        // One that another of the circle waits for to leave: it can leave before it knows where to.
        const awaited = circle.find((at, i) => {
          const before = down.get(circle.at(i - 1)!)!;
          return down.get(at)!.op === 'move' && waitsOf(before).some(({ event }) => event === left(at));
        });
        // Else any order: every change of the disk looks before it acts.
        if (awaited === undefined) return take(circle[0]!);
        operations.push({ op: 'park', node: awaited });
        happened(left(awaited));
      },
    },
  );
  return operations;

  function waitsOf(item: DownItem): Task['waits'] {
    if (item.op === 'trash') {
      const isFolder = view.row(item.node)!.local!.kind === 'folder';
      return isFolder ? view.localChildren(item.node).map(({ node }) => ({ event: left(node), of: node })) : [];
    }
    const waits: { event: string; of: NodeId }[] = [];
    const above = nearestMoving(item.parent);
    if (above !== null) waits.push({ event: placed(above), of: above });
    const holder = view.localChild(item.parent, item.name);
    if (holder !== undefined && holder.node !== item.node) waits.push({ event: left(holder.node), of: holder.node });
    return waits;
  }

  /** The first folder from `from` upwards, in the tree as it will be, that this plan places. */
  function nearestMoving(from: NodeId): NodeId | null {
    const passed: NodeId[] = [];
    let result: NodeId | null = null;
    for (let at = from; at !== ROOT_NODE && !passed.includes(at);) {
      // Nothing is placed in what goes to the trash.
      const known = down.has(at) ? at : nearest.get(at);
      if (known !== undefined) {
        result = known;
        break;
      }
      passed.push(at);
      at = view.row(at)?.local?.parent ?? ROOT_NODE;
    }
    for (const node of passed) nearest.set(node, result);
    return result;
  }
}

function left(node: NodeId): string {
  return `left ${node}`;
}

function placed(node: NodeId): string {
  return `placed ${node}`;
}
