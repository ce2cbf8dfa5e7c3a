import { joinPath } from '../core/names.ts';
import type { ActivityItem } from '../ports.ts';
import type { Session } from './session.ts';
import type { ReadyUnit } from './travelling.ts';

const ACTIVITY_PER_CHANGESET = 100;

/** What this device did, as people are told it. */
export async function activityOf(session: Session, units: readonly ReadyUnit[]): Promise<Omit<ActivityItem, 'id'>[]> {
  const items: Omit<ActivityItem, 'id'>[] = [];
  const atMs = session.ports.clock.nowMs();
  for (const unit of units.slice(0, ACTIVITY_PER_CHANGESET)) {
    const kind = kindOf(unit);
    if (kind === null) continue;
    const path = unit.operation.place === 'hide' ? ((await committedPath(session, unit)) ?? unit.path) : unit.path;
    const previousPath = kind === 'renamed' || kind === 'moved' ? await committedPath(session, unit) : null;
    items.push({ atMs, kind, path, previousPath, device: session.device });
  }
  return items;
}

function kindOf({ operation, row, content }: ReadyUnit): ActivityItem['kind'] | null {
  switch (operation.place) {
    case 'create':
      return 'added';
    case 'hide':
      return 'deleted';
    case 'place':
      if (row.remote?.hidden === true || row.remote?.hiddenAbove === true) return 'restored';
      return row.local?.parent === row.remote?.parent ? 'renamed' : 'moved';
    case null:
      return content?.sealed == null || operation.lost !== undefined ? null : 'edited';
  }
}

/** Where the node stood in the journal before. A folder above it that moved in the same breath is named as it is now. */
async function committedPath(session: Session, { row }: ReadyUnit): Promise<string | null> {
  if (row.remote === null) return null;
  const { parent, name } = row.remote;
  const folder = await session.paths.folder(parent);
  return folder === null ? (name ?? '') : joinPath(folder, name ?? '');
}
