import { sameAttributes, samePlace } from '../core/settled.ts';
import type { AttributesValue, RemoteState, SyncedState } from '../core/tree.ts';

/**
 * Synced once the journal's version of a node stands at `place` on this disk, with these attributes given to it and showing these.
 */
export function syncedAs(
  remote: RemoteState,
  place: { readonly parent: SyncedState['parent']; readonly name: string },
  before: SyncedState | null,
  given: AttributesValue | null,
  shown: SyncedState['shown'],
): SyncedState {
  // Content may arrive while the node still stands where the journal does not have it.
  const isPlaced = samePlace(remote, place);
  // Others may have come since it was staged: -1, of another version than any, has them put on this disk next.
  const areGiven = remote.attributes === null || sameAttributes(given, remote.attributes);
  return {
    kind: remote.kind,
    parent: isPlaced ? place.parent : (before?.parent ?? remote.parent),
    name: isPlaced ? place.name : (before?.name ?? remote.name!),
    placeVersion: isPlaced ? remote.placeVersion : (before?.placeVersion ?? remote.placeVersion),
    content: remote.content,
    contentVersion: remote.contentVersion,
    attributes: areGiven ? remote.attributes : given,
    attributesVersion: areGiven ? remote.attributesVersion : -1,
    shown,
  };
}
