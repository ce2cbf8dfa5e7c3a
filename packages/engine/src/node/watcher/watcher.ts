import { statfsSync } from 'node:fs';
import type { Watcher } from '../../ports.ts';
import { createRootedPaths, type RootPlace } from '../disk/rooted-paths.ts';
import { createInotifyWatcher } from './inotify-watcher.ts';
import { createPollingWatcher } from './polling-watcher.ts';
import { createRecursiveWatcher } from './recursive-watcher.ts';

/** statfs types of Linux file systems that others may change without a word to this machine (linux/magic.h and the file systems' own). */
const NETWORK_FILE_SYSTEMS = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x01021997, // 9P
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x65735546, // FUSE: sshfs, rclone and their like
]);

/** The watcher that fits the volume of a root: polling where changes come unannounced, else what the system does best. */
export function createWatcher({ place }: { readonly place: RootPlace }): Watcher {
  if (process.platform !== 'linux') return createRecursiveWatcher(place);
  return isOnNetwork(createRootedPaths(place).absolute('')) ? createPollingWatcher(place) : createInotifyWatcher(place);
}

/** Whether others may change this folder without a word to this machine. */
export function isOnNetwork(folder: string | Buffer): boolean {
  try {
    return NETWORK_FILE_SYSTEMS.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}
