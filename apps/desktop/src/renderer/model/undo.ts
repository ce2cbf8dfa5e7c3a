import type { Activity } from '@onefold/control';
import type { ActivityGroup } from './activity-groups.ts';

/**
 * What taking an item back would be: a deleted file comes back at its place, an edited one goes back to the version before. Each is a new
 * version, so that it can be undone as well. An entry that was added stays: taking that back would delete it.
 */
export function undoOf({ kind }: Activity): 'bring-back' | 'go-back' | null {
  if (kind === 'deleted') return 'bring-back';
  return kind === 'edited' ? 'go-back' : null;
}

/**
 * Of some rows of the feed the ids of those after which nothing happened to the same entry: taking back what others came after would bring
 * another version than the one before it.
 * @param items all of the feed, newest first
 */
export function latestOf(groups: readonly ActivityGroup[], items: readonly Activity[]): ReadonlySet<string> {
  const wanted = new Set(groups.filter(({ count }) => count === 1).map(({ item }) => item.id));
  const latest = new Set<string>();
  const touched = new Set<string>();
  for (const { id, kind, folder, path, previousPath } of items) {
    if (wanted.size === 0) break;
    if (wanted.delete(id) && !touched.has(`${folder}\0${path}`)) latest.add(id);
    if (kind === 'attention') continue;
    touched.add(`${folder}\0${path}`);
    if (previousPath !== undefined) touched.add(`${folder}\0${previousPath}`);
  }
  return latest;
}
