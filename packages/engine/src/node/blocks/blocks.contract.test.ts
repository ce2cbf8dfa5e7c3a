import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  renameSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceId, NamespaceId } from '@onefold/protocol';
import { describeBlocks } from '../../testing/contracts/blocks.ts';
import { openDisk } from '../disk/disk.ts';
import { writeMarker } from '../disk/root-marker.ts';
import { setMtime } from '../disk/set-times.ts';
import { createBlocks } from './blocks.ts';

const namespaceId = 'a'.repeat(64) as NamespaceId;
const secret = (label: string): Uint8Array => new Uint8Array(createHash('sha256').update(label).digest());

describeBlocks('worker threads', async () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'blocks-')));
  const record = await writeMarker(root, { folderId: 'f', deviceId: 'd'.repeat(32) as DeviceId, namespaceId });
  const disk = await openDisk(record);
  const stat = statSync(root, { bigint: true });
  const blocks = createBlocks({
    place: { path: root, inode: stat.ino, alias: { actual: stat.dev, recorded: stat.dev } },
    keys: {
      namespaceId,
      splitterSecret: secret('splitter'),
      manifestSplitterSecret: secret('manifest'),
      splitter: { min: 16 * 1024, mean: 24 * 1024, max: 64 * 1024 },
      blockIdKey: secret('block id'),
      manifestBlockIdKey: secret('manifest block id'),
      blockKey: (epoch) => secret(`epoch ${epoch}`),
      manifestBlockKey: (epoch) => secret(`manifest epoch ${epoch}`),
    },
  });
  const at = (relative: string): string => path.join(root, relative);
  return {
    files: disk,
    blocks,
    severalBlocksBytes: 96 * 1024,
    write: async (relative, bytes) => writeFileSync(at(relative), bytes),
    read: async (relative) => new Uint8Array(readFileSync(at(relative))),
    mkdir: async (relative) => mkdirSync(at(relative)),
    symlink: async (relative, target) => symlinkSync(target, at(relative)),
    rename: async (from, to) => renameSync(at(from), at(to)),
    remove: async (relative) => rmSync(at(relative), { recursive: true }),
    setMtime: async (relative, mtimeNs) => setMtime(Buffer.from(at(relative)), mtimeNs),
    pause: () => sleep(20),
    hasModes: process.platform !== 'win32',
    async close() {
      await blocks.close();
      await disk.close();
      rmSync(root, { recursive: true });
    },
  };
});
