import { describe, expect, test } from 'vitest';
import { change, exists, onDisks, stage, statOf, text, type DiskUnderTest } from './disk-under-test.ts';
import { describeMoves } from './file-system-moves.ts';

/** What every FileSystem promises. `open` makes a fresh, adopted, empty root. */
export function describeFileSystem(name: string, open: () => Promise<DiskUnderTest>): void {
  const withDisk = onDisks(open);

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

  describeMoves(name, open);

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
