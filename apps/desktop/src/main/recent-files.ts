import type { Activity } from '@onefold/control';
import type { RecentFile } from './tray-view.ts';

const KEPT = 20;

/** Recent files, newest first, each once; what was deleted is none. @param items oldest first */
export function keepRecent(known: readonly RecentFile[], items: readonly Activity[]): RecentFile[] {
  let recent = [...known];
  for (const { kind, folder, path, previousPath } of items) {
    recent = recent.filter((file) => file.folder !== folder || (file.path !== path && file.path !== previousPath));
    if (kind !== 'deleted' && kind !== 'attention' && path !== '') recent.unshift({ folder, path });
  }
  return recent.slice(0, KEPT);
}
