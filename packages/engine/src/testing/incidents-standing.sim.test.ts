/* Restored servers, lost states, full disks, locked files: what stood still, came back, or was lost elsewhere. Sources: docs/RELIABILITY.md. */
import { describe, expect, test } from 'vitest';
import { makeTree, onDevice, story } from './incident-story.ts';
import { atBottom } from './scheduler.ts';

describe('a server restored from a backup deleted what was newer here', () => {
  test('what came after the backup stays on every device, and is sent again once a person has said so', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'kept', 1);
      await write(0, 'edited', 2);
    });
    await s.step({ do: 'server', becomes: 'backed-up' });
    await s.write(0, 'new', 3);
    await s.write(1, 'edited', 4);
    await s.settle();
    await s.step({ do: 'server', becomes: 'restored' });
    await s.run(120_000);
    for (const { index, store } of s.world.devices) {
      expect(s.shows(index)).toEqual({ kept: 1, edited: 4, new: 3 });
      expect(store.allAttention()).toMatchObject([{ code: 'server-restored' }]);
    }
    expect(s.world.truth.tree().size).toBe(2);
    await s.settle();
    for (const { index, store } of s.world.devices) {
      expect(s.shows(index)).toEqual({ kept: 1, edited: 4, new: 3 });
      expect(store.allAttention().filter(({ code }) => code === 'server-restored')).toEqual([]);
    }
    expect([...s.world.truth.tree().keys()].sort()).toEqual(['edited', 'kept', 'new']);
  });

  test('what another device sent after the restoring is no ancestor of what stands here', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    });
    await s.step({ do: 'server', becomes: 'backed-up' });
    await s.write(0, 'a', 3);
    await s.settle();
    await s.step({ do: 'server', becomes: 'restored' });
    await s.step({ do: 'stop', device: 1 });
    const { engine } = s.world.devices[0]!.life!;
    await s.write(0, 'a', 4);
    await s.run(60_000);
    await atBottom(() => s.world.drive(engine.confirmAll(), 60_000, 'confirm'));
    await s.run(60_000);
    // Device 1 holds 3 as the second version, and the second version is 4 now.
    await s.step({ do: 'start', device: 1 });
    await s.settle();
    for (const index of [0, 1]) expect(s.shows(index)).toMatchObject({ a: 4, b: 2 });
  });

  test('files deleted, moved and made in what the server lost are neither deleted nor doubled', async () => {
    const s = await story((it) => makeTree(it, 6));
    await s.step({ do: 'server', becomes: 'backed-up' });
    await s.act(0, { act: 'rename', path: 'f/1', to: 'moved' }, { act: 'mkdir', path: 'g' });
    await s.act(0, { act: 'rename', path: 'f/2', to: 'g/2' });
    await s.write(1, 'f/3', 7);
    await s.settle();
    await s.step({ do: 'server', becomes: 'restored' });
    await s.run(60_000);
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    for (const index of [0, 1])
      expect(s.shows(index)).toEqual({
        f: '/',
        'f/0': 100,
        'f/3': 7,
        'f/4': 104,
        'f/5': 105,
        g: '/',
        'g/2': 102,
        moved: 101,
      });
  });

  test('a server that shows less than before without having been restored is not believed', async () => {
    let isShort = false;
    const s = await story(
      (it) => makeTree(it, 5),
      onDevice(1, (ports) => ({
        ...ports,
        remote: {
          ...ports.remote,
          async entries(after, minSeq) {
            const page = await ports.remote.entries(after, minSeq);
            return isShort ? { entries: [], head: { ...page.head, seq: 1 } } : page;
          },
        },
      })),
    );
    isShort = true;
    await s.write(1, 'f/0', 7);
    await s.run(120_000);
    expect(s.shows(1)['f/0']).toBe(7);
    expect(Object.keys(s.shows(1))).toHaveLength(6);
    expect(s.world.devices[1]!.store.allAttention()).toMatchObject([{ code: 'journal-rollback' }]);
  });
});

