/* What other products did when they could not see something, and took that for a deletion. docs/RELIABILITY.md names each story's source. */
import { describe, expect, test } from 'vitest';
import type { Listing, Ports } from '../ports.ts';
import { keyOfBytes } from './content-ledger.ts';
import { makeTree, onDevice, story, storyOfDisk } from './incident-story.ts';
import type { Surroundings } from './sim-device.ts';

/** Lets the listings of the first device be what `alter` makes of them. */
function withListings(alter: (path: string, listing: Listing) => Listing): Surroundings['wrapPorts'] {
  return onDevice(0, (ports) => {
    const list: Ports['files']['list'] = async (paths) =>
      (await ports.files.list(paths)).map((listing, i) => alter(paths[i]!, listing));
    return { ...ports, files: { ...ports.files, list } };
  });
}

const EMPTY = (listing: Listing): Listing => (listing.outcome === 'listed' ? { ...listing, entries: [] } : listing);

describe('the client deleted everything', () => {
  test('a folder that shows nothing for a moment loses nothing', async () => {
    let blind = 0;
    const s = await story(
      (it) => makeTree(it, 5),
      withListings((path, listing) => (path === 'f' && blind-- > 0 ? EMPTY(listing) : listing)),
    );
    const before = s.world.server.head().seq;
    blind = 1;
    await s.step({ do: 'scan', device: 0 });
    await s.run(60_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(Object.keys(s.shows(1))).toHaveLength(6);
    await s.settle();
  });

  test('a folder that goes on showing nothing is asked about before anything goes elsewhere', async () => {
    let isBlind = false;
    const s = await story(
      (it) => makeTree(it, 60),
      withListings((path, listing) => (path === 'f' && isBlind ? EMPTY(listing) : listing)),
    );
    const before = s.world.server.head().seq;
    isBlind = true;
    await s.step({ do: 'scan', device: 0 });
    await s.run(120_000);
    expect(s.world.server.head().seq).toBe(before);
    const [question] = s.world.devices[0]!.store.allAttention();
    expect(question).toMatchObject({ code: 'mass-change', path: 'f' });
    expect(JSON.parse(question!.detail)).toMatchObject({ direction: 'up', deletes: 60 });
    // It shows its files again: nothing is left to ask.
    isBlind = false;
    await s.step({ do: 'scan', device: 0 });
    await s.run(60_000);
    expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
    expect(Object.keys(s.shows(1))).toHaveLength(61);
    expect(s.world.server.head().seq).toBe(before);
    await s.settle();
  });

  test('everything deleted on one device is asked about on it, and goes nowhere until then', async () => {
    const s = await story((it) => makeTree(it, 60));
    await s.act(0, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(Object.keys(s.shows(1))).toHaveLength(61);
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'mass-change' }]);
  });
});

describe('a disk that is not mounted was read as a mass deletion', () => {
  test.each(['missing', 'replaced'] as const)('a root that is %s deletes nothing and says so', async (becomes) => {
    const s = await story((it) => makeTree(it, 5));
    const before = s.world.server.head().seq;
    await s.step({ do: 'root', device: 0, becomes });
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'start', device: 0 });
    await s.step({ do: 'scan', device: 0 });
    await s.run(120_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([
      { code: becomes === 'missing' ? 'root-missing' : 'root-replaced' },
    ]);
    await s.settle();
    expect(Object.keys(s.shows(1))).toHaveLength(6);
    expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
  });

  test('a disk mounted inside the root that is gone deletes nothing and says so', async () => {
    const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
    await s.step({ do: 'mount', device: 0, path: 'm' });
    const volume = s.world.devices[0]!.disk.find('m')!.volume;
    await s.write(0, 'm/a', 1);
    await s.settle();
    const before = s.world.server.head().seq;
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.step({ do: 'scan', device: 0 });
    await s.run(120_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'volume-missing', path: 'm' }]);
    s.world.devices[0]!.disk.mount('m', volume);
    await s.settle();
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
  });
});

