import { isAlive } from './settled.ts';
import type { NodeRow } from './tree.ts';

/**
 * A folder deleted elsewhere, or unticked, that stays here for what it holds untracked. Once it is empty nothing keeps it: the row as it is to be planned
 * again, with the place it has as the one that was synced. Null for any other row.
 */
export function emptiedResidue(row: NodeRow): NodeRow | null {
  const { local, remote, synced } = row;
  if (local?.kind !== 'folder' || remote === null || synced !== null || (isAlive(remote) && !remote.unticked))
    return null;
  const { parent, name } = local;
  const { placeVersion, contentVersion, attributesVersion } = remote;
  const versions = { placeVersion, contentVersion, attributesVersion };
  return {
    ...row,
    synced: { kind: 'folder', parent, name, content: null, attributes: null, shown: null, ...versions },
  };
}
