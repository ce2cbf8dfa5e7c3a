import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import { describeFileSystem } from '../../testing/contracts/file-system.ts';
import { openDisk } from './disk.ts';
import { writeMarker } from './root-marker.ts';
import { setMtime } from './set-times.ts';

describeFileSystem('real folder', async () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'folder-')));
  const ids = { folderId: 'f', deviceId: 'd'.repeat(32) as DeviceId, namespaceId: 'a'.repeat(64) as NamespaceId };
  const disk = await openDisk(await writeMarker(root, ids));
  const at = (relative: string): string => path.join(root, relative);
  return {
    files: disk,
    write: async (relative, bytes) => writeFileSync(at(relative), bytes),
    read: async (relative) => new Uint8Array(readFileSync(at(relative))),
    async mkdir(relative) {
      mkdirSync(at(relative));
    },
    symlink: async (relative, target) => symlinkSync(target, at(relative)),
    rename: async (from, to) => renameSync(at(from), at(to)),
    remove: async (relative) => rmSync(at(relative), { recursive: true }),
    setMtime: async (relative, mtimeNs) => setMtime(Buffer.from(at(relative)), mtimeNs),
    pause: () => sleep(20),
    hasModes: process.platform !== 'win32',
    async close() {
      await disk.close();
      rmSync(root, { recursive: true });
    },
  };
});
