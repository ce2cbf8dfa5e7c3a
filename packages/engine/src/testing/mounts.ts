/*
 * Disks that are mounted inside the root, taken away and brought back by a device's user.
 *
 *   fresh -- mounted at a rest, on an empty folder --> mounted <--> away (its content stays on it)
 */
import { diskNameOf } from '../core/local-name.ts';
import type { LocalState, RelPath } from '../core/tree.ts';
import { localPath } from './local-tree.ts';
import type { MemoryVolume } from './memory-volume.ts';
import type { SimDevice } from './sim-device.ts';
import type { UserAct } from './steps.ts';
import { isWithin } from './territories.ts';

/** Where runs mount them. No user calls anything else so. */
export const MOUNT_POINT: RelPath = 'mnt';

/**
 * A disk can be mounted there: on an empty folder of which nothing is known that stood in it. What was seen there before would be hidden by the disk,
 * and nobody could say whether it was deleted.
 */
export function mayMount({ disk, store }: SimDevice, path: RelPath): boolean {
  const folder = disk.find(path);
  if (folder?.inode.kind !== 'folder' || folder.inode.children.size > 0 || disk.isMountPoint(path)) return false;
  const rows = store.allRows();
  const byNode = new Map(rows.map((row) => [row.node, row]));
  const known = rows.filter(({ local }) => local?.stat.device === folder.volume.options.device);
  return !known.some(({ local }) => localPath(byNode, local!.parent) === path);
}

/**
 * Something that is known on the disk stands there still, or nothing is known: else a disk that comes back under another number cannot be told from
 * another disk.
 */
export function mayRenumber({ store }: SimDevice, path: RelPath, volume: MemoryVolume): boolean {
  const rows = store.allRows();
  const byNode = new Map(rows.map((row) => [row.node, row]));
  const known = rows.flatMap(({ local }) =>
    local !== null && localPath(byNode, local.parent) === path ? [local] : [],
  );
  const stands = (local: LocalState): boolean =>
    volume.lookup(volume.root, diskNameOf(local))?.inode.number === local.stat.inode;
  return known.length === 0 || known.some(stands);
}

/** What would have to be done by hand on the device whose disk it is: its place is moved or removed elsewhere, or a whole folder goes from disk to disk. */
export function isAgainstMounts(devices: readonly SimDevice[], { disk }: SimDevice, act: UserAct): boolean {
  if (!('path' in act) || ['mkdir', 'chmod'].includes(act.act)) return false;
  if (!devices.some((device) => device.disk.hasVolumes())) return false;
  if (act.path === MOUNT_POINT || ('to' in act && act.to === MOUNT_POINT)) return true;
  if (act.act !== 'rename') return false;
  const isCrossing = isWithin(act.path, MOUNT_POINT) !== isWithin(act.to, MOUNT_POINT);
  return isCrossing && disk.find(act.path)?.inode.kind === 'folder';
}
