import { LIMITS, ROOT_NODE, type NodeId } from '@onefold/protocol';
import { plan } from '../core/plan.ts';
import {
  childKey,
  MAX_DEPTH,
  verdictOf,
  weightier,
  type PlanInput,
  type SubtreeVerdict,
  type ViewNeed,
} from '../core/plan-view.ts';
import { joinPath } from '../core/names.ts';
import { isAlive } from '../core/settled.ts';
import type { Plan } from '../core/operation.ts';
import type { Name, NodeRow, RelPath } from '../core/tree.ts';
import type { Store } from '../ports.ts';
import type { Session } from './session.ts';

/** Plans for the due rows: loads what the planner asks for until it has everything. */
export async function planFor(session: Session, due: readonly NodeRow[], withFolders: boolean): Promise<Plan> {
  const { store, clock } = session.ports;
  const input: PlanInput = {
    rows: new Map(due.map((row) => [row.node, row])),
    localChild: new Map(),
    remoteChild: new Map(),
    localChildren: new Map(),
    verdicts: new Map(),
    movers: new Map(),
    isIgnored: session.rules,
    mode: session.options.mode ?? 'two-way',
    mostJoined: LIMITS.changesPerEntry,
    isParked: (node) =>
      session.patience.isWaiting(node) ||
      session.guard.isHeld(node) ||
      session.transfers.isBusy(node) ||
      session.isLeaving(node) ||
      session.lostContents.isKept(node),
    deviceName: session.options.deviceName,
    nowMs: clock.nowMs(),
  };
  const nodes = due.map((row) => row.node);
  await loadAncestors(store, input, nodes);
  for (;;) {
    const result = plan(input, nodes, withFolders);
    if (result.outcome === 'planned') return result.plan;
    await load(store, input, result.needs);
  }
}

async function load(store: Store, input: PlanInput, needs: readonly ViewNeed[]): Promise<void> {
  const rows = new Set<NodeId>();
  const names = {
    local: new Map<string, { parent: NodeId; name: Name }>(),
    remote: new Map<string, { parent: NodeId; name: Name }>(),
  };
  for (const need of needs) {
    if (need.kind === 'row') rows.add(need.node);
    if (need.kind === 'local-child') names.local.set(childKey(need.parent, need.name), need);
    if (need.kind === 'remote-child') names.remote.set(childKey(need.parent, need.name), need);
  }
  for (const side of ['local', 'remote'] as const) {
    const keys = [...names[side].values()].map(({ parent, name }) => ({ parent, name }));
    if (keys.length === 0) continue;
    const found = await store.childrenByName(side, keys);
    const table = side === 'local' ? input.localChild : input.remoteChild;
    keys.forEach(({ parent, name }, i) => {
      table.set(childKey(parent, name), found[i]?.node);
      keep(input, found[i]);
    });
  }
  for (const need of needs) {
    if (need.kind === 'local-children' && !input.localChildren.has(need.parent)) {
      const children = await store.childrenOf('local', need.parent);
      for (const child of children) keep(input, child);
      input.localChildren.set(
        need.parent,
        children.map((child) => child.node),
      );
    }
    if (need.kind === 'verdict' && !input.verdicts.has(need.folder))
      await judgeSubtree(store, input, need.folder, remotePathOf(input, need.folder));
  }
  await loadAncestors(store, input, [...rows]);
}

function keep(input: PlanInput, row: NodeRow | undefined): void {
  if (row !== undefined && !input.rows.has(row.node)) input.rows.set(row.node, row);
}

/** The nodes, and every folder above them on both sides: whatever is planned looks there. */
async function loadAncestors(store: Store, input: PlanInput, nodes: readonly NodeId[]): Promise<void> {
  const visited = new Set<NodeId>();
  let level = new Set(nodes);
  while (level.size > 0) {
    const missing = [...level].filter((node) => !input.rows.has(node));
    const loaded = missing.length === 0 ? [] : await store.rows(missing);
    missing.forEach((node, i) => input.rows.set(node, loaded[i]));
    const next = new Set<NodeId>();
    for (const node of level) {
      visited.add(node);
      const row = input.rows.get(node);
      for (const parent of [row?.local?.parent, row?.remote?.parent]) {
        if (parent !== undefined && !visited.has(parent) && parent !== ROOT_NODE) next.add(parent);
      }
    }
    level = next;
  }
}

/** Path in the journal; null where a name on the way cannot be read. What is above was loaded. */
function remotePathOf(input: PlanInput, node: NodeId): RelPath | null {
  const names: Name[] = [];
  for (let at = node; at !== ROOT_NODE;) {
    const remote = input.rows.get(at)?.remote;
    if (remote?.name == null || names.length > MAX_DEPTH) return null;
    names.unshift(remote.name);
    at = remote.parent;
  }
  return names.join('/');
}

/** Walks what is visible below a folder in the journal, children before their folder, and judges every folder on the way. */
async function judgeSubtree(
  store: Store,
  input: PlanInput,
  folder: NodeId,
  path: RelPath | null,
): Promise<SubtreeVerdict> {
  const known = input.verdicts.get(folder);
  if (known !== undefined) return known;
  let verdict: SubtreeVerdict = 'deletable';
  const movers: NodeId[] = [];
  for (const child of await store.childrenOf('remote', folder)) {
    if (!isAlive(child.remote)) continue;
    const at = path === null || child.remote.name === null ? null : joinPath(path, child.remote.name);
    const isIgnored = at !== null && input.isIgnored(at, child.remote.kind === 'folder');
    let its = verdictOf(child, input.isParked(child.node), isIgnored);
    if (its === 'waits') movers.push(child.node);
    if (its === 'deletable' && child.remote.kind === 'folder') {
      its = await judgeSubtree(store, input, child.node, at);
      movers.push(...input.movers.get(child.node)!);
    }
    verdict = weightier(verdict, its);
  }
  input.verdicts.set(folder, verdict);
  input.movers.set(folder, movers);
  return verdict;
}
