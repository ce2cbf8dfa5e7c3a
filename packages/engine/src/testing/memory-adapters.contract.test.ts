import { describeBlocks, type BlocksUnderTest } from './contracts/blocks.ts';
import { describeFileSystem } from './contracts/file-system.ts';
import { describeStore } from './contracts/store.ts';
import { createDiskFileSystem, isOwnPath, prepareStaging, type Touched } from './disk-file-system.ts';
import { createDiskUser } from './disk-user.ts';
import { createMemoryBlocks } from './memory-blocks.ts';
import { MemoryDisk, type DiskOptions } from './memory-disk.ts';
import { MemoryStore } from './memory-store.ts';
import { OPEN_GATE } from './scheduler.ts';

async function openDisk(options: Partial<DiskOptions> = {}): Promise<BlocksUnderTest> {
  let nowNs = 1_767_225_600_000_000_000n;
  const disk = new MemoryDisk({ nowNs: () => (nowNs += 5_000_000n), ...options });
  disk.adopt();
  const user = createDiskUser(disk);
  const touched: Touched = new Map();
  return {
    files: createDiskFileSystem(disk, OPEN_GATE, touched),
    blocks: createMemoryBlocks(disk, OPEN_GATE, touched),
    severalBlocksBytes: 3_000,
    hasModes: true,
    write: async (path, bytes) => {
      if (isOwnPath(path)) prepareStaging(disk, path);
      user.write(path, bytes);
    },
    read: async (path) => disk.find(path)!.inode.data.slice(),
    mkdir: async (path) => user.mkdir(path),
    symlink: async (path, target) => user.symlink(path, target),
    rename: async (from, to) => user.rename(from, to),
    remove: async (path) => user.remove(path),
    setMtime: async (path, mtimeNs) => user.touch(path, mtimeNs),
    pause: async () => {
      nowNs += disk.granularityNs;
    },
    close: async () => undefined,
  };
}

describeFileSystem('memory disk', () => openDisk());
describeFileSystem('memory disk of Windows', () => openDisk({ names: { system: 'windows', isCaseSensitive: false } }));
describeFileSystem('memory disk of macOS', () => openDisk({ names: { system: 'mac', isCaseSensitive: false } }));
describeFileSystem('memory disk with times of whole seconds', () =>
  openDisk({ tickNs: 1_000_000_000n, keptNs: 1_000_000_000n }),
);
describeFileSystem('memory disk with a strict journal', () => openDisk({ journal: 'strict' }));
describeBlocks('memory blocks', () => openDisk());
describeStore('memory', async () => {
  const memory = new MemoryStore();
  return { open: async () => memory.attach(OPEN_GATE), close: async () => undefined };
});
