import { agreed } from './agree.ts';
import { isAlive } from './settled.ts';
import type { NodeRow, RemoteState, SyncedState } from './tree.ts';

/**
 * Puts Synced in relation to a journal that lost its youngest entries. Up to `prefix` it is the one that Synced was made with: registers
 * that are as old there as in Synced, or older, are ancestors of what stands on this disk, which goes up as an edit of them. A node that
 * was touched after `prefix` bears versions of another history, with which nothing here can be compared: it counts as never seen.
 */
export function rebase(row: NodeRow, prefix: number): NodeRow {
  const { remote, synced } = row;
  if (synced === null) return agreed(row);
  if (!isAlive(remote) || remote.lastSeq > prefix) return agreed({ ...row, synced: null });
  return agreed({ ...row, synced: ancestorOf(synced, remote) });
}

function ancestorOf(synced: SyncedState, remote: RemoteState): SyncedState {
  let next = synced;
  if (synced.placeVersion > remote.placeVersion && remote.name !== null) {
    next = { ...next, parent: remote.parent, name: remote.name, placeVersion: remote.placeVersion };
  }
  if (synced.contentVersion > remote.contentVersion) {
    next = { ...next, content: remote.content, contentVersion: remote.contentVersion };
  }
  if (synced.attributesVersion > remote.attributesVersion) {
    const { attributes, attributesVersion } = remote;
    next = { ...next, attributes, shown: attributes, attributesVersion };
  }
  return next;
}
