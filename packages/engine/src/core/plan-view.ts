import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { agreed } from './agree.ts';
import { decide, type Decision } from './decide.ts';
import type { IgnoreRules } from './ignore.ts';
import { joinPath } from './names.ts';
import { heldBack, type FolderMode } from './one-way.ts';
import { isAlive } from './settled.ts';
import type { Name, NodeRow, RelPath } from './tree.ts';

/**
 * What deleting a folder in the journal would take along, of everything that is visible below it there:
 * `deletable` all of it was deleted here too; `waits` something is to be moved out first; `kept` something must live on in it;
 * `held` what else there is in it is not here by wish, and so nobody deleted it.
 */
export type SubtreeVerdict = 'deletable' | 'waits' | 'kept' | 'held';

/** A look-up the planner made and that was not loaded. The caller loads it and plans again. */
export type ViewNeed =
  | { readonly kind: 'row'; readonly node: NodeId }
  | { readonly kind: 'local-child'; readonly parent: NodeId; readonly name: Name }
  | { readonly kind: 'remote-child'; readonly parent: NodeId; readonly name: Name }
  | { readonly kind: 'local-children'; readonly parent: NodeId }
  | { readonly kind: 'verdict'; readonly folder: NodeId };

/** What has been loaded, and what applies besides the rows. Nothing of it changes while one plan is made. */
export interface PlanInput {
  readonly rows: Map<NodeId, NodeRow | undefined>;
  /** Keys by childKey. */
  readonly localChild: Map<string, NodeId | undefined>;
  readonly remoteChild: Map<string, NodeId | undefined>;
  readonly localChildren: Map<NodeId, readonly NodeId[]>;
  readonly verdicts: Map<NodeId, SubtreeVerdict>;
  /** Why a verdict is `waits`: loaded along with it. */
  readonly movers: Map<NodeId, readonly NodeId[]>;
  readonly isIgnored: IgnoreRules;
  readonly mode: FolderMode;
  /** Changes that one changeset can hold. */
  readonly mostJoined: number;
  /** Rows that are left alone for now: held for an answer, in back-off, or being transferred on their own. */
  isParked(node: NodeId): boolean;
  /** This device's, for the names of conflict copies. */
  readonly deviceName: string;
  readonly nowMs: number;
}

export function childKey(parent: NodeId, name: Name): string {
  return `${parent}/${name}`;
}

/** Reads of one planning run. What was not loaded is noted in `needs` and answered as absent; such a plan is thrown away. */
export interface PlanView {
  readonly input: PlanInput;
  readonly needs: ViewNeed[];
  row(node: NodeId): NodeRow | undefined;
  decision(row: NodeRow): Decision;
  localChild(parent: NodeId, name: Name): NodeRow | undefined;
  remoteChild(parent: NodeId, name: Name): NodeRow | undefined;
  localChildren(parent: NodeId): readonly NodeRow[];
  verdict(folder: NodeId): SubtreeVerdict;
  /** Of a folder whose verdict is `waits`: what is to have its turn first. */
  movers(folder: NodeId): readonly NodeId[];
  /** Path on this disk; null while an ancestor is not here. */
  localPath(row: NodeRow): RelPath | null;
  /** Path in the journal; null below a node whose name cannot be read. */
  remotePath(row: NodeRow): RelPath | null;
}

/**
 * Deeper than any path a system takes (4,096 bytes on Linux, half of them slashes). Rows that were seen at different moments may go round in
 * a circle until the next look: it ends here, and well before the stack does.
 */
export const MAX_DEPTH = 2_048;

export function createPlanView(input: PlanInput): PlanView {
  const needs: ViewNeed[] = [];
  const agreedRows = new Map<NodeId, NodeRow>();
  const decisions = new Map<NodeId, Decision>();
  const paths = { local: new Map<NodeId, RelPath | null>(), remote: new Map<NodeId, RelPath | null>() };

  function row(node: NodeId): NodeRow | undefined {
    const known = agreedRows.get(node);
    if (known !== undefined) return known;
    if (!input.rows.has(node)) {
      needs.push({ kind: 'row', node });
      return undefined;
    }
    const loaded = input.rows.get(node);
    if (loaded === undefined) return undefined;
    const result = agreed(loaded);
    agreedRows.set(node, result);
    return result;
  }

  function child(table: Map<string, NodeId | undefined>, need: ViewNeed & { parent: NodeId; name: Name }) {
    const key = childKey(need.parent, need.name);
    if (!table.has(key)) {
      needs.push(need);
      return undefined;
    }
    const node = table.get(key);
    return node === undefined ? undefined : row(node);
  }

  function path(side: 'local' | 'remote', from: NodeRow, depth = 0): RelPath | null {
    const known = paths[side].get(from.node);
    if (known !== undefined) return known;
    const place = from[side];
    if (place === null || place.name === null || depth > MAX_DEPTH) return null;
    let result: RelPath | null = place.name;
    if (place.parent !== ROOT_NODE) {
      const parent = row(place.parent);
      const above = parent === undefined ? null : path(side, parent, depth + 1);
      result = above === null ? null : joinPath(above, place.name);
    }
    paths[side].set(from.node, result);
    return result;
  }

  return {
    input,
    needs,
    row,
    decision(of) {
      let result = decisions.get(of.node);
      if (result === undefined) {
        result = heldBack(input.mode, decide(of));
        decisions.set(of.node, result);
      }
      return result;
    },
    localChild: (parent, name) => child(input.localChild, { kind: 'local-child', parent, name }),
    remoteChild: (parent, name) => child(input.remoteChild, { kind: 'remote-child', parent, name }),
    localChildren(parent) {
      const known = input.localChildren.get(parent);
      if (known === undefined) {
        needs.push({ kind: 'local-children', parent });
        return [];
      }
      return known.map((node) => row(node)).filter((found) => found !== undefined);
    },
    verdict(folder) {
      const known = input.verdicts.get(folder);
      if (known === undefined) needs.push({ kind: 'verdict', folder });
      return known ?? 'waits';
    },
    movers: (folder) => input.movers.get(folder) ?? [],
    localPath: (of) => path('local', of),
    remotePath: (of) => path('remote', of),
  };
}

const WEIGHT: Readonly<Record<SubtreeVerdict, number>> = { deletable: 0, waits: 1, held: 2, kept: 3 };

/** What two children say together. */
export function weightier(a: SubtreeVerdict, b: SubtreeVerdict): SubtreeVerdict {
  return WEIGHT[a] >= WEIGHT[b] ? a : b;
}

/** What one node below a folder deleted here says about deleting that folder there. Nodes that are not visible there have no say. */
export function verdictOf(row: NodeRow, isParked: boolean, isIgnored: boolean): SubtreeVerdict {
  const { fate, place } = decide(agreed(row));
  if (!isAlive(row.remote)) return 'deletable';
  if (row.remote.quarantined || row.remote.kind === 'mount') return 'kept';
  if (row.remote.unticked || isIgnored) return 'held';
  if (fate === 'delete-up') return isParked ? 'waits' : 'deletable';
  // What stands here although its folder does not was moved out of it, and that is still to be said.
  return place === 'up' ? 'waits' : 'kept';
}