test('a disk mounted inside the root that is gone with the folder it was mounted on deletes nothing and says so', async () => {
  const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
  await s.step({ do: 'mount', device: 0, path: 'm' });
  const volume = s.world.devices[0]!.disk.find('m')!.volume;
  await s.write(0, 'm/a', 1);
  await s.settle();
  // As what mounts disks by itself does.
  await s.step({ do: 'unmount', device: 0, path: 'm' });
  await s.act(0, { act: 'remove', path: 'm' });
  await s.run(600_000);
  expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
  expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'volume-missing', path: 'm' }]);
  await s.act(0, { act: 'mkdir', path: 'm' });
  s.world.devices[0]!.disk.mount('m', volume);
  await s.settle();
  expect(s.shows(0)).toEqual({ m: '/', 'm/a': 1 });
  expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
  expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
});

test('what is deleted on a disk that came back under another number is deleted', async () => {
  const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
  const { disk } = s.world.devices[0]!;
  await s.step({ do: 'mount', device: 0, path: 'm' });
  const { volume } = disk.find('m')!;
  await s.act(0, { act: 'mkdir', path: 'm/a' }, { act: 'mkdir', path: 'm/a/b' }, { act: 'mkdir', path: 'm/a/b/c' });
  await s.write(0, 'm/a/b/c/d', 1);
  await s.write(0, 'm/a/e', 2);
  await s.settle();
  await s.step({ do: 'stop', device: 0 });
  await s.step({ do: 'unmount', device: 0, path: 'm' });
  disk.renumber(volume);
  disk.mount('m', volume);
  await s.act(0, { act: 'remove', path: 'm/a/b/c' });
  await s.step({ do: 'start', device: 0 });
  await s.settle();
  expect(s.shows(1)).toEqual({ m: '/', 'm/a': '/', 'm/a/b': '/', 'm/a/e': 2 });
  expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
});

test('a folder deleted with the place in it where a disk was mounted deletes nothing of that disk', async () => {
  const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'x' }, { act: 'mkdir', path: 'x/m' }));
  await s.step({ do: 'mount', device: 0, path: 'x/m' });
  await s.write(0, 'x/m/a', 1);
  await s.write(0, 'x/b', 2);
  await s.settle();
  await s.step({ do: 'unmount', device: 0, path: 'x/m' });
  await s.act(0, { act: 'remove', path: 'x' });
  await s.settle();
  expect(s.shows(1)).toEqual({ x: '/', 'x/m': '/', 'x/m/a': 1 });
});

describe('something comes to where a disk is not mounted just now', () => {
  test('from elsewhere: it waits for that disk, and nothing on it is deleted', async () => {
    const s = await storyOfDisk();
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.write(1, 'm/c', 3);
    await s.act(1, { act: 'mkdir', path: 'm/d' }, { act: 'symlink', path: 'm/l', to: 'a' });
    await s.run(600_000);
    const there = { m: '/', 'm/a': 1, 'm/b': 2, 'm/c': 3, 'm/d': '/', 'm/l': '-> a' };
    expect(s.shows(0)).toEqual({ m: '/' });
    expect(s.shows(1)).toEqual(there);
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'volume-missing', path: 'm' }]);
    await s.step({ do: 'mount', device: 0, path: 'm' });
    await s.step({ do: 'scan', device: 0 });
    await s.run(30_000);
    expect(s.shows(0)).toEqual(there);
    await s.settle();
    expect(s.shows(1)).toEqual(there);
    expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
  });

  test('by hand: it is not synced, and nothing on the disk is deleted', async () => {
    const s = await storyOfDisk();
    const before = s.world.server.head().seq;
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.write(0, 'm/log', 4);
    await s.run(600_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'volume-missing', path: 'm' }]);
    await s.act(0, { act: 'rename', path: 'm/log', to: 'log' });
    await s.step({ do: 'mount', device: 0, path: 'm' });
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ log: 4, m: '/', 'm/a': 1, 'm/b': 2 });
  });
});

