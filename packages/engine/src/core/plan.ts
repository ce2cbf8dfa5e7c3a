import type { NodeId } from '@onefold/protocol';
import { attributesToSend } from './decide.ts';
import { dropUnmet, orderDown } from './order-down.ts';
import { dropUnmetUps, orderUp } from './order-up.ts';
import type { DownOperation, Plan } from './operation.ts';
import { createPlanView, type PlanInput, type ViewNeed } from './plan-view.ts';
import { planFolderTrash, planFolderWithdrawal, planTrash, planDownPlace, planWithdrawal } from './plan-down.ts';
import { planHide, planUpPlace } from './plan-up.ts';
import { createPlanner, freeConflictName, isUntickedGround, type Asking, type Planner } from './planner.ts';
import { isAlive, isSettled, sameAttributes, sameContent, samePlace } from './settled.ts';
import type { Name, NodeRow, RelPath } from './tree.ts';

export type PlanResult =
  | { readonly outcome: 'planned'; readonly plan: Plan }
  | { readonly outcome: 'needs'; readonly needs: readonly ViewNeed[] };

/**
 * Plans for the due rows, and for the unsettled rows these depend on. Pure: the same input gives the same plan. Folders deleted elsewhere
 * are only taken away with `withFolders`, when what was in them had its turn; before that they would be looked into again and again.
 * Answers `needs` when something was not loaded; load it into the input and call again.
 */
export function plan(input: PlanInput, due: readonly NodeId[], withFolders: boolean): PlanResult {
  const view = createPlanView(input);
  const rows: NodeRow[] = [];
  const planner = createPlanner(view);
  for (const node of due) {
    const row = view.row(node);
    if (row !== undefined) consider(row);
  }
  dropUnmet(planner);
  dropUnmetUps(planner);
  if (view.needs.length > 0) return { outcome: 'needs', needs: view.needs };
  const down = [...orderDown(planner), ...contentDown(planner)];
  const up = orderUp(planner);
  if (view.needs.length > 0) return { outcome: 'needs', needs: view.needs };
  const busy = new Set([
    ...planner.adopt.keys(),
    ...planner.adopt.values(),
    ...planner.rekey,
    ...planner.setAside.keys(),
  ]);
  return {
    outcome: 'planned',
    plan: {
      rows,
      adopt: [...planner.adopt].map(([from, into]) => ({ from, into })),
      rekey: [...planner.rekey],
      setAside: [...planner.setAside].map(([node, name]) => ({ node, name })),
      identify: [...planner.identify].filter((node) => !busy.has(node)),
      down: down.filter(({ node }) => !busy.has(node)),
      up: up.filter(({ node }) => !busy.has(node)),
      waiting: planner.waiting,
    },
  };

  /** Names may be handed on from node to node for thousands of them: what waits meanwhile is kept here and not on the machine's stack. */
  function consider(first: NodeRow): void {
    const open: Asking<void>[] = [];
    begin(first);
    while (open.length > 0) {
      const asked = open[open.length - 1]!.next();
      if (asked.done === true) open.pop();
      else begin(asked.value);
    }

    function begin(row: NodeRow): void {
      if (planner.considered.has(row.node)) return;
      planner.considered.add(row.node);
      if (row !== input.rows.get(row.node)) rows.push(row);
      if (!isSettled(row)) open.push(considerUnsettled(planner, row, withFolders));
    }
  }
}

function* considerUnsettled(planner: Planner, row: NodeRow, withFolders: boolean): Asking<void> {
  const { view, waiting } = planner;
  if (isIgnored(planner, row)) return void waiting.set(row.node, 'ignored');
  if (view.input.isParked(row.node)) return void waiting.set(row.node, 'parked');
  const { fate } = view.decision(row);
  switch (fate) {
    case 'none':
    case 'drop':
      return;
    case 'look':
      return void planner.identify.add(row.node);
    case 'create-up':
      return yield* planUpPlace(planner, row);
    case 'create-down':
      return yield* planDownPlace(planner, row);
    case 'delete-up':
      return yield* planHide(planner, row);
    case 'delete-down':
      if (row.local!.kind !== 'folder') return yield* planTrash(planner, row);
      if (withFolders) return yield* planFolderTrash(planner, row);
      return void waiting.set(row.node, 'next');
    case 'withdraw':
      if (row.local!.kind !== 'folder') return planWithdrawal(planner, row);
      if (withFolders) return yield* planFolderWithdrawal(planner, row);
      return void waiting.set(row.node, 'next');
    case 'one-way':
      return void waiting.set(row.node, 'one-way');
    case 'held':
      return considerHeld(planner, row);
    case 'restore-up':
      return yield* considerRestore(planner, row);
    case 'both':
      return yield* considerBoth(planner, row);
  }
}