describe('deleted files came back', () => {
  test('a device that was away for long deletes what was deleted meanwhile instead of bringing it back', async () => {
    const s = await story((it) => makeTree(it, 5), undefined, 3);
    await s.step({ do: 'stop', device: 2 });
    await s.act(0, { act: 'remove', path: 'f/1' });
    await s.run(60_000);
    await s.step({ do: 'server', becomes: 'collected' });
    await s.step({ do: 'jump-clock', device: 2, ms: 400 * 24 * 3_600_000 });
    await s.step({ do: 'start', device: 2 });
    await s.settle();
    for (const device of [0, 1, 2]) expect(Object.keys(s.shows(device))).not.toContain('f/1');
  });

  test('a file deleted and made again under its name stays the new one', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.act(0, { act: 'remove', path: 'a' });
    await s.settle();
    await s.write(1, 'a', 2);
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ a: 2 });
  });
});

describe('what was not sent yet was lost with the state', () => {
  test('changes made offline stand in the folder, count as not safe, and go up after the state is gone', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.step({ do: 'cut', device: 0 });
    await s.write(0, 'a', 2);
    await s.write(0, 'b', 3);
    await s.run(20_000);
    const device = s.world.devices[0]!;
    expect((await device.store.attach(() => Promise.resolve()).counts()).notYetSafe).toBe(2);
    await s.step({ do: 'back-up', device: 0 });
    await s.step({ do: 'crash', device: 0, power: true });
    device.store.wipe();
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(Object.values(s.shows(1))).toEqual(expect.arrayContaining([2, 3]));
    expect(s.shows(1)).toEqual(s.shows(0));
  });

  test('a state that is gone is made anew from disk and journal: nothing is deleted, nothing is sent twice', async () => {
    const s = await story((it) => makeTree(it, 12));
    const before = { head: s.world.server.head().seq, blocks: s.world.server.blockCount() };
    const fetched = s.world.coverage.times('call', 'readBlocks');
    const device = s.world.devices[0]!;
    await s.step({ do: 'crash', device: 0, power: false });
    device.store.wipe();
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(s.world.server.head().seq).toBe(before.head);
    expect(s.world.server.blockCount()).toBe(before.blocks);
    expect(s.world.coverage.times('call', 'readBlocks')).toBe(fetched);
    expect(Object.keys(s.shows(0))).toHaveLength(13);
  });

  test('a state put back from a backup deletes nothing and sends nothing twice', async () => {
    const s = await story((it) => makeTree(it, 12));
    await s.step({ do: 'back-up', device: 0 });
    await s.write(0, 'f/new', 7);
    await s.write(0, 'f/1', 8);
    await s.settle();
    const before = s.world.server.head().seq;
    await s.step({ do: 'restore', device: 0 });
    await s.settle();
    expect(s.world.server.head().seq).toBe(before);
    expect(s.shows(0)).toMatchObject({ 'f/new': 7, 'f/1': 8 });
    expect(Object.keys(s.shows(0))).toHaveLength(14);
  });

  test('a clock that jumps back or ahead by years deletes nothing and resends nothing', async () => {
    const s = await story((it) => makeTree(it, 5));
    const before = s.world.server.head().seq;
    for (const ms of [-30 * 365 * 24 * 3_600_000, 60 * 365 * 24 * 3_600_000]) {
      await s.step({ do: 'jump-clock', device: 0, ms });
      await s.step({ do: 'scan', device: 0 });
      await s.run(120_000);
    }
    expect(s.world.server.head().seq).toBe(before);
    await s.write(0, 'f/1', 7);
    await s.settle();
    expect(s.shows(1)['f/1']).toBe(7);
  });
});