test('what is changed elsewhere of a file on a disk that came back under another number arrives', async () => {
  const s = await storyOfDisk();
  const { disk } = s.world.devices[0]!;
  const { volume } = disk.find('m')!;
  await s.step({ do: 'unmount', device: 0, path: 'm' });
  disk.renumber(volume);
  await s.step({ do: 'mount', device: 0, path: 'm' });
  await s.step({ do: 'scan', device: 0 });
  await s.run(10_000);
  await s.write(1, 'm/a', 5);
  await s.act(1, { act: 'remove', path: 'm/b' });
  await s.run(600_000);
  for (const device of [0, 1]) expect(s.shows(device)).toEqual({ m: '/', 'm/a': 5 });
  await s.settle();
});

describe('what was just missing in a place that is not seen any more', () => {
  test('a folder that does not open: it is waited for without looking all the time, and deleted when the folder opens', async () => {
    let isClosed = false;
    const s = await story(
      (it) => makeTree(it, 3),
      withListings((path, listing) =>
        path === 'f' && isClosed ? { outcome: 'failed', code: 'access-denied' } : listing,
      ),
    );
    await s.act(0, { act: 'remove', path: 'f/0' });
    await s.run(1_000);
    isClosed = true;
    await s.run(600_000);
    expect(Object.keys(s.shows(1))).toContain('f/0');
    isClosed = false;
    await s.settle();
    expect(s.shows(1)).toEqual({ f: '/', 'f/1': 101, 'f/2': 102 });
  });

  test('a disk that is gone: the same', async () => {
    const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
    await s.step({ do: 'mount', device: 0, path: 'm' });
    const volume = s.world.devices[0]!.disk.find('m')!.volume;
    await s.write(0, 'm/a', 1);
    await s.write(0, 'm/b', 2);
    await s.settle();
    await s.act(0, { act: 'remove', path: 'm/b' });
    await s.run(1_000);
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.run(600_000);
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
    s.world.devices[0]!.disk.mount('m', volume);
    await s.settle();
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1 });
  });
});

test('a folder moved elsewhere to another disk that is mounted here stays until it is moved here by hand, and is in step then', async () => {
  const s = await story(async (it) => {
    await makeTree(it, 3);
    await it.act(0, { act: 'mkdir', path: 'm' }, { act: 'mkdir', path: 'f/in' });
    await it.write(0, 'f/in/c', 9);
  });
  await s.step({ do: 'mount', device: 1, path: 'm' });
  await s.act(0, { act: 'rename', path: 'f', to: 'm/f' });
  await s.run(120_000);
  const there = { m: '/', 'm/f': '/', 'm/f/0': 100, 'm/f/1': 101, 'm/f/2': 102, 'm/f/in': '/', 'm/f/in/c': 9 };
  const here = { m: '/', f: '/', 'f/0': 100, 'f/1': 101, 'f/2': 102, 'f/in': '/', 'f/in/c': 9 };
  expect([s.shows(0), s.shows(1)]).toEqual([there, here]);
  expect(s.world.devices[1]!.store.allAttention()).toMatchObject([{ code: 'other-disk', path: 'm/f' }]);
  const blocks = s.world.coverage.times('call', 'putPack');
  await s.act(1, { act: 'mkdir', path: 'm/f' }, { act: 'mkdir', path: 'm/f/in' });
  for (const name of ['0', '1', '2', 'in/c']) await s.act(1, { act: 'copy', path: `f/${name}`, to: `m/f/${name}` });
  await s.act(1, { act: 'remove', path: 'f' });
  await s.run(600_000);
  expect([s.shows(0), s.shows(1)]).toEqual([there, there]);
  expect(s.world.devices[1]!.store.allAttention()).toEqual([]);
  expect(s.world.coverage.times('call', 'putPack')).toBe(blocks);
  await s.settle();
  for (const device of [0, 1]) expect(s.shows(device)).toEqual(there);
});

