import type { Activity } from '@onefold/control';

/**
 * What taking an item back would be: a deleted file comes back at its place, an edited one goes back to the version before. Each is a new
 * version, so that it can be undone as well. An entry that was added stays: taking that back would delete it.
 */
export function undoOf({ kind }: Activity): 'bring-back' | 'go-back' | null {
  if (kind === 'deleted') return 'bring-back';
  return kind === 'edited' ? 'go-back' : null;
}
