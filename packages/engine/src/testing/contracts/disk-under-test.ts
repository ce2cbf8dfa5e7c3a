import type { FileStat, RelPath } from '../../core/tree.ts';
import type { ChangeResult, DiskChange, FileSystem } from '../../ports.ts';

/** A root folder under test, seen from beside the port: by the user and their programs. */
export interface DiskUnderTest {
  readonly files: FileSystem;
  /** Creates or overwrites in place. */
  write(path: RelPath, bytes: Uint8Array): Promise<void>;
  read(path: RelPath): Promise<Uint8Array>;
  mkdir(path: RelPath): Promise<void>;
  symlink(path: RelPath, target: string): Promise<void>;
  rename(from: RelPath, to: RelPath): Promise<void>;
  remove(path: RelPath): Promise<void>;
  setMtime(path: RelPath, mtimeNs: bigint): Promise<void>;
  /** Waits until the volume's own clock shows another time. */
  pause(): Promise<void>;
  /** False where modes mean nothing (Windows). */
  readonly hasModes: boolean;
  close(): Promise<void>;
}

export const text = (value: string) => new TextEncoder().encode(value);

/** Opens a fresh, adopted, empty root for each body. */
export function onDisks(open: () => Promise<DiskUnderTest>) {
  return async function withDisk(body: (disk: DiskUnderTest) => Promise<void>): Promise<void> {
    const disk = await open();
    try {
      await body(disk);
    } finally {
      await disk.close();
    }
  };
}

export async function statOf({ files }: DiskUnderTest, path: RelPath): Promise<FileStat> {
  const [stat] = await files.stat([path]);
  if (stat === null || stat === undefined || 'outcome' in stat) throw new Error(`nothing stands at ${path}`);
  return stat;
}

export async function exists({ files }: DiskUnderTest, path: RelPath): Promise<boolean> {
  return (await files.stat([path]))[0] !== null;
}

export async function change({ files }: DiskUnderTest, one: DiskChange): Promise<ChangeResult> {
  return (await files.change([one]))[0]!;
}

/** A file written into staging, as the Blocks port would. */
export async function stage(
  disk: DiskUnderTest,
  content: string,
  near: RelPath,
): Promise<{ path: RelPath; stat: FileStat }> {
  const path = disk.files.stagingPath(near);
  await disk.write(path, text(content));
  return { path, stat: await statOf(disk, path) };
}
