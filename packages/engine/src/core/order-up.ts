import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import type { UpOperation } from './operation.ts';
import type { Planner } from './planner.ts';
import { isAlive } from './settled.ts';
import { takeTurns, type Task } from './turns.ts';

/** Takes out what needs another node's change that is not in the plan. */
export function dropUnmetUps(planner: Planner): void {
  const { view, up, waiting } = planner;
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const item of [...up.values()]) {
      if (isMet(item.node)) continue;
      up.delete(item.node);
      waiting.set(item.node, 'next');
      isChanged = true;
    }
  }

  function isMet(node: NodeId): boolean {
    if (planner.adopt.has(node) || planner.setAside.has(node) || planner.rekey.has(node) || planner.down.has(node))
      return false;
    const item = up.get(node)!;
    if (!item.after.every((at) => up.has(at))) return false;
    if (item.place === 'hide') return true;
    const parent = view.row(node)?.local?.parent ?? ROOT_NODE;
    if (parent === ROOT_NODE || isAlive(view.row(parent)?.remote ?? null)) return true;
    return up.has(parent) && up.get(parent)!.place !== 'hide';
  }
}

/**
 * Hides first, since they free names; then what takes a place, after its folder and after what gives up its name; last what keeps its
 * place. Where names go round in a circle the order is that of folders alone, and all of the circle is in one changeset: names only have
 * to be unique at its end.
 */
export function orderUp(planner: Planner): UpOperation[] {
  const { view, up, content, attributes } = planner;
  const operations: UpOperation[] = [];
  const placing = [...up.values()].filter((item) => item.place !== 'hide');
  for (const item of up.values()) if (item.place === 'hide') add(item.node, false);
  let isTied = false;
  takeTurns(
    placing.map((item) => ({ node: item.node, waits: [...folderOf(item.node), ...item.after.flatMap(giverOf)] })),
    {
      run(node, happened) {
        add(node, isTied);
        happened(`folder ${node}`);
        happened(`name ${node}`);
      },
      untie(circle, _happened, take) {
        const ordered = [...circle].sort((a, b) => depthOf(a) - depthOf(b));
        ordered.forEach((node, i) => {
          isTied = i > 0;
          take(node);
        });
        isTied = false;
      },
    },
  );
  for (const node of new Set([...content.keys(), ...attributes.keys()])) {
    if (!up.has(node) && isAlive(view.row(node)?.remote ?? null)) add(node, false);
  }
  return operations;

  /** First, so that a circle is followed along folders where it can be: every member's folder is then in it or done. */
  function folderOf(node: NodeId): Task['waits'] {
    const parent = view.row(node)?.local?.parent;
    const item = parent === undefined ? undefined : up.get(parent);
    return item === undefined || item.place === 'hide' ? [] : [{ event: `folder ${item.node}`, of: item.node }];
  }

  function giverOf(node: NodeId): Task['waits'] {
    return up.get(node)!.place === 'hide' ? [] : [{ event: `name ${node}`, of: node }];
  }

  function add(node: NodeId, joined: boolean): void {
    const item = up.get(node);
    const isCreate = item?.place === 'create';
    const hasContent = content.get(node)?.direction === 'up';
    const hasAttributes = attributes.get(node) === 'up';
    if (item === undefined && !hasContent && !hasAttributes) return;
    const place = item?.place ?? null;
    operations.push({ node, place, content: isCreate || hasContent, attributes: isCreate || hasAttributes, joined });
  }

  function depthOf(node: NodeId): number {
    let depth = 0;
    for (let at = view.row(node)?.local?.parent; at !== undefined && at !== ROOT_NODE; depth++)
      at = view.row(at)?.local?.parent;
    return depth;
  }
}
