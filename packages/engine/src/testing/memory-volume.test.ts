import { describe, expect, test } from 'vitest';
import type { Inode, VolumeOptions } from './memory-inode.ts';
import { MemoryVolume } from './memory-volume.ts';
import { createSeededRandom } from './seeded-random.ts';

const SEEDS = Array.from({ length: 300 }, (_, seed) => createSeededRandom(`volume ${seed}`));
const text = (value: string) => new TextEncoder().encode(value);

function createVolume(options: Partial<VolumeOptions> = {}): MemoryVolume {
  let nowNs = 0n;
  return new MemoryVolume({
    device: 1n,
    nowNs: () => (nowNs += 1_000n),
    tickNs: 1n,
    keptNs: 1n,
    names: { system: 'linux', isCaseSensitive: true },
    journal: 'strict',
    capacityBytes: 1_000_000,
    ...options,
  });
}

function durableFile(volume: MemoryVolume, folder: Inode, name: string, content: string): Inode {
  const inode = volume.create(folder, name, 'file', 0o644);
  volume.write(inode, text(content));
  volume.sync(inode);
  volume.sync(folder);
  return inode;
}

const names = (folder: Inode) => [...folder.children.keys()].sort().join(' ');
const contentOf = (folder: Inode, name: string) => new TextDecoder().decode(folder.children.get(name)?.inode.data);

describe.each(['ordered', 'strict'] as const)('power loss on a volume with an %s journal', (journal) => {
  test('what was flushed survives every crash', () => {
    for (const random of SEEDS) {
      const volume = createVolume({ journal });
      durableFile(volume, volume.root, 'a', 'alpha');
      volume.crash(random);
      expect(contentOf(volume.root, 'a')).toBe('alpha');
    }
  });

  test('a rename that was not flushed is whole or not at all, and both are met', () => {
    const met = new Set<string>();
    for (const random of SEEDS) {
      const volume = createVolume({ journal });
      durableFile(volume, volume.root, 'a', 'old');
      const staged = durableFile(volume, volume.root, 'b', 'new');
      volume.rename(volume.root, 'b', volume.root, 'a');
      volume.crash(random);
      met.add(`${names(volume.root)}: ${contentOf(volume.root, 'a')}`);
      expect(staged.data).toEqual(text('new'));
    }
    expect(met).toEqual(new Set(['a b: old', 'a: new']));
  });

  test('data that was not flushed may be missing or torn under a name that was', () => {
    const met = new Set<string>();
    for (const random of SEEDS) {
      const volume = createVolume({ journal });
      const inode = volume.create(volume.root, 'a', 'file', 0o644);
      volume.write(inode, text('0123456789'));
      if (journal === 'strict') volume.sync(volume.root);
      volume.crash(random);
      met.add(volume.root.children.has('a') ? contentOf(volume.root, 'a') : 'gone');
    }
    expect(met).toContain('');
    expect(met).toContain('0123456789');
    expect(met.size).toBeGreaterThan(4);
  });

  test('whatever a crash keeps is one tree: every folder once, nothing below itself', () => {
    for (const random of SEEDS) {
      const volume = createVolume({ journal });
      const folders: Inode[] = [volume.root];
      for (const name of ['a', 'b', 'c', 'd']) {
        folders.push(volume.create(random.pick(folders), name, 'folder', 0o755));
        if (random.chance(0.5)) volume.sync(random.pick(folders));
      }
      for (let i = 0; i < 12; i++) moveSomething(volume, folders, random);
      volume.crash(random);
      const seen = new Set<Inode>();
      const visit = (folder: Inode) => {
        expect(seen.has(folder)).toBe(false);
        seen.add(folder);
        for (const { inode } of folder.children.values()) {
          expect(inode.parent).toBe(folder);
          visit(inode);
        }
      };
      visit(volume.root);
    }
  });
});

function moveSomething(
  volume: MemoryVolume,
  folders: readonly Inode[],
  random: ReturnType<typeof createSeededRandom>,
): void {
  const moved = random.pick(folders.slice(1));
  const from = moved.parent;
  const name = [...(from?.children.values() ?? [])].find((entry) => entry.inode === moved)?.name;
  if (from === null || name === undefined) return;
  try {
    volume.rename(from, name, random.pick(folders), random.pick(['a', 'b', 'c', 'd']));
  } catch {
    // Refused, as a kernel would.
  }
}

test('a strict journal keeps operations apart that an ordered one keeps in order', () => {
  const outcomes = (journal: 'ordered' | 'strict') => {
    const met = new Set<string>();
    for (const random of SEEDS) {
      const volume = createVolume({ journal });
      const left = volume.create(volume.root, 'left', 'folder', 0o755);
      const right = volume.create(volume.root, 'right', 'folder', 0o755);
      volume.sync(volume.root);
      volume.create(left, 'first', 'folder', 0o755);
      volume.create(right, 'second', 'folder', 0o755);
      volume.crash(random);
      met.add(`${names(left)}|${names(right)}`);
    }
    return met;
  };
  expect(outcomes('strict')).toContain('|second');
  expect(outcomes('ordered')).not.toContain('|second');
});

test('a freed inode number is handed out again, with a birthtime of its own', () => {
  const volume = createVolume();
  const first = durableFile(volume, volume.root, 'a', 'x');
  volume.unlink(volume.root, 'a');
  const second = durableFile(volume, volume.root, 'b', 'y');
  expect(second.number).toBe(first.number);
  expect(second.birthtimeNs).not.toBe(first.birthtimeNs);
});

test('an open file outlives its name, and its number is not reused meanwhile', () => {
  const volume = createVolume();
  const open = durableFile(volume, volume.root, 'a', 'x');
  volume.open(open);
  volume.unlink(volume.root, 'a');
  volume.write(open, text('still here'));
  expect(durableFile(volume, volume.root, 'b', 'y').number).not.toBe(open.number);
  volume.closeHandle(open);
  expect(durableFile(volume, volume.root, 'c', 'z').number).toBe(open.number);
});
