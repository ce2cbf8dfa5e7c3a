import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import { emptiedResidue } from '../core/residue.ts';
import type { FileStat, Name, NodeRow, RelPath } from '../core/tree.ts';
import { record, type Session } from './session.ts';

/** A folder deleted elsewhere stayed for what it held untracked. Nothing is left in it. */
export async function giveUpResidue(session: Session, node: NodeId): Promise<void> {
  const [row] = node === ROOT_NODE ? [] : await session.ports.store.rows([node]);
  const emptied = row === undefined ? null : emptiedResidue(row);
  if (emptied !== null) await record(session, { rows: [emptied] });
}

/**
 * An unmounted disk inside the root is unseen, not empty. A volume that only got another number shows what was known on it. `row`: the folder's own, which the
 * root has not.
 */
export async function isOnItsVolume(
  session: Session,
  task: { readonly node: NodeId; readonly path: RelPath },
  row: NodeRow | undefined,
  self: FileStat,
  entries: readonly { readonly name: Name; readonly stat: FileStat }[],
  known: readonly NodeRow[],
): Promise<boolean> {
  if (row?.local == null) return true;
  const recorded = row.local.stat;
  const id = `volume:${task.node}`;
  if (recorded.device !== self.device) {
    const inodes = new Map(entries.map(({ name, stat }) => [name, stat.inode]));
    const isKnown =
      known.length === 0 || known.some(({ local }) => inodes.get(diskNameOf(local!)) === local!.stat.inode);
    if (!isKnown) {
      const message = 'another disk stands here than before, or none: nothing in it counts as deleted';
      await session.attention.raise({ id, code: 'volume-missing', path: task.path, message });
      return false;
    }
    await record(session, { rows: [{ ...row, local: { ...row.local, stat: self } }] });
  }
  await session.attention.clear([id]);
  return true;
}