describe('one file stopped everything', () => {
  test.each(['file-busy', 'access-denied', 'disk-error'] as const)(
    'a file that cannot be read (%s) waits alone, and goes when it can be read',
    async (code) => {
      const s = await story(async ({ write }) => write(0, 'locked', 1));
      await s.step({ do: 'break', device: 0, path: 'locked', aspect: 'read', code });
      await s.write(0, 'locked', 2);
      await s.write(0, 'other', 3);
      await s.act(0, { act: 'mkdir', path: 'f' });
      await s.run(60_000);
      expect(s.shows(1)).toEqual({ locked: 1, other: 3, f: '/' });
      await s.step({ do: 'mend', device: 0 });
      await s.settle();
      expect(s.shows(1)).toEqual({ locked: 2, other: 3, f: '/' });
    },
  );

  test('waiting for rest ends, and says that a person is needed, where a file may not be read', async () => {
    const s = await story(async ({ write }) => write(0, 'locked', 1));
    await s.step({ do: 'break', device: 0, path: 'locked', aspect: 'read', code: 'access-denied' });
    await s.write(0, 'locked', 2);
    await s.run(20_000);
    const { engine } = s.world.devices[0]!.life!;
    let outcome = '';
    const waiting = engine.syncWait().then((said) => (outcome = said));
    await atBottom(() => s.world.drive(waiting, 60_000, 'waiting for rest'));
    expect(outcome).toBe('attention');
    await s.step({ do: 'mend', device: 0 });
    await s.settle();
    expect(s.shows(1)).toEqual({ locked: 2 });
  });

  test('waiting for rest looks at the whole folder and asks the server, both after it was called', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    // Neither the watcher nor the server says anything any more.
    for (const device of [0, 1]) await s.step({ do: 'watcher', device, becomes: 'deaf' });
    s.world.devices[1]!.conditions.eventLoss = 1;
    await s.write(0, 'there', 2);
    await s.write(1, 'here', 3);
    for (const device of [0, 1]) {
      const waiting = s.world.devices[device]!.life!.engine.syncWait();
      await atBottom(() => s.world.drive(waiting, 60_000, 'waiting for rest'));
    }
    expect(s.shows(1)).toEqual({ a: 1, there: 2, here: 3 });
    await s.settle();
  });

  test('waiting for rest does not take the answer to an earlier question for one to its own', async () => {
    let isSlow = false;
    const s = await story(
      ({ write }) => write(0, 'a', 1),
      onDevice(1, (ports) => ({
        ...ports,
        remote: {
          ...ports.remote,
          async entries(after, minSeq) {
            const said = await ports.remote.entries(after, minSeq);
            if (isSlow) await ports.clock.sleep(20_000);
            isSlow = false;
            return said;
          },
        },
      })),
    );
    s.world.devices[1]!.conditions.eventLoss = 1;
    isSlow = true;
    await s.step({ do: 'scan', device: 1 });
    await s.run(1_000);
    await s.write(0, 'there', 2);
    await s.run(5_000);
    const waiting = s.world.devices[1]!.life!.engine.syncWait();
    await atBottom(() => s.world.drive(waiting, 60_000, 'waiting for rest'));
    expect([isSlow, s.shows(1)]).toEqual([false, { a: 1, there: 2 }]);
    await s.settle();
  });

  test('a machine that wakes up asks at once, however long it had been without a way to the server', async () => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'a', 2);
    await s.write(1, 'b', 3);
    await s.run(6 * 3_600_000);
    // The way is open again, and nobody says so.
    s.world.devices[1]!.conditions.isCut = false;
    await s.step({ do: 'sleep', device: 1 });
    await s.run(5_000);
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ a: 2, b: 3 });
    await s.settle();
  });

  test('a file that cannot be replaced here waits alone', async () => {
    const s = await story(async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    });
    await s.step({ do: 'disk-fault', device: 1, operation: 'move', code: 'file-busy', count: 1 });
    await s.write(0, 'a', 3);
    await s.write(0, 'b', 4);
    await s.run(120_000);
    expect(s.shows(1)).toEqual({ a: 3, b: 4 });
    await s.settle();
  });
});