describe('an ignore rule deleted data', () => {
  test('a rule that comes over what is synced deletes it nowhere, and taking it away resumes', async () => {
    const s = await story((it) => makeTree(it, 3));
    const rules = '.onefoldignore';
    s.world.devices[0]!.user.write(rules, Buffer.from('f/\n'));
    s.world.ledger.writtenBytes(Buffer.from('f/\n'), 'rules');
    await s.run(30_000);
    await s.step({ do: 'scan', device: 0 });
    await s.step({ do: 'scan', device: 1 });
    await s.run(30_000);
    for (const device of [0, 1]) expect(Object.keys(s.shows(device))).toEqual([rules, 'f', 'f/0', 'f/1', 'f/2']);
    // While it is ignored each device keeps its own.
    await s.write(1, 'f/0', 7);
    await s.act(0, { act: 'remove', path: 'f/2' });
    await s.run(30_000);
    expect([s.shows(0)['f/0'], s.shows(1)['f/0'], s.shows(1)['f/2']]).toEqual([100, 7, 102]);
    s.world.devices[0]!.user.remove(rules);
    s.world.ledger.givenUp(keyOfBytes(Buffer.from('f/\n')));
    await s.settle();
    // Nobody looked there meanwhile: what was deleted under the rule comes back.
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ f: '/', 'f/0': 7, 'f/1': 101, 'f/2': 102 });
  });
});

describe('what does not open was read as deleted', () => {
  test('an entry that does not open any more stays on the disk, here and elsewhere', async () => {
    let isBroken = false;
    const s = await story(
      async ({ write }) => write(0, 'a', 1),
      (ports) => ({
        ...ports,
        sealing: {
          ...ports.sealing,
          openContent: (at, sealed) => (isBroken ? { outcome: 'corrupt' } : ports.sealing.openContent(at, sealed)),
          openPlace: (at, sealed) => (isBroken ? { outcome: 'corrupt' } : ports.sealing.openPlace(at, sealed)),
        },
      }),
    );
    await s.step({ do: 'stop', device: 1 });
    await s.write(0, 'a', 2);
    await s.run(30_000);
    isBroken = true;
    await s.step({ do: 'start', device: 1 });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ a: 1 });
    expect(s.world.devices[1]!.store.allAttention()).toMatchObject([{ code: 'node-quarantined', path: 'a' }]);
    expect(s.shows(0)).toEqual({ a: 2 });
  });
});

describe('an inode that was used again was read as a rename', () => {
  test('a new file that got the inode of a deleted one is a new file', async () => {
    const s = await story(async ({ write }) => write(0, 'old', 1));
    const { disk } = s.world.devices[0]!;
    const freed = disk.find('old')!.inode.number;
    const [node] = s.world.server.journal.nodes.keys();
    await s.act(0, { act: 'remove', path: 'old' });
    await s.write(0, 'new', 2);
    expect(disk.find('new')!.inode.number).toBe(freed);
    await s.settle();
    expect(s.shows(1)).toEqual({ new: 2 });
    expect(s.world.truth.pathOf(node!)).toBe(null);
    expect(s.world.server.journal.nodes.size).toBe(2);
  });
});

describe('a folder deleted elsewhere took a new child along', () => {
  test('a file that came into a folder while it was being deleted keeps its folder', async () => {
    const s = await story((it) => makeTree(it, 3));
    await s.apart(
      () => s.act(1, { act: 'remove', path: 'f' }),
      () => s.write(0, 'f/new', 7),
    );
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ f: '/', 'f/new': 7 });
  });
});

describe('a link was followed', () => {
  test('deleting a link deletes the link alone, and nothing behind a link is ever synced', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/a', 1);
      await act(0, { act: 'symlink', path: 'l', to: 'f' }, { act: 'symlink', path: 'out', to: '../outside' });
    });
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, l: '-> f', out: '-> ../outside' });
    await s.act(1, { act: 'remove', path: 'l' }, { act: 'remove', path: 'out' });
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'f/a': 1 });
  });

  test('a folder that became a link to elsewhere is a link there, and its files are kept where they were edited', async () => {
    const s = await story(async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'f/a', 1);
    });
    await s.apart(
      () => s.act(0, { act: 'remove', path: 'f' }, { act: 'symlink', path: 'f', to: '../outside' }),
      () => s.write(1, 'f/a', 2),
    );
    expect(Object.values(s.shows(0))).toEqual(expect.arrayContaining([2, '-> ../outside']));
    expect(s.shows(1)).toEqual(s.shows(0));
  });
});
