import { expect, test } from 'vitest';
import { createDiskUser } from './disk-user.ts';
import { MemoryDisk } from './memory-disk.ts';
import { createSeededRandom } from './seeded-random.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function createDisk() {
  let nowNs = 0n;
  const disk = new MemoryDisk({ nowNs: () => (nowNs += 10_000_000n) });
  disk.adopt();
  const user = createDiskUser(disk);
  user.mkdir('a');
  user.write('a/file', bytes('one'));
  return { disk, user, paths: () => disk.walk().map(({ path }) => path) };
}

test('what was walked once is walked anew when a name changes, a disk is mounted or power is lost', () => {
  const { disk, user, paths } = createDisk();
  expect(paths()).toEqual(['a', 'a/file']);
  expect(disk.walk()).toBe(disk.walk());
  expect(disk.allFiles().filter(({ data }) => data.length === 3)).toHaveLength(1);
  user.rename('a/file', 'b');
  expect(paths()).toEqual(['a', 'b']);
  const mounted = disk.mount('a');
  mounted.create(mounted.root, 'inside', 'file', 0o644);
  expect(paths()).toEqual(['a', 'a/inside', 'b']);
  expect(disk.allFiles().some(({ id }) => mounted.lookup(mounted.root, 'inside')?.inode.id === id)).toBe(true);
  disk.unmount('a');
  expect(paths()).toEqual(['a', 'b']);
  let lost = 0;
  for (let seed = 0; seed < 50; seed++) {
    const name = `new ${seed}`;
    disk.main.create(disk.rootFolder()!, name, 'folder', 0o755);
    expect(paths()).toContain(name);
    disk.crash(createSeededRandom(`crash ${seed}`));
    const isLost = disk.find(name) === null;
    expect(paths().includes(name)).toBe(!isLost);
    if (isLost) lost++;
  }
  expect(lost).toBeGreaterThan(0);
});

test.each([
  ['a file is written', ({ user }) => user.write('a/file', bytes('two'))],
  ['its times are set', ({ user }) => user.touch('a/file', 5_000_000n)],
  ['its mode is set', ({ user }) => user.chmod('a/file', 0o600)],
  ['a name goes', ({ user }) => user.remove('a/file')],
  ['power is lost', ({ disk }) => disk.crash(createSeededRandom('power'))],
  ['a disk is mounted', ({ disk }) => void disk.mount('a')],
] as const satisfies readonly (readonly [string, (made: ReturnType<typeof createDisk>) => void])[])(
  'counts as changed when %s',
  (_, change) => {
    const made = createDisk();
    const seen = new Set([made.disk.changes()]);
    change(made);
    seen.add(made.disk.changes());
    expect(seen.size).toBe(2);
    expect(made.disk.changes()).toBe([...seen][1]);
  },
);

test('never counts back, whatever is mounted and unmounted', () => {
  const { disk, user } = createDisk();
  user.mkdir('b');
  const seen = [disk.changes()];
  const mounted = disk.mount('b');
  seen.push(disk.changes());
  mounted.create(mounted.root, 'inside', 'file', 0o644);
  seen.push(disk.changes());
  disk.unmount('b');
  seen.push(disk.changes());
  disk.mount('b', mounted);
  seen.push(disk.changes());
  disk.mount('b');
  seen.push(disk.changes());
  expect(seen).toEqual([...new Set(seen)].sort((x, y) => x - y));
});
