import { describe, expect, test } from 'vitest';
import { isAlive } from '../core/settled.ts';
import type { Scenario } from './scenario.ts';
import { story } from './incident-story.ts';

/** A folder `f` with `a`, `b` and `in/c` in it, and `top` beside it, known to both devices. */
function met(): Promise<Scenario> {
  return story(async ({ act, write }) => {
    await act(0, { act: 'mkdir', path: 'f' }, { act: 'mkdir', path: 'f/in' });
    await write(0, 'f/a', 1);
    await write(0, 'f/b', 2);
    await write(0, 'f/in/c', 3);
    await write(0, 'top', 4);
  });
}

async function select(s: Scenario, path: string, becomes: 'ticked' | 'unticked', device = 1): Promise<void> {
  await s.step({ do: 'select', device, path, becomes });
  await s.run(10_000);
}

function entries(s: Scenario): number {
  return s.world.server.journal.entries.length;
}

const ALL = { f: '/', 'f/a': 1, 'f/b': 2, 'f/in': '/', 'f/in/c': 3, top: 4 };

describe('a folder that is not to be on a device', () => {
  test('leaves it, without a word to the server, and comes back', async () => {
    const s = await met();
    const before = entries(s);
    await select(s, 'f', 'unticked');
    expect(s.shows(1)).toEqual({ top: 4 });
    expect(s.shows(0)).toEqual(ALL);
    expect(entries(s)).toBe(before);
    await select(s, 'f', 'ticked');
    expect(s.shows(1)).toEqual(ALL);
    expect(entries(s)).toBe(before);
    await s.settle();
  });

  test('keeps here what the server does not hold: an edit, a new file; they are not sent until it is ticked again', async () => {
    const s = await met();
    const before = entries(s);
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'f/a', 10);
    await s.write(1, 'f/new', 11);
    await s.run(5_000);
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 10, 'f/new': 11, top: 4 });
    expect(entries(s)).toBe(before);
    await select(s, 'f', 'ticked');
    await s.run(10_000);
    expect(s.shows(0)).toEqual({ ...ALL, 'f/a': 10, 'f/new': 11 });
    await s.settle();
    expect(s.shows(1)).toEqual(s.shows(0));
  });

  test('what is deleted here of it stays elsewhere', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.act(1, { act: 'remove', path: 'f/a' });
    await s.run(5_000);
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(30_000);
    expect(s.shows(0)).toEqual(ALL);
    await s.settle();
    expect(s.shows(1)).toEqual(ALL);
  });

  test('changes made elsewhere in it do not come; moved out of it they do, moved into it they go', async () => {
    const s = await met();
    await select(s, 'f', 'unticked');
    await s.write(0, 'f/later', 5);
    await s.act(0, { act: 'rename', path: 'f/b', to: 'b' }, { act: 'rename', path: 'top', to: 'f/top' });
    await s.run(20_000);
    expect(s.shows(1)).toEqual({ b: 2 });
    await s.act(0, { act: 'rename', path: 'f', to: 'g' });
    await s.run(20_000);
    expect(s.shows(1)).toEqual({ b: 2 });
    await select(s, 'g', 'ticked');
    expect(s.shows(1)).toEqual(s.shows(0));
    await s.settle();
  });

  test('what is moved into it elsewhere goes from here only as the server has it: an edit made here stays, as a file of its own', async () => {
    const s = await met();
    await s.write(0, 'equal', 7);
    await s.run(20_000);
    await select(s, 'f', 'unticked');
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'top', 40);
    await s.run(5_000);
    await s.act(0, { act: 'rename', path: 'top', to: 'f/top' }, { act: 'rename', path: 'equal', to: 'f/equal' });
    await s.run(5_000);
    await s.step({ do: 'heal', device: 1 });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ top: 40 });
    expect(s.shows(0)).toEqual({ ...ALL, top: 40, 'f/top': 4, 'f/equal': 7 });
    await select(s, 'f', 'ticked');
    await s.settle();
    expect(s.shows(1)).toEqual(s.shows(0));
  });

  test('a folder made here under its name gets a name of its own, and nothing is merged', async () => {
    const s = await met();
    await select(s, 'f', 'unticked');
    await s.act(1, { act: 'mkdir', path: 'f' });
    await s.write(1, 'f/a', 20);
    await s.run(60_000);
    const named = Object.keys(s.shows(1)).find((path) => /^f \(conflict, .*\)$/u.test(path));
    expect(named).toBeDefined();
    expect(s.shows(1)).toEqual({ [named!]: '/', [`${named!}/a`]: 20, top: 4 });
    expect(s.shows(0)).toEqual({ ...ALL, [named!]: '/', [`${named!}/a`]: 20 });
    await s.settle();
  });

  test('files made in what stayed of it, under names that are not here: equal ones become one when it is ticked again, others are both kept', async () => {
    const s = await met();
    const before = entries(s);
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'f/a', 10);
    await s.run(5_000);
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(30_000);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 10, top: 4 });
    await s.write(1, 'f/b', 2);
    await s.act(1, { act: 'mkdir', path: 'f/in' });
    await s.write(1, 'f/in/c', 30);
    await s.run(60_000);
    // Who made them may want them here, and nobody said that they should be there.
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 10, 'f/b': 2, 'f/in': '/', 'f/in/c': 30, top: 4 });
    expect(entries(s)).toBe(before);
    await select(s, 'f', 'ticked');
    await s.settle();
    expect(s.shows(1)).toEqual(s.shows(0));
    const { 'f/a': a, 'f/b': b, ...others } = s.shows(0);
    expect([a, b]).toEqual([10, 2]);
    expect(Object.values(others).sort()).toEqual(['/', '/', 3, 30, 4].sort());
  });

  test('what is taken out of it before it left is a file of its own', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'f/a', 30);
    await s.run(5_000);
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(20_000);
    await s.act(1, { act: 'rename', path: 'f/a', to: 'mine' });
    await s.run(20_000);
    expect(s.shows(1)).toEqual({ mine: 30, top: 4 });
    expect(s.shows(0)).toEqual({ ...ALL, mine: 30 });
    await s.settle();
  });

  test('the folder above is deleted here: it stays elsewhere for what is not here, and only for that', async () => {
    const s = await met();
    await select(s, 'f/in', 'unticked');
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/b': 2, top: 4 });
    await s.act(1, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(s.shows(0)).toEqual({ f: '/', 'f/in': '/', 'f/in/c': 3, top: 4 });
    expect(s.shows(1)).toEqual({ top: 4 });
    await s.write(0, 'f/new', 6);
    await s.run(20_000);
    expect(s.shows(1)).toEqual({ f: '/', 'f/new': 6, top: 4 });
    await s.settle();
    expect(s.shows(1)).toEqual(s.shows(0));
  });

  test('it is deleted elsewhere: here nothing is left of it', async () => {
    const s = await met();
    await select(s, 'f', 'unticked');
    await s.act(0, { act: 'remove', path: 'f' });
    await s.run(20_000);
    expect(s.world.devices[1]!.store.allRows().filter(({ remote }) => isAlive(remote))).toHaveLength(1);
    await s.settle();
  });

  test.each([3, 8, 15, 25, 40, 60, 90, 130])(
    'a crash %i points after the wish loses neither it nor a byte',
    async (points) => {
      const s = await met();
      const before = entries(s);
      await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
      await s.step({ do: 'run', points });
      await s.step({ do: 'crash', device: 1, power: true });
      await s.step({ do: 'start', device: 1 });
      await s.run(30_000);
      expect(entries(s)).toBe(before);
      // Whoever was not told that it was noted has to say it again.
      if (points >= 15) expect(s.shows(1)).toEqual({ top: 4 });
      await s.settle();
      expect(s.shows(1)).toEqual(ALL);
      expect(s.shows(0)).toEqual(ALL);
    },
  );
});