describe('a full disk made it loop', () => {
  test('what does not fit waits and says so, what fits goes on, and room brings the rest', async () => {
    const s = await story((it) => makeTree(it, 5));
    await s.step({ do: 'fill-disk', device: 1 });
    await s.write(0, 'big', 7, 5_000);
    await s.act(0, { act: 'remove', path: 'f/0' }, { act: 'rename', path: 'f/1', to: 'f/moved' });
    const before = s.world.coverage.times('call', 'readBlocks');
    await s.run(120_000);
    expect(s.shows(1)).toMatchObject({ 'f/moved': 101 });
    expect(Object.keys(s.shows(1))).not.toContain('big');
    expect(Object.keys(s.shows(1))).not.toContain('f/0');
    // Nothing is fetched again and again.
    expect(s.world.coverage.times('call', 'readBlocks') - before).toBeLessThan(20);
    await s.settle();
    expect(s.shows(1)).toMatchObject({ big: 7 });
  });
});

describe('a full disk kept what nobody needs', () => {
  test('the trash gives up what the server holds, the oldest first, and nothing else', async () => {
    const s = await story(async ({ write }) => {
      for (let i = 0; i < 4; i++) await write(0, `old ${i}`, 60 + i, 1_000);
    });
    for (let i = 0; i < 4; i++) {
      await s.act(0, { act: 'remove', path: `old ${i}` });
      await s.run(20_000);
    }
    await s.settle();
    const { disk } = s.world.devices[1]!;
    expect(disk.trashed.size).toBe(4);
    disk.main.capacityBytes = disk.main.usedBytes() + 100;
    await s.write(0, 'new', 70, 1_500);
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ new: 70 });
    expect([...disk.trashed.values()].map(({ path }) => path)).toEqual(['old 2', 'old 3']);
    await s.settle();
  });
});

describe('no room on the server stopped everything', () => {
  test('what does not fit stands here and says so once, while deletes, moves and what fits go on', async () => {
    const s = await story(async (it) => {
      await makeTree(it, 6);
      await it.write(0, 'edited and moved', 30, 500);
    });
    const { server } = s.world;
    server.quotaBytes = server.heldBytes() + 2_500;
    await s.step({ do: 'cut', device: 0 });
    {
      await s.write(0, 'huge', 50, 6_000);
      await s.write(0, 'big', 51, 4_000);
      await s.write(0, 'small', 52, 300);
      await s.write(0, 'f/0', 53, 200);
      await s.write(0, 'edited and moved', 54, 5_000);
      await s.act(
        0,
        { act: 'rename', path: 'edited and moved', to: 'f/moved' },
        { act: 'remove', path: 'f/1' },
        { act: 'rename', path: 'f/2', to: 'f/two' },
        { act: 'mkdir', path: 'g' },
      );
    }
    await s.run(20_000);
    await s.step({ do: 'heal', device: 0 });
    await s.run(10 * 60_000);
    expect(s.shows(1)).toEqual({
      f: '/',
      'f/0': 53,
      'f/3': 103,
      'f/4': 104,
      'f/5': 105,
      'f/moved': 30,
      'f/two': 102,
      g: '/',
      small: 52,
    });
    expect(s.shows(0)).toMatchObject({ huge: 50, big: 51, 'f/moved': 54 });
    const words = s.world.devices[0]!.store.allAttention();
    expect(words).toMatchObject([{ id: 'no-room', code: 'quota-exceeded' }]);
    expect(words[0]!.message).toContain('3 in all');
    const calls = s.world.coverage.times('call', 'commit') + s.world.coverage.times('call', 'putPack');
    await s.run(5 * 60_000);
    expect(s.world.coverage.times('call', 'commit') + s.world.coverage.times('call', 'putPack') - calls).toBeLessThan(
      20,
    );
    server.quotaBytes = Infinity;
    await s.run(10 * 60_000);
    await s.settle();
    expect(s.shows(1)).toMatchObject({ huge: 50, big: 51, 'f/moved': 54 });
    expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
  });
});

