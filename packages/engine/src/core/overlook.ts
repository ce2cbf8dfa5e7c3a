import { LIMITS } from '@onefold/protocol';
import { isAlive, isUnseen, sameContent, samePlace } from './settled.ts';
import type { NodeRow } from './tree.ts';

/*
 * A version that the server has lost and nobody brings back cannot be waited for: what a person makes of the file here goes in its place. Should somebody
 * come back who has it, it is kept beside: the version written over it says that its author never had it (RemoteState.unseen).
 */

/**
 * The row once the journal's content was overlooked: what stands here, or that nothing does, is a change of it, whatever its bytes are. Its content counts as
 * of no known bytes, so that the row is not at rest before it was said.
 */
export function overlook(row: NodeRow): NodeRow {
  const { remote, local, synced } = row;
  if (!isAlive(remote) || remote.name === null) return row;
  const { kind, parent, name, placeVersion, contentVersion, attributesVersion } = remote;
  if (synced !== null) return { ...row, synced: { ...synced, content: null, contentVersion } };
  if (local === null) return row;
  const versions = { placeVersion, contentVersion, attributesVersion };
  return { ...row, synced: { kind, parent, name, content: null, attributes: null, shown: null, ...versions } };
}

/** What the journal says was overlooked, and nothing is said in its place yet. */
export function isOverlooked({ remote, synced }: Pick<NodeRow, 'remote' | 'synced'>): boolean {
  if (remote?.content == null || synced === null) return false;
  return synced.content === null && synced.contentVersion === remote.contentVersion;
}

/**
 * Whether the file was changed here while the journal's version of it cannot be had: other bytes, a file where there was none, or (`stood` when that became
 * known) none where there was one. Bytes that are not known yet say nothing.
 */
export function isChangedOver(row: NodeRow, stood: boolean): boolean {
  const { local, remote, synced } = row;
  if (!isAlive(remote) || remote.content === null || isOverlooked(row)) return false;
  if (local === null) return stood && synced !== null && samePlace(remote, synced);
  if (synced === null) return true;
  if (local.content === null) return false;
  return !sameContent(local.content, synced.content) && !sameContent(local.content, remote.content);
}

/**
 * Versions whose bytes nobody will have had who wrote one since, once this row's content is written over the journal's. `mayBeLost`: the server may not have
 * all of the journal's. An edit that brings back what was deleted, and a folder that goes one way, write over versions that never were here.
 */
export function unseenAfter(row: NodeRow, mayBeLost: boolean): readonly number[] {
  const { remote, synced } = row;
  const before = (remote?.unseen ?? []).filter(
    (version) => !isUnseen(remote, synced) || version !== synced!.contentVersion,
  );
  const isMissed = isOverlooked(row) || (mayBeLost && isNeverHad(row));
  return (isMissed ? [...before, remote!.contentVersion] : before).slice(-LIMITS.unseenVersions);
}

/** The bytes of the journal's version never stood here, as far as is known. */
export function isNeverHad({ local, remote, synced }: NodeRow): boolean {
  if (remote?.content?.kind !== 'file' || sameContent(local?.content ?? null, remote.content)) return false;
  return synced?.contentVersion !== remote.contentVersion && !sameContent(synced?.content ?? null, remote.content);
}
