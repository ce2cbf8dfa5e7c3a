import { ROOT_NODE, type NodeId } from '@onefold/protocol';
import { diskNameOf } from '../core/local-name.ts';
import { emptiedResidue } from '../core/residue.ts';
import type { FileStat, Name, NodeRow, RelPath } from '../core/tree.ts';
import { record, type Session } from './session.ts';
import { succeed } from './succeed.ts';

/** A folder deleted elsewhere stayed for what it held untracked, or since a disk was mounted on it. Nothing is left in it, and it was looked at just now. */
export async function giveUpResidue(session: Session, node: NodeId, rootDevice: bigint | undefined): Promise<void> {
  const { store } = session.ports;
  const [row] = node === ROOT_NODE ? [] : await store.rows([node]);
  const emptied = row === undefined ? null : emptiedResidue(row);
  if (emptied === null) return;
  const { parent, stat } = emptied.local!;
  const [above] = parent === ROOT_NODE ? [] : await store.rows([parent]);
  const deviceAbove = parent === ROOT_NODE ? rootDevice : above?.local?.stat.device;
  if (stat.device === deviceAbove) await record(session, { rows: [emptied] });
}

/** Something in it that cannot be examined has not been known there: it may be what is missing elsewhere. */
export function isPartlyUnknown(unreadable: readonly { readonly name: Name }[], known: readonly NodeRow[]): boolean {
  if (unreadable.length === 0) return false;
  const names = new Set(known.map(({ local }) => diskNameOf(local!)));
  return unreadable.some(({ name }) => !names.has(name));
}

/**
 * An unmounted disk inside the root is unseen, not empty: then null. Else the folder's rows; a volume that only got another number shows what was
 * known on it, and is known by the new one from then on. `row`: the folder's own, which the root has not.
 */
export async function knownOnItsVolume(
  session: Session,
  task: { readonly node: NodeId; readonly path: RelPath },
  row: NodeRow | undefined,
  self: FileStat,
  entries: readonly { readonly name: Name; readonly stat: FileStat }[],
  known: readonly NodeRow[],
): Promise<readonly NodeRow[] | null> {
  if (row?.local == null) return known;
  const recorded = row.local.stat;
  const id = `volume:${task.node}`;
  let rows = known;
  if (recorded.device !== self.device) {
    const inodes = new Map(entries.map(({ name, stat }) => [name, stat.inode]));
    const isKnown =
      known.length === 0 || known.some(({ local }) => inodes.get(diskNameOf(local!)) === local!.stat.inode);
    if (!isKnown) {
      await raiseGone(session, task);
      return null;
    }
    await record(session, { rows: [{ ...row, local: { ...row.local, stat: self } }] });
    // What could not be done while a disk was on it can be now.
    if (session.patience.codeOf(row.node) === 'mount-point') await succeed(session, [row]);
    // Of a disk that was mounted just now nothing was known before.
    if (known.length > 0) rows = await renumbered(session, known, recorded.device, self.device);
  }
  if (session.attention.get(id) !== undefined) {
    await session.attention.clear([id]);
    // What was to come to it waits no longer.
    session.patience.hurry();
  }
  return rows;
}

/** Nothing on that disk counts as deleted. */
export async function raiseGone(
  session: Session,
  { node, path }: { readonly node: NodeId; readonly path: RelPath },
): Promise<void> {
  const message = 'another disk stands here than before, or none: nothing in it counts as deleted';
  await session.attention.raise({ id: `volume:${node}`, code: 'volume-missing', path, message });
}

/** Whether something else was mounted on this folder than what the one that it is in lies on. */
export function isMountIn(device: bigint, { local }: NodeRow): boolean {
  return local!.kind === 'folder' && local!.stat.device !== device;
}

/**
 * What lies on a volume that got another number is known by that one: a folder of any other number than the one above it is where something was
 * mounted, also once it is missing, and a file of any other is none that may be replaced. Answers the rows as they are then.
 */
async function renumbered(
  session: Session,
  known: readonly NodeRow[],
  from: bigint,
  to: bigint,
): Promise<readonly NodeRow[]> {
  const next = known.map((row) => withDevice(row, from, to));
  const changed = next.filter((row, i) => row !== known[i]);
  if (changed.length > 0) await record(session, { rows: changed });
  const open = changed.filter(({ local }) => local!.kind === 'folder');
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const children = await session.ports.store.childrenOf('local', folder.node);
    const rows = children.map((row) => withDevice(row, from, to)).filter((row, i) => row !== children[i]);
    if (rows.length > 0) await record(session, { rows });
    open.push(...rows.filter(({ local }) => local!.kind === 'folder'));
  }
  return next;
}

function withDevice(row: NodeRow, from: bigint, to: bigint): NodeRow {
  const { stat } = row.local!;
  return stat.device === from ? { ...row, local: { ...row.local!, stat: { ...stat, device: to } } } : row;
}
