import { describe, expect, test } from 'vitest';
import { change, exists, onDisks, stage, statOf, text, type DiskUnderTest } from './disk-under-test.ts';

/** What every FileSystem promises of moves, those that put a staged file in its place among them. */
export function describeMoves(name: string, open: () => Promise<DiskUnderTest>): void {
  const withDisk = onDisks(open);

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

    test('nothing is put into a folder on another volume than the one it was seen on', () =>
      withDisk(async (disk) => {
        await disk.mkdir('f');
        const { device } = await statOf(disk, 'f');
        const { path, stat } = await stage(disk, 'new', 'f/a');
        const move = { op: 'move', from: path, to: 'f/a', expectFrom: stat, expectTo: null, keepAs: null } as const;
        const folder = { op: 'create-folder', path: 'f/b', mode: null } as const;
        for (const one of [move, folder])
          expect(await change(disk, { ...one, volume: device + 1n })).toEqual({
            outcome: 'failed',
            code: 'volume-missing',
          });
        expect([await exists(disk, 'f/a'), await exists(disk, 'f/b')]).toEqual([false, false]);
        for (const one of [move, folder])
          expect(await change(disk, { ...one, volume: device })).toMatchObject({ outcome: 'done' });
        expect(await disk.read('f/a')).toEqual(text('new'));
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
}