describe('no hint came, and nothing was noticed', () => {
  test.each(['deaf', 'overflowing'] as const)('a watcher that is %s is made up for by looking', async (becomes) => {
    const s = await story(async ({ write }) => write(0, 'a', 1));
    await s.step({ do: 'watcher', device: 0, becomes });
    await s.write(0, 'a', 2);
    await s.write(0, 'b', 3);
    await s.run(becomes === 'deaf' ? 70 * 60_000 : 30_000);
    expect(s.shows(1)).toEqual({ a: 2, b: 3 });
    await s.settle();
  });
});

describe('folders nested deeper than the server looks', () => {
  test('what is nested too deep stands here and says so, everything else goes on, and moved up it follows', async () => {
    const deep = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
    const [n4, n5] = [deep.slice(0, 5).join('/'), deep.join('/')];
    const s = await story(async (it) => {
      for (let i = 1; i <= deep.length; i++) await it.act(0, { act: 'mkdir', path: deep.slice(0, i).join('/') });
      for (let i = 0; i < 8; i++) await it.act(0, { act: 'mkdir', path: `w${i}` });
      await it.write(0, `${n5}/edited`, 1, 100);
    });
    const { server } = s.world;
    server.nodesPerEntry = 5;
    await s.step({ do: 'cut', device: 0 });
    await s.write(0, `${n4}/near`, 2, 100);
    await s.write(0, `${n5}/edited`, 3, 100);
    await s.write(0, `${n5}/new`, 4, 100);
    await s.act(0, { act: 'mkdir', path: `${n5}/n6` });
    await s.write(0, `${n5}/n6/new`, 5, 100);
    // None of these is deep, but all in one entry are more than may be looked at.
    for (let i = 0; i < 8; i++) await s.write(0, `w${i}/f`, 30 + i, 100);
    await s.run(20_000);
    await s.step({ do: 'heal', device: 0 });
    await s.run(10 * 60_000);
    const shown = s.shows(1);
    for (let i = 0; i < 8; i++) expect(shown).toMatchObject({ [`w${i}/f`]: 30 + i });
    expect(shown).toMatchObject({ [`${n4}/near`]: 2, [`${n5}/edited`]: 1 });
    expect(shown).not.toHaveProperty([`${n5}/new`]);
    expect(s.shows(0)).toMatchObject({ [`${n5}/edited`]: 3, [`${n5}/new`]: 4, [`${n5}/n6/new`]: 5 });
    const words = s.world.devices[0]!.store.allAttention();
    expect(new Set(words.map(({ code }) => code))).toEqual(new Set(['nested-too-deep']));
    expect(words.map(({ path }) => path).sort()).toEqual([`${n5}/edited`, `${n5}/n6`, `${n5}/new`]);
    const calls = s.world.coverage.times('call', 'commit');
    await s.run(5 * 60_000);
    expect(s.world.coverage.times('call', 'commit') - calls).toBeLessThan(20);
    await s.act(0, { act: 'rename', path: n4, to: 'up' });
    await s.settle();
    for (const index of [0, 1]) {
      expect(s.shows(index)).toMatchObject({ 'up/n5/edited': 3, 'up/n5/new': 4, 'up/n5/n6/new': 5 });
      expect(s.world.devices[index]!.store.allAttention()).toEqual([]);
    }
  });

  test('the very folder that lies too deep can be moved, and what it kept waiting follows', async () => {
    const deep = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
    const n5 = deep.join('/');
    const s = await story(async (it) => {
      for (let i = 1; i <= deep.length; i++) await it.act(0, { act: 'mkdir', path: deep.slice(0, i).join('/') });
    });
    s.world.server.nodesPerEntry = 5;
    await s.write(0, `${n5}/new`, 4, 100);
    await s.run(60_000);
    expect(s.world.devices[0]!.store.allAttention()).toMatchObject([{ code: 'nested-too-deep', path: `${n5}/new` }]);
    await s.act(0, { act: 'rename', path: n5, to: 'up' });
    await s.settle();
    expect(s.shows(1)).toMatchObject({ up: '/', 'up/new': 4 });
    expect(s.world.devices[0]!.store.allAttention()).toEqual([]);
  });
});
