import { OnefoldError, type CallResult, type ListedEntry } from '@onefold/control';
import { expect, test } from 'vitest';
import { EMPTY_TREE, keyOf } from '../model/file-tree.ts';
import { createTreeLoader } from './tree-loader.ts';

type Page = CallResult<'ls'>;

function entry(path: string, state: ListedEntry['state'] = 'safe'): ListedEntry {
  return { path, kind: 'file', sizeBytes: 1, mtimeMs: 0, state };
}

/** A loader whose pages are answered by hand, and whose clock stands still unless it is moved. */
function play() {
  const waiting: { readonly place: string; readonly give: (page: Page | Error) => void }[] = [];
  const timers: { readonly atMs: number; readonly work: () => void }[] = [];
  const failures: unknown[] = [];
  const world = { tree: EMPTY_TREE, shown: 0, nowMs: 0 };
  const loader = createTreeLoader({
    list: ({ folder, path }, after) =>
      new Promise((resolve, reject) => {
        waiting.push({
          place: `${folder}:${path}${after === undefined ? '' : ` after ${after}`}`,
          give: (page) => (page instanceof Error ? reject(page) : resolve(page)),
        });
      }),
    nowMs: () => world.nowMs,
    after(delayMs, work) {
      const timer = { atMs: world.nowMs + delayMs, work };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
    onTree(tree) {
      world.tree = tree;
      world.shown++;
    },
    onFailure: (thrown) => failures.push(thrown),
  });
  return Object.assign(world, {
    loader,
    failures,
    waiting,
    asked: () => waiting.map(({ place }) => place),
    held: (path = '') => world.tree.held.get(keyOf('/f', path))?.map((one) => one.path) ?? null,
    /** Answers the question that has waited longest. */
    async answer(page: Page | Error) {
      waiting.shift()?.give(page);
      await new Promise((resolve) => setImmediate(resolve));
    },
    async pass(ms: number) {
      world.nowMs += ms;
      for (const timer of timers.splice(0, timers.length)) {
        if (timer.atMs <= world.nowMs) timer.work();
        else timers.push(timer);
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
}

test('a folder that is opened is shown page by page', async () => {
  const { loader, answer, asked, held } = play();
  loader.setFolders(['/f']);
  loader.setFolders(['/f']);
  expect(asked()).toEqual(['/f:']);
  await answer({ entries: [entry('a')], next: 'a' });
  expect(held()).toEqual(['a']);
  expect(asked()).toEqual(['/f: after a']);
  await answer({ entries: [entry('b')] });
  expect(held()).toEqual(['a', 'b']);
  expect(asked()).toEqual([]);
});

test('looked at again, the list stays whole until the new one is, and nothing stands in it twice', async () => {
  const { loader, answer, asked, held, pass } = play();
  loader.setFolders(['/f']);
  await answer({ entries: [entry('a')], next: 'a' });
  await answer({ entries: [entry('b')] });
  loader.renew();
  await pass(0);
  await answer({ entries: [entry('a'), entry('aa')], next: 'aa' });
  expect(held()).toEqual(['a', 'b']);
  // Something more happens meanwhile: this look goes on to its end, and one more follows.
  loader.renew();
  loader.renew();
  expect(asked()).toEqual(['/f: after aa']);
  await answer({ entries: [entry('b')] });
  expect(held()).toEqual(['a', 'aa', 'b']);
  expect(asked()).toEqual([]);
  await pass(250);
  expect(asked()).toEqual(['/f:']);
});

test('of two loads of one folder the later counts, and the earlier asks for no more', async () => {
  const { loader, answer, asked, held } = play();
  loader.setFolders(['/f']);
  await answer({ entries: [entry('a')] });
  loader.setOpen({ folder: '/f', path: 'a' }, true);
  loader.setOpen({ folder: '/f', path: 'a' }, false);
  loader.setOpen({ folder: '/f', path: 'a' }, true);
  expect(asked()).toEqual(['/f:a', '/f:a']);
  await answer({ entries: [entry('a/old')], next: 'a/old' });
  expect([held('a'), asked()]).toEqual([null, ['/f:a']]);
  await answer({ entries: [entry('a/new')] });
  expect([held('a'), asked()]).toEqual([['a/new'], []]);
});

test('ever so many events cause one look at a time, and the slower looks are the rarer they become', async () => {
  const { loader, answer, asked, pass } = play();
  loader.setFolders(['/f']);
  await answer({ entries: [entry('a')] });
  for (let event = 0; event < 200; event++) loader.renew();
  await pass(0);
  expect(asked()).toHaveLength(1);
  await pass(100);
  for (let event = 0; event < 200; event++) loader.renew();
  await answer({ entries: [entry('a')] });
  await pass(999);
  expect(asked()).toEqual([]);
  await pass(1);
  expect(asked()).toHaveLength(1);
});

test('a look that finds everything as it was shows nothing anew', async () => {
  const world = play();
  world.loader.setFolders(['/f']);
  await world.answer({ entries: [entry('a')] });
  const { shown } = world;
  world.loader.renew();
  await world.pass(0);
  await world.answer({ entries: [entry('a')] });
  expect(world.shown).toBe(shown);
  await world.pass(1_000);
  world.loader.renew();
  await world.pass(0);
  await world.answer({ entries: [entry('a', 'not-yet-safe')] });
  expect(world.shown).toBe(shown + 1);
});

test('only what is in sight is looked at again', async () => {
  const { loader, answer, asked, pass } = play();
  loader.setFolders(['/f']);
  await answer({ entries: [{ ...entry('a'), kind: 'folder' }] });
  loader.setOpen({ folder: '/f', path: 'a' }, true);
  await answer({ entries: [entry('a/x')] });
  loader.setOpen({ folder: '/f', path: 'a' }, false);
  loader.renew();
  await pass(0);
  expect(asked()).toEqual(['/f:']);
  await answer({ entries: [] });
  expect(asked()).toEqual([]);
});

test('a first load that fails is told and tried again with the next look; a folder that went away is not told', async () => {
  const { loader, answer, asked, held, failures, pass } = play();
  loader.setFolders(['/f']);
  await answer(new OnefoldError('file-busy', 'still being opened'));
  expect(failures).toHaveLength(1);
  loader.renew();
  await pass(0);
  expect(asked()).toEqual(['/f:']);
  await answer({ entries: [entry('a')] });
  expect(held()).toEqual(['a']);
  loader.renew();
  await pass(1_000);
  await answer(new OnefoldError('not-found', 'it is gone'));
  expect([failures.length, held()]).toEqual([1, ['a']]);
});

test('a loader that was closed shows and asks nothing more', async () => {
  const world = play();
  world.loader.setFolders(['/f']);
  world.loader.close();
  await world.answer({ entries: [entry('a')], next: 'a' });
  world.loader.renew();
  await world.pass(1_000);
  expect([world.asked(), world.held()]).toEqual([[], null]);
});