/** What was taken out of a folder that is not to be here, to where things are synced, goes on as a new node: nothing of the old one is touched. */
function considerHeld(planner: Planner, row: NodeRow): void {
  if (row.synced !== null && !isUntickedGround(planner, row.local!.parent)) planner.rekey.add(row.node);
  else planner.waiting.set(row.node, 'unticked');
}

function* considerRestore(planner: Planner, row: NodeRow): Asking<void> {
  const [local, remote] = [row.local!, row.remote!];
  yield* planUpPlace(planner, row);
  if (local.kind === 'folder') return;
  if (!sameContent(local.content, remote.content)) planner.content.set(row.node, 'up');
  const attributes = attributesToSend(local, row.synced);
  if (attributes !== null && !sameAttributes(attributes, remote.attributes)) planner.attributes.set(row.node, 'up');
}

function* considerBoth(planner: Planner, row: NodeRow): Asking<void> {
  const { node } = row;
  const { place, content, attributes } = planner.view.decision(row);
  if (place === 'up') yield* planUpPlace(planner, row);
  if (place === 'down') yield* planDownPlace(planner, row);
  if (attributes !== 'same') planner.attributes.set(node, attributes);
  if (content === 'look') planner.identify.add(node);
  if (content === 'up' || content === 'down' || content === 'conflict') planner.content.set(node, content);
  if (place === 'same' && content === 'same' && attributes === 'same') planner.waiting.set(node, 'one-way');
}

function isIgnored(planner: Planner, row: NodeRow): boolean {
  const { view } = planner;
  const isFolder = (row.local ?? row.remote ?? row.synced)!.kind === 'folder';
  const matches = (path: RelPath | null): boolean => path !== null && view.input.isIgnored(path, isFolder);
  const { local, remote, synced } = row;
  const here = matches(view.localPath(row));
  const there = isAlive(remote) && matches(view.remotePath(row));
  if (here === there || local === null || !isAlive(remote) || synced === null) return here || there;
  // Taken out of what is ignored, on either side, it is synced again.
  return samePlace(remote, synced) === here;
}

/** For what stands here and in the journal with different bytes. Only once all places are taken: until then it is not said whether it moves first. */
function nameBeside(planner: Planner, node: NodeId): Name {
  const { parent, name } = planner.view.row(node)!.local!;
  return freeConflictName(planner, parent, name, false);
}

/** Content and attributes that come down, after all places are taken. */
function contentDown(planner: Planner): DownOperation[] {
  const operations: DownOperation[] = [];
  for (const [node, direction] of planner.content) {
    if (direction === 'up') continue;
    // A node that moves first is known by another ctime afterwards: its content follows with the next plan.
    if (planner.down.has(node)) planner.waiting.set(node, 'next');
    else operations.push({ op: 'replace', node, keepAs: direction === 'conflict' ? nameBeside(planner, node) : null });
  }
  for (const [node, direction] of planner.attributes) {
    if (direction === 'up') continue;
    const { kind, stat } = planner.view.row(node)!.local!;
    if (kind !== 'file' || stat.linkCount <= 1) operations.push({ op: 'set-attributes', node });
    // Its other names would get them too: it becomes a file of its own, once its bytes are the journal's.
    else if (!planner.content.has(node) && !planner.down.has(node))
      operations.push({ op: 'replace', node, keepAs: null });
    else planner.waiting.set(node, 'next');
  }
  return operations;
}
