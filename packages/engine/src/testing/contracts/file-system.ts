import { describe, expect, test } from 'vitest';
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

const text = (value: string) => new TextEncoder().encode(value);

/** What every FileSystem promises. `open` makes a fresh, adopted, empty root. */
export function describeFileSystem(name: string, open: () => Promise<DiskUnderTest>): void {
  async function withDisk(body: (disk: DiskUnderTest) => Promise<void>): Promise<void> {
    const disk = await open();
    try {
      await body(disk);
    } finally {
      await disk.close();
    }
  }

  async function statOf({ files }: DiskUnderTest, path: RelPath): Promise<FileStat> {
    const [stat] = await files.stat([path]);
    if (stat === null || stat === undefined || 'outcome' in stat) throw new Error(`nothing stands at ${path}`);
    return stat;
  }

  async function exists({ files }: DiskUnderTest, path: RelPath): Promise<boolean> {
    return (await files.stat([path]))[0] !== null;
  }

  async function change({ files }: DiskUnderTest, one: DiskChange): Promise<ChangeResult> {
    return (await files.change([one]))[0]!;
  }

  /** A file written into staging, as the Blocks port would. */
  async function stage(
    disk: DiskUnderTest,
    content: string,
    near: RelPath,
  ): Promise<{ path: RelPath; stat: FileStat }> {
    const path = disk.files.stagingPath(near);
    await disk.write(path, text(content));
    return { path, stat: await statOf(disk, path) };
  }

  describe(`${name}: looking`, () => {
    test('an adopted root is present, and its own folder is in no listing', () =>
      withDisk(async (disk) => {
        expect((await disk.files.checkRoot()).outcome).toBe('present');
        const staged = await stage(disk, 'x', 'a');
        const [listing] = await disk.files.list(['']);
        expect(listing).toMatchObject({ outcome: 'listed', entries: [], unreadable: [] });
        expect(await disk.files.listStaging()).toContain(staged.path);
      }));

    test('a listing names every entry with its own kind, links not followed', () =>
      withDisk(async (disk) => {
        await disk.mkdir('folder');
        await disk.write('file', text('12345'));
        await disk.symlink('link', 'folder');
        const [listing] = await disk.files.list(['']);
        if (listing?.outcome !== 'listed') throw new Error('not listed');
        const kinds = Object.fromEntries(listing.entries.map((entry) => [entry.name, entry.stat.kind]));
        expect(kinds).toEqual({ folder: 'folder', file: 'file', link: 'link' });
        expect(listing.entries.find((entry) => entry.name === 'file')?.stat.sizeBytes).toBe(5);
        expect(listing.self.inode).toBe((await statOf(disk, '')).inode);
        expect(await disk.files.readLinks(['link', 'file', 'none'])).toEqual(['folder', null, null]);
      }));

    test('what is not there is missing or null, and nothing is seen through a link or a file', () =>
      withDisk(async (disk) => {
        await disk.mkdir('folder');
        await disk.write('folder/inside', text('x'));
        await disk.symlink('link', 'folder');
        await disk.write('file', text('x'));
        const listings = await disk.files.list(['none', 'file', 'link']);
        expect(listings.map((listing) => listing.outcome)).toEqual(['missing', 'missing', 'missing']);
        expect(await disk.files.stat(['none', 'link/inside', 'file/inside'])).toEqual([null, null, null]);
      }));

    test('small files are read whole, longer ones and other things not at all', () =>
      withDisk(async (disk) => {
        await disk.write('rules', text('*.o\n'));
        await disk.mkdir('folder');
        expect(await disk.files.readSmall('rules', 100)).toEqual(text('*.o\n'));
        expect(await disk.files.readSmall('rules', 3)).toBe(null);
        expect(await disk.files.readSmall('folder', 100)).toBe(null);
        expect(await disk.files.readSmall('none', 100)).toBe(null);
      }));
  });

  describe(`${name}: creating`, () => {
    test('folders and links are made where nothing stands', () =>
      withDisk(async (disk) => {
        const results = await disk.files.change([
          { op: 'create-folder', path: 'a', mode: 0o750 },
          { op: 'create-folder', path: 'a/b', mode: null },
          { op: 'create-link', path: 'a/l', target: '../nowhere' },
        ]);
        expect(results.map((result) => result.outcome)).toEqual(['done', 'done', 'done']);
        if (disk.hasModes) expect((await statOf(disk, 'a')).mode).toBe(0o750);
        expect(await disk.files.readLinks(['a/l'])).toEqual(['../nowhere']);
      }));

    test('nothing is made over something, nor in a folder that is not there, and the rest of the batch goes on', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('x'));
        const results = await disk.files.change([
          { op: 'create-folder', path: 'a', mode: null },
          { op: 'create-link', path: 'a', target: 'x' },
          { op: 'create-folder', path: 'none/b', mode: null },
          { op: 'create-folder', path: 'a/b', mode: null },
          { op: 'create-folder', path: 'c', mode: null },
        ]);
        const outcomes = results.map((result) => result.outcome);
        expect(outcomes).toEqual(['precondition', 'precondition', 'precondition', 'precondition', 'done']);
        expect(results[0]).toMatchObject({ found: { kind: 'file', sizeBytes: 1 } });
        expect(await disk.read('a')).toEqual(text('x'));
      }));

    test('nothing is put into a folder that stands where the batch was to make its own', () =>
      withDisk(async (disk) => {
        await disk.mkdir('a');
        const staged = await stage(disk, 'new', 'a');
        const results = await disk.files.change([
          { op: 'create-folder', path: 'a', mode: null },
          { op: 'create-folder', path: 'a/b', mode: null },
          { op: 'move', from: staged.path, to: 'a/b/c', expectFrom: staged.stat, expectTo: null, keepAs: null },
          { op: 'create-folder', path: 'ab', mode: null },
        ]);
        const outcomes = results.map((result) => result.outcome);
        expect(outcomes).toEqual(['precondition', 'precondition', 'precondition', 'done']);
        expect(await exists(disk, 'a/b')).toBe(false);
        expect(await disk.read(staged.path)).toEqual(text('new'));
      }));
  });

  describe(`${name}: moving`, () => {
    test('a staged file takes a free name', () =>
      withDisk(async (disk) => {
        const { path, stat } = await stage(disk, 'new', 'a');
        const result = await change(disk, {
          op: 'move',
          from: path,
          to: 'a',
          expectFrom: stat,
          expectTo: null,
          keepAs: null,
        });
        expect(result).toMatchObject({ outcome: 'done', stat: { kind: 'file', inode: stat.inode, sizeBytes: 3 } });
        expect(await disk.read('a')).toEqual(text('new'));
        expect(await exists(disk, path)).toBe(false);
      }));

    test('a taken name is not taken over', () =>
      withDisk(async (disk) => {
        const { path, stat } = await stage(disk, 'new', 'a');
        await disk.write('a', text('mine'));
        const result = await change(disk, {
          op: 'move',
          from: path,
          to: 'a',
          expectFrom: stat,
          expectTo: null,
          keepAs: null,
        });
        expect(result).toMatchObject({ outcome: 'precondition', found: { sizeBytes: 4 } });
        expect(await disk.read('a')).toEqual(text('mine'));
        expect(await exists(disk, path)).toBe(true);
      }));

    test('a replaced file stays whole under the name it is kept as, on its own inode', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('old'));
        const old = await statOf(disk, 'a');
        const { path, stat } = await stage(disk, 'new', 'a');
        const keepAs = disk.files.stagingPath('a');
        const result = await change(disk, { op: 'move', from: path, to: 'a', expectFrom: stat, expectTo: old, keepAs });
        expect(result.outcome).toBe('done');
        expect(await disk.read('a')).toEqual(text('new'));
        expect(await disk.read(keepAs)).toEqual(text('old'));
        expect((await statOf(disk, keepAs)).inode).toBe(old.inode);
        expect(await disk.files.listStaging()).toContain(keepAs);
      }));

    test('a target that changed since it was seen is left alone, also when size and mtime were put back', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('old'));
        const old = await statOf(disk, 'a');
        const { path, stat } = await stage(disk, 'new', 'a');
        await disk.pause();
        await disk.write('a', text('odd'));
        await disk.setMtime('a', old.mtimeNs);
        const keepAs = disk.files.stagingPath('a');
        const result = await change(disk, { op: 'move', from: path, to: 'a', expectFrom: stat, expectTo: old, keepAs });
        expect(result.outcome).toBe('precondition');
        expect(await disk.read('a')).toEqual(text('odd'));
      }));

    test('a source that is another file by now is not moved', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('1'));
        const seen = await statOf(disk, 'a');
        await disk.rename('a', 'elsewhere');
        await disk.write('a', text('22'));
        const result = await change(disk, {
          op: 'move',
          from: 'a',
          to: 'b',
          expectFrom: seen,
          expectTo: null,
          keepAs: null,
        });
        expect(result).toMatchObject({ outcome: 'precondition', found: { sizeBytes: 2 } });
        expect(await exists(disk, 'b')).toBe(false);
      }));

    test('a folder moves with everything in it, and never onto anything', () =>
      withDisk(async (disk) => {
        await disk.mkdir('a');
        await disk.write('a/x', text('x'));
        await disk.mkdir('b');
        const a = await statOf(disk, 'a');
        const b = await statOf(disk, 'b');
        const onto = await change(disk, {
          op: 'move',
          from: 'a',
          to: 'b',
          expectFrom: a,
          expectTo: null,
          keepAs: null,
        });
        expect(onto.outcome).toBe('precondition');
        const replacing = await change(disk, {
          op: 'move',
          from: 'a',
          to: 'b',
          expectFrom: a,
          expectTo: b,
          keepAs: null,
        });
        expect(replacing.outcome).not.toBe('done');
        const moved = await change(disk, {
          op: 'move',
          from: 'a',
          to: 'b/a',
          expectFrom: a,
          expectTo: null,
          keepAs: null,
        });
        expect(moved.outcome).toBe('done');
        expect(await disk.read('b/a/x')).toEqual(text('x'));
      }));

    test('a source that was changed under its old size and mtime is not moved, unless it was renamed by the caller', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('1'));
        const seen = await statOf(disk, 'a');
        await disk.pause();
        await disk.write('a', text('2'));
        await disk.setMtime('a', seen.mtimeNs);
        const move = { op: 'move', from: 'a', to: 'b', expectFrom: seen, expectTo: null, keepAs: null } as const;
        // What utimes keeps of the mtime differs by file system; where it differs the file does not stand at all.
        expect(await change(disk, move)).toMatchObject({ outcome: 'precondition' });
        const again = { ...seen, mtimeNs: (await statOf(disk, 'a')).mtimeNs };
        expect(await change(disk, { ...move, expectFrom: again })).toMatchObject({ outcome: 'precondition' });
        const own = { ...move, expectFrom: again, isRenamedSince: true };
        expect(await change(disk, own)).toMatchObject({ outcome: 'done' });
      }));

    test('one batch may move the same file twice with what was seen before', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('a'));
        await disk.write('b', text('bb'));
        const a = await statOf(disk, 'a');
        const b = await statOf(disk, 'b');
        const aside = disk.files.stagingPath('a');
        const results = await disk.files.change([
          { op: 'move', from: 'a', to: aside, expectFrom: a, expectTo: null, keepAs: null },
          { op: 'move', from: 'b', to: 'a', expectFrom: b, expectTo: null, keepAs: null },
          { op: 'move', from: aside, to: 'b', expectFrom: a, expectTo: null, keepAs: null, isRenamedSince: true },
        ]);
        expect(results.map((result) => result.outcome)).toEqual(['done', 'done', 'done']);
        expect(await disk.read('a')).toEqual(text('bb'));
        expect(await disk.read('b')).toEqual(text('a'));
      }));

    test('nothing is moved through a link, into a missing folder, or out of the root', () =>
      withDisk(async (disk) => {
        await disk.mkdir('folder');
        await disk.symlink('link', 'folder');
        await disk.write('a', text('a'));
        const expectFrom = await statOf(disk, 'a');
        for (const to of ['link/a', 'none/a']) {
          const result = await change(disk, { op: 'move', from: 'a', to, expectFrom, expectTo: null, keepAs: null });
          expect(result.outcome, to).not.toBe('done');
        }
        const escape = { op: 'move', from: 'a', to: '../a', expectFrom, expectTo: null, keepAs: null } as const;
        const outcome = await change(disk, escape).then(
          (result) => result.outcome,
          () => 'rejected',
        );
        expect(outcome).not.toBe('done');
        expect(await disk.read('a')).toEqual(text('a'));
      }));
  });

  describe(`${name}: removing and changing`, () => {
    test('trash takes an unchanged file out of sight', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('a'));
        const result = await change(disk, { op: 'trash', path: 'a', expect: await statOf(disk, 'a'), isSent: true });
        expect(result).toEqual({ outcome: 'done', stat: null });
        expect(await exists(disk, 'a')).toBe(false);
        expect(await disk.files.list([''])).toMatchObject([{ outcome: 'listed', entries: [] }]);
      }));

    test('what lies in the trash is listed with where it stood, and can be purged or moved back', () =>
      withDisk(async (disk) => {
        for (const [path, isSent] of [
          ['a', true],
          ['b', false],
        ] as const) {
          await disk.write(path, text(path));
          await change(disk, { op: 'trash', path, expect: await statOf(disk, path), isSent });
        }
        const entries = await disk.files.listTrash();
        expect(entries.map(({ path, isSent }) => [path, isSent]).sort()).toEqual([
          ['a', true],
          ['b', false],
        ]);
        const [a, b] = [entries.find(({ path }) => path === 'a')!, entries.find(({ path }) => path === 'b')!];
        expect(await disk.files.purgeTrash([a.at, a.at])).toEqual({ outcome: 'done' });
        const back = await change(disk, {
          op: 'move',
          from: b.at,
          to: 'b',
          expectFrom: b.stat,
          expectTo: null,
          keepAs: null,
        });
        expect(back.outcome).toBe('done');
        expect(await disk.files.listTrash()).toEqual([]);
      }));

    test('trash leaves a changed file, one whose size and mtime were put back, and a folder that is not empty', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('old'));
        const seen = await statOf(disk, 'a');
        await disk.pause();
        await disk.write('a', text('odd'));
        await disk.setMtime('a', seen.mtimeNs);
        expect((await change(disk, { op: 'trash', path: 'a', expect: seen, isSent: true })).outcome).toBe(
          'precondition',
        );
        await disk.mkdir('f');
        await disk.write('f/x', text('x'));
        const full = await change(disk, { op: 'trash', path: 'f', expect: await statOf(disk, 'f'), isSent: true });
        expect(full.outcome).toBe('precondition');
        await disk.remove('f/x');
        const empty = await change(disk, { op: 'trash', path: 'f', expect: await statOf(disk, 'f'), isSent: true });
        expect(empty.outcome).toBe('done');
        expect(await disk.read('a')).toEqual(text('odd'));
      }));

    test('attributes are set, and the answer is what the disk shows then', () =>
      withDisk(async (disk) => {
        await disk.write('a', text('a'));
        const seen = await statOf(disk, 'a');
        const mtimeNs = 1_600_000_000_000_000_000n;
        const attributes = { mtimeNs, mode: 0o600 };
        const result = await change(disk, { op: 'set-attributes', path: 'a', expect: seen, attributes });
        if (result.outcome !== 'done' || result.stat === null) throw new Error('not done');
        expect(result.stat.mtimeNs).toBe(mtimeNs);
        if (disk.hasModes) expect(result.stat.mode).toBe(0o600);
        expect(result.stat).toEqual(await statOf(disk, 'a'));
        const again = await change(disk, { op: 'set-attributes', path: 'a', expect: seen, attributes });
        expect(again.outcome).toBe('precondition');
      }));

    test('staging is discarded with everything in it, and nothing else can be', () =>
      withDisk(async (disk) => {
        const { path } = await stage(disk, 'x', 'a');
        await disk.write('a', text('a'));
        expect(await disk.files.discard([path, disk.files.stagingPath('a')])).toEqual({ outcome: 'done' });
        expect(await disk.files.listStaging()).not.toContain(path);
        const outcome = await disk.files.discard(['a']).then(
          (result) => result.outcome,
          () => 'rejected',
        );
        expect(outcome).not.toBe('done');
        expect(await disk.read('a')).toEqual(text('a'));
        expect(await disk.files.flush(['a'])).toEqual({ outcome: 'done' });
      }));
  });
}
