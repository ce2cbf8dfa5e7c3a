import { parseEntry } from '@onefold/journal';
import type { NodeId } from '@onefold/protocol';
import { decide } from '../core/decide.ts';
import { isAlive } from '../core/settled.ts';
import type { NodeRow } from '../core/tree.ts';
import type { InFlight } from '../ports.ts';

/*
 * What folders that are not to be on a device may never bring about: they are that device's own affair. Looked at when an entry is composed,
 * against what the device knows at that moment.
 */

/** Why the entry must not be sent, in words; null when it touches nothing that is unticked. */
export function untickedTouched(rows: readonly NodeRow[], { entry }: InFlight): string | null {
  if (!rows.some(({ remote }) => remote?.unticked === true)) return null;
  const parsed = parseEntry(entry);
  if (parsed.type !== 'changeset') return null;
  const byNode = new Map(rows.map((row) => [row.node, row]));
  for (const change of parsed.body.changes) {
    const remote = byNode.get(change.node)?.remote;
    if (remote?.unticked === true) return `${change.op} of ${remote.name}, which is not to be here`;
    if (change.op !== 'place' || !change.hidden) continue;
    const below = rows.find(
      (row) => row.remote?.unticked === true && isAlive(row.remote) && isBelow(byNode, row, change.node),
    );
    if (below !== undefined)
      return `delete of ${remote?.name} with ${below.remote?.name} in it, which is not to be here`;
  }
  return null;
}

function isBelow(rows: ReadonlyMap<NodeId, NodeRow>, row: NodeRow, folder: NodeId): boolean {
  for (let at = row.remote?.parent, steps = 0; at !== undefined && steps < 1_000; steps++) {
    if (at === folder) return true;
    at = rows.get(at)?.remote?.parent;
  }
  return false;
}

/** Files that stand at rest where they are not to be although the server has them. What a rule froze stays until the rule goes. */
export function notWithdrawn(rows: readonly NodeRow[]): readonly NodeRow[] {
  return rows.filter((row) => {
    if (row.remote?.unticked !== true || row.local === null || row.local.kind === 'folder') return false;
    return decide(row).fate !== 'held';
  });
}
