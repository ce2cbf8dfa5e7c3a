/* The folder on which a disk is mounted, on one device: what others make of it, and what is chosen about it here. */
import { describe, expect, test } from 'vitest';
import { isSettled } from '../core/settled.ts';
import { story, storyOfDisk } from './incident-story.ts';
import type { Scenario } from './scenario.ts';

const told = ({ world }: Scenario, device = 0) =>
  world.devices[device]!.store.allAttention().map(({ code, path }) => ({ code, path }));

const pending = ({ world }: Scenario) => world.devices[0]!.store.allRows().filter((row) => !isSettled(row)).length;

const scanned = async (s: Scenario, device = 0): Promise<void> => {
  await s.step({ do: 'scan', device });
  await s.run(600_000);
};

describe('a folder on which a disk is mounted', () => {
  test('and that is renamed elsewhere says why it stays, is in step all the while, and follows when the disk is mounted there', async () => {
    const s = await storyOfDisk();
    const { disk } = s.world.devices[0]!;
    const { volume } = disk.find('m')!;
    await s.act(1, { act: 'rename', path: 'm', to: 'n' });
    await s.run(600_000);
    expect(s.shows(0)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
    expect(told(s)).toEqual([{ code: 'mount-point', path: 'm' }]);
    await s.write(0, 'm/c', 3);
    await s.write(1, 'n/a', 4);
    await s.run(600_000);
    expect(s.shows(0)).toEqual({ m: '/', 'm/a': 4, 'm/b': 2, 'm/c': 3 });
    expect(s.shows(1)).toEqual({ n: '/', 'n/a': 4, 'n/b': 2, 'n/c': 3 });

    const blocks = s.world.coverage.times('call', 'putPack');
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await scanned(s);
    expect(s.shows(1)).toEqual({ n: '/', 'n/a': 4, 'n/b': 2, 'n/c': 3 });
    await s.act(0, { act: 'remove', path: 'm' }, { act: 'mkdir', path: 'n' });
    disk.mount('n', volume);
    await scanned(s);
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ n: '/', 'n/a': 4, 'n/b': 2, 'n/c': 3 });
    expect(told(s)).toEqual([]);
    expect(s.world.coverage.times('call', 'putPack')).toBe(blocks);
    await s.settle();
  });

  test('follows a rename once an empty disk is taken off it', async () => {
    const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
    await s.step({ do: 'mount', device: 0, path: 'm' });
    await scanned(s);
    await s.act(1, { act: 'rename', path: 'm', to: 'n' });
    await s.run(600_000);
    expect(told(s)).toEqual([{ code: 'mount-point', path: 'm' }]);
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.step({ do: 'scan', device: 0 });
    await s.run(1_000);
    expect([s.shows(0), told(s)]).toEqual([{ n: '/' }, []]);
    await s.settle();
  });

  test('and that is deleted elsewhere is emptied into the trash of that disk, and goes once the disk is taken off', async () => {
    const s = await storyOfDisk();
    const { disk } = s.world.devices[0]!;
    await s.act(1, { act: 'remove', path: 'm' });
    await s.run(600_000);
    expect([s.shows(0), told(s), pending(s)]).toEqual([{ m: '/' }, [], 0]);
    expect([...disk.trashed.values()].map(({ path }) => path).sort()).toEqual(['m/a', 'm/b']);
    expect([...disk.trashed.keys()].every((at) => at.startsWith('m/.onefold/'))).toBe(true);
    // Nothing is tried again and again.
    const before = s.world.coverage.times('call', 'commit');
    for (let i = 0; i < 3; i++) await scanned(s);
    expect([s.shows(0), pending(s), s.world.coverage.times('call', 'commit')]).toEqual([{ m: '/' }, 0, before]);
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await scanned(s);
    expect([s.shows(0), told(s)]).toEqual([{}, []]);
    await s.settle();
  });

  test('and that is deleted elsewhere while the disk is away keeps what is on it until it is back', async () => {
    const s = await storyOfDisk();
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.act(1, { act: 'remove', path: 'm' });
    await scanned(s);
    expect([s.shows(0), told(s)]).toEqual([{ m: '/' }, [{ code: 'volume-missing', path: 'm' }]]);
    await s.step({ do: 'mount', device: 0, path: 'm' });
    await scanned(s);
    expect([s.shows(0), told(s), pending(s)]).toEqual([{ m: '/' }, [], 0]);
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await scanned(s);
    await s.settle();
    expect(s.shows(0)).toEqual({});
  });

  test('and that was deleted elsewhere is one again as soon as something is put on the disk', async () => {
    const s = await storyOfDisk();
    await s.act(1, { act: 'remove', path: 'm' });
    await s.run(600_000);
    await s.write(0, 'm/new', 5);
    await s.run(60_000);
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ m: '/', 'm/new': 5 });
    expect(told(s)).toEqual([]);
    await s.settle();
  });

  test.each(['mounted', 'away'])('is unticked and ticked again while the disk is %s', async (state) => {
    const s = await storyOfDisk();
    if (state === 'away') {
      await s.step({ do: 'unmount', device: 0, path: 'm' });
      await scanned(s);
    }
    await s.step({ do: 'select', device: 0, path: 'm', becomes: 'unticked' });
    await s.run(600_000);
    expect(told(s)).toEqual(state === 'away' ? [{ code: 'volume-missing', path: 'm' }] : []);
    if (state === 'away') {
      await s.step({ do: 'mount', device: 0, path: 'm' });
      await scanned(s);
    }
    expect([s.shows(0), told(s), pending(s)]).toEqual([{ m: '/' }, [], 0]);
    expect(s.shows(1)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
    await s.step({ do: 'select', device: 0, path: 'm', becomes: 'ticked' });
    await s.settle();
    expect(s.shows(0)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
  });

  test('on two devices, each with a disk of its own, is the same on both', async () => {
    const s = await story(async ({ act }) => act(0, { act: 'mkdir', path: 'm' }));
    for (const device of [0, 1]) await s.step({ do: 'mount', device, path: 'm' });
    await s.write(0, 'm/a', 1);
    await s.write(1, 'm/b', 2);
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ m: '/', 'm/a': 1, 'm/b': 2 });
    await s.step({ do: 'unmount', device: 0, path: 'm' });
    await s.write(1, 'm/a', 3);
    await s.act(1, { act: 'remove', path: 'm/b' });
    await scanned(s);
    await s.step({ do: 'unmount', device: 1, path: 'm' });
    await scanned(s, 1);
    await s.step({ do: 'mount', device: 0, path: 'm' });
    await scanned(s);
    expect(s.shows(0)).toEqual({ m: '/', 'm/a': 3 });
    expect(told(s, 1)).toEqual([{ code: 'volume-missing', path: 'm' }]);
    await s.step({ do: 'mount', device: 1, path: 'm' });
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ m: '/', 'm/a': 3 });
  });
});
