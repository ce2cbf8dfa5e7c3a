import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Watcher, WatchEvent } from '../../ports.ts';
import { createInotifyWatcher } from './inotify-watcher.ts';
import { createPollingWatcher } from './polling-watcher.ts';
import { createRecursiveWatcher } from './recursive-watcher.ts';

const KINDS =
  process.platform === 'linux'
    ? [{ name: 'one watch a folder', create: createInotifyWatcher }]
    : [{ name: 'whole tree', create: createRecursiveWatcher }];

describe.each(KINDS)('watching a real folder: $name', ({ create }) => {
  let root: string;
  let watcher: Watcher;
  let hints: Set<string>;
  let overflows: number;

  beforeEach(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'watched-')));
    mkdirSync(join(root, 'a', 'b'), { recursive: true });
    mkdirSync(join(root, '.onefold', 'staging'), { recursive: true });
    hints = new Set();
    overflows = 0;
    const stat = statSync(root, { bigint: true });
    watcher = create({ path: root, inode: stat.ino, alias: { actual: stat.dev, recorded: stat.dev } });
    await watcher.start((event: WatchEvent) => {
      if (event.kind === 'overflow') overflows++;
      else for (const path of event.paths) hints.add(path);
    });
  });

  afterEach(async () => {
    await watcher.stop();
    rmSync(root, { recursive: true });
  });

  const hinted = (path: string): Promise<void> => vi.waitFor(() => expect([...hints]).toContain(path), 5_000);

  it('tells of files made, changed and removed', async () => {
    writeFileSync(join(root, 'a', 'b', 'file'), 'x');
    await hinted('a/b/file');
    hints.clear();
    writeFileSync(join(root, 'a', 'b', 'file'), 'y');
    await hinted('a/b/file');
    hints.clear();
    rmSync(join(root, 'a', 'b', 'file'));
    await hinted('a/b/file');
  });

  it('misses nothing that appears at once in new folders', async () => {
    mkdirSync(join(root, 'new', 'deep', 'deeper'), { recursive: true });
    writeFileSync(join(root, 'new', 'deep', 'deeper', 'at once'), 'x');
    await hinted('new');
    hints.clear();
    writeFileSync(join(root, 'new', 'deep', 'deeper', 'later'), 'x');
    await hinted('new/deep/deeper/later');
  });

  it('follows a folder that moves, by its new name only', async () => {
    renameSync(join(root, 'a'), join(root, 'z'));
    await hinted('z');
    await hinted('a');
    hints.clear();
    writeFileSync(join(root, 'z', 'b', 'file'), 'x');
    await hinted('z/b/file');
    expect([...hints].filter((path) => path.startsWith('a'))).toEqual([]);
  });

  it('keeps watching a folder that was swapped with another', async () => {
    mkdirSync(join(root, 'other'));
    await hinted('other');
    renameSync(join(root, 'a'), join(root, 'aside'));
    renameSync(join(root, 'other'), join(root, 'a'));
    await hinted('a');
    hints.clear();
    writeFileSync(join(root, 'a', 'new'), 'x');
    await hinted('a/new');
    writeFileSync(join(root, 'aside', 'b', 'new'), 'x');
    await hinted('aside/b/new');
  });

  it('says nothing of what is our own', async () => {
    writeFileSync(join(root, '.onefold', 'staging', 'x'), 'x');
    writeFileSync(join(root, 'end'), 'x');
    await hinted('end');
    expect([...hints].filter((path) => path.startsWith('.onefold'))).toEqual([]);
  });

  it('hears every name of a burst of 2,000 files', async () => {
    mkdirSync(join(root, 'burst'));
    await hinted('burst');
    for (let i = 0; i < 2_000; i++) writeFileSync(join(root, 'burst', `f${i}`), 'x');
    await vi.waitFor(() => {
      const missing = Array.from({ length: 2_000 }, (_, i) => `burst/f${i}`).filter((path) => !hints.has(path));
      expect(missing.length === 0 || overflows > 0).toBe(true);
    }, 10_000);
  });
});

describe('polling', () => {
  it('starts, stops and leaves nothing behind', async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'polled-')));
    const stat = statSync(root, { bigint: true });
    const watcher = createPollingWatcher({
      path: root,
      inode: stat.ino,
      alias: { actual: stat.dev, recorded: stat.dev },
    });
    const events: WatchEvent[] = [];
    await watcher.start((event) => events.push(event));
    writeFileSync(join(root, 'file'), 'x');
    await vi.waitFor(() => expect(events).toContainEqual({ kind: 'changed', paths: ['file'] }), 15_000);
    await watcher.stop();
    rmSync(root, { recursive: true });
  }, 20_000);
});
