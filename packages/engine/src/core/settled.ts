import type { AttributesValue, ContentValue, FileStat, LocalState, NodeRow, RemoteState, SyncedState } from './tree.ts';

/*
 * The three questions a row answers alone. Stores index rows by isSettled and isSafe, so both depend on nothing but the row.
 */

/** The journal holds the node and nothing above it is deleted. */
export function isAlive(remote: RemoteState | null): remote is RemoteState {
  return remote !== null && !remote.hidden && !remote.hiddenAbove;
}

export function sameContent(a: ContentValue | null, b: ContentValue | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === 'file') return b.kind === 'file' && a.contentId === b.contentId && a.sizeBytes === b.sizeBytes;
  return b.kind === 'link' && a.target === b.target;
}

export function samePlace(
  a: { readonly parent: string; readonly name: string | null },
  b: { readonly parent: string; readonly name: string | null },
): boolean {
  return a.parent === b.parent && a.name === b.name;
}

export function sameAttributes(a: AttributesValue | null, b: AttributesValue | null): boolean {
  if (a === null || b === null) return a === b;
  return a.mtimeNs === b.mtimeNs && a.mode === b.mode;
}

/** What a disk shows of the attributes that travel: mtime and mode of files, mode of folders, nothing of links. */
export function shownAttributes(stat: FileStat): AttributesValue | null {
  if (stat.kind === 'file') return { mtimeNs: stat.mtimeNs, mode: stat.mode };
  if (stat.kind === 'folder') return { mtimeNs: null, mode: stat.mode };
  return null;
}

/** What was last synced here was lost on the server, and what the journal says now was written by who never had it: only here it still is. */
export function isUnseen(remote: RemoteState | null, synced: SyncedState | null): boolean {
  return synced?.content != null && remote?.unseen?.includes(synced.contentVersion) === true;
}

/** The journal's half of the row is what was synced. */
export function remoteUnchanged(remote: RemoteState, synced: SyncedState): boolean {
  return (
    remote.placeVersion === synced.placeVersion &&
    remote.contentVersion === synced.contentVersion &&
    remote.attributesVersion === synced.attributesVersion
  );
}

/** The disk's half of the row is what was synced. Unidentified bytes are never unchanged. */
export function localUnchanged(local: LocalState, synced: SyncedState): boolean {
  if (!samePlace(local, synced)) return false;
  if (local.kind !== 'folder' && (local.content === null || !sameContent(local.content, synced.content))) return false;
  return sameAttributes(shownAttributes(local.stat), synced.shown);
}

/**
 * Nothing is to be done about this row, looked at alone. Besides three equal trees these are at rest: a node deleted on both sides, a
 * quarantined node, a mount, and a residue: a folder deleted elsewhere that stays here for what it holds untracked (local, remote
 * hidden, never synced since). Of unticked nodes: what is not here, and a folder that stays for what it holds untracked.
 */
export function isSettled({ local, remote, synced }: NodeRow): boolean {
  if (remote !== null && (remote.quarantined || remote.kind === 'mount')) return true;
  if (remote?.unticked === true) return synced === null && (local === null || local.kind === 'folder');
  if (local === null) return synced === null && !isAlive(remote);
  if (synced === null) return local.kind === 'folder' && remote !== null && !isAlive(remote);
  if (!isAlive(remote)) return false;
  return remoteUnchanged(remote, synced) && localUnchanged(local, synced);
}

/** Some committed version holds what stands on this disk: losing the disk would not lose it. */
export function isSafe({ local, remote, synced }: NodeRow): boolean {
  if (local === null) return true;
  if (local.kind === 'folder') return remote !== null;
  if (local.content === null) return false;
  return (
    (synced !== null && sameContent(local.content, synced.content) && !isUnseen(remote, synced)) ||
    (remote !== null && sameContent(local.content, remote.content))
  );
}
