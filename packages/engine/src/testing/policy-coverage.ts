import { agreed } from '../core/agree.ts';
import { decide } from '../core/decide.ts';
import { isAlive, sameAttributes, sameContent, samePlace } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import type { Coverage } from './coverage.ts';

/** What an engine says of a plan it is about to carry out; the parts counted here. */
interface PlanSaid {
  readonly rows?: number;
  readonly adopt?: readonly unknown[];
  readonly rekey?: readonly unknown[];
  readonly setAside?: readonly unknown[];
  readonly down?: readonly { readonly op: string }[];
}

/** Counts which rows of the policy table a plan meets, from the unsettled rows it is made for and from what it says. */
export function countPolicy(coverage: Coverage, rows: readonly NodeRow[], plan: PlanSaid): void {
  for (const row of rows) for (const label of policyOf(agreed(row))) coverage.count('policy', label);
  const said: readonly (readonly [label: string, times: number])[] = [
    ['both changed equally: agreed', plan.rows ?? 0],
    ['create against create, the same: one node', plan.adopt?.length ?? 0],
    ['change in a folder deleted there: a new folder', plan.rekey?.length ?? 0],
    ['another holds the name: put aside', plan.setAside?.length ?? 0],
    ['names in a circle: by way of staging', plan.down?.filter(({ op }) => op === 'park').length ?? 0],
  ];
  for (const [label, times] of said) if (times > 0) coverage.count('policy', label, times);
}

function policyOf(row: NodeRow): string[] {
  const { local, remote, synced } = row;
  const { fate, place, content, attributes } = decide(row);
  if (fate === 'restore-up') {
    const isMoved = synced !== null && local !== null && !samePlace(local, synced);
    return [isMoved ? 'move here against delete there' : 'edit here against delete there'];
  }
  if (fate === 'create-down' && synced !== null && remote !== null) {
    return [samePlace(remote, synced) ? 'edit there against delete here' : 'move there against delete here'];
  }
  if (fate === 'delete-up' || fate === 'delete-down') return [`one side deleted (${fate.slice(7)})`];
  if (fate !== 'both' || local === null || remote === null) return [];
  const labels: string[] = [];
  if (content === 'conflict') labels.push('both edited differently: conflict copy');
  if (content === 'up' || content === 'down') labels.push(`one side edited (${content})`);
  if (place !== 'same') {
    const isBoth = synced !== null && !samePlace(local, synced) && !samePlace(remote, synced);
    labels.push(isBoth ? 'move against move: the journal wins' : `one side moved (${place})`);
  }
  if (attributes !== 'same' && content === 'same') labels.push(`times or mode alone (${attributes})`);
  if (synced !== null && isAlive(remote) && !sameAttributes(synced.attributes, synced.shown))
    labels.push('times that this disk cannot hold');
  if (synced !== null && content === 'up' && place === 'down' && sameContent(remote.content, synced.content))
    labels.push('a rename beside an edit');
  return labels;
}
