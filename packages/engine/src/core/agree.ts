import { attributesToSend } from './decide.ts';
import { isAlive, sameAttributes, sameContent, samePlace, shownAttributes } from './settled.ts';
import type { LocalState, NodeRow, RemoteState, SyncedState } from './tree.ts';

/**
 * The row with Synced moved as far as both sides agree, register by register; the row itself where there is nothing to move. Synced only
 * ever takes values that stand on the disk and in the journal at once.
 */
export function agreed(row: NodeRow): NodeRow {
  const { local, remote, synced } = row;
  if (remote !== null && (remote.quarantined || remote.kind === 'mount')) return row;
  const isWanted = isAlive(remote) && !remote.unticked;
  if (local === null) return synced !== null && !isWanted ? { ...row, synced: null } : row;
  // A folder that is not to be here, and stays for what it holds, is in agreement with nobody.
  if (!isAlive(remote) || (remote.unticked && local.kind === 'folder')) return row;
  const next = synced === null ? firstAgreement(local, remote) : laterAgreement(local, remote, synced);
  return next === synced ? row : { ...row, synced: next };
}

function firstAgreement(local: LocalState, remote: RemoteState): SyncedState | null {
  if (!samePlace(local, remote) || !isContentEqual(local, remote)) return null;
  const shown = shownAttributes(local.stat);
  const areAttributesEqual = isFolderOrLinkWithout(remote) || sameAttributes(shown, remote.attributes);
  return {
    kind: local.kind,
    parent: local.parent,
    name: local.name,
    content: remote.content,
    attributes: areAttributesEqual ? remote.attributes : null,
    shown,
    placeVersion: remote.placeVersion,
    contentVersion: remote.contentVersion,
    // -1: of another version than any the journal has, so that the journal's are put on this disk.
    attributesVersion: areAttributesEqual ? remote.attributesVersion : -1,
  };
}

function laterAgreement(local: LocalState, remote: RemoteState, synced: SyncedState): SyncedState {
  let next = synced;
  if (samePlace(local, remote) && (remote.placeVersion !== next.placeVersion || !samePlace(remote, next))) {
    next = { ...next, parent: local.parent, name: local.name, placeVersion: remote.placeVersion };
  }
  if (
    isContentEqual(local, remote) &&
    (remote.contentVersion !== next.contentVersion || !sameContent(remote.content, next.content))
  ) {
    next = { ...next, content: remote.content, contentVersion: remote.contentVersion };
  }
  const shown = shownAttributes(local.stat);
  if (areAttributesAgreed(local, remote, synced) && isAttributesNews(remote, synced, shown)) {
    next = { ...next, attributes: remote.attributes, shown, attributesVersion: remote.attributesVersion };
  }
  return next;
}

function isContentEqual(local: LocalState, remote: RemoteState): boolean {
  if (local.kind === 'folder') return true;
  return local.content !== null && sameContent(local.content, remote.content);
}

function areAttributesAgreed(local: LocalState, remote: RemoteState, synced: SyncedState): boolean {
  return isFolderOrLinkWithout(remote) || sameAttributes(remote.attributes, attributesToSend(local, synced));
}

/**
 * A file that came with times its disk cut off, and in whose place one now stands that has them in full, shows what the journal says: there is nothing to
 * send, and what is taken for shown has to follow, or it would be planned for ever.
 */
function isAttributesNews(remote: RemoteState, synced: SyncedState, shown: SyncedState['shown']): boolean {
  if (remote.attributesVersion !== synced.attributesVersion) return true;
  return !isFolderOrLinkWithout(remote) && !sameAttributes(shown, synced.shown);
}

/** Links carry no attributes here, and an author may have had none to give. */
function isFolderOrLinkWithout(remote: RemoteState): boolean {
  return remote.kind === 'link' || remote.attributes === null;
}

/**
 * Synced after an entry of this very device: whatever the disk holds by now, what was sent stood on it. Without this a file edited again
 * while its first edit was on the way would be in conflict with itself.
 */
export function syncedBySending(row: NodeRow, now: RemoteState): SyncedState | null {
  const { local, remote: sentFrom, synced: before } = row;
  if (now.hidden) return null;
  if (now.name === null) return before;
  const isNewPlace = sentFrom?.placeVersion !== now.placeVersion;
  const isNewContent = sentFrom?.contentVersion !== now.contentVersion;
  const isNewAttributes = sentFrom?.attributesVersion !== now.attributesVersion;
  if (before === null) {
    // It went unseen while something was said of it. What was brought back, though, stood here when that was said, and was deleted since.
    if (local === null && isAlive(sentFrom)) return null;
    return {
      kind: now.kind,
      parent: now.parent,
      name: now.name,
      content: now.content,
      attributes: now.attributes,
      shown: now.attributes,
      placeVersion: now.placeVersion,
      contentVersion: now.contentVersion,
      attributesVersion: now.attributesVersion,
    };
  }
  return {
    ...before,
    ...(isNewPlace ? { parent: now.parent, name: now.name, placeVersion: now.placeVersion } : {}),
    ...(isNewContent ? { content: now.content, contentVersion: now.contentVersion } : {}),
    ...(isNewAttributes
      ? { attributes: now.attributes, shown: shownAfter(before, now), attributesVersion: now.attributesVersion }
      : {}),
  };
}

/** Fields that were sent are what the disk showed; the others it goes on showing as before. */
function shownAfter(before: SyncedState, now: RemoteState): SyncedState['shown'] {
  const { attributes } = now;
  if (attributes === null || before.attributes === null || before.shown === null) return attributes;
  return {
    mtimeNs: attributes.mtimeNs === before.attributes.mtimeNs ? before.shown.mtimeNs : attributes.mtimeNs,
    mode: attributes.mode === before.attributes.mode ? before.shown.mode : attributes.mode,
  };
}
