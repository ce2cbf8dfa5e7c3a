/* Names that one disk holds and another does not: stored as they are, called otherwise where they must be, never renamed for anybody else. */
import { describe, expect, test } from 'vitest';
import { createSimEngine } from './sim-engine.ts';
import { tell, type Scenario } from './scenario.ts';

const LINUX = {};
const WINDOWS = { system: 'windows' } as const;
const MAC = { system: 'mac' } as const;

async function linuxAnd(other: typeof WINDOWS | typeof MAC, begin: (s: Scenario) => Promise<void>): Promise<Scenario> {
  const scenario = await tell(createSimEngine, 2, [LINUX, other]);
  await begin(scenario);
  await scenario.settle();
  return scenario;
}

/** What stands on a device, tags told as `~`. */
function called(s: Scenario, device: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(s.shows(device)).map(([path, what]) => [path.replace(/~[\da-f]{8}/gu, '~'), what]),
  );
}

/** The one path on the second device that bears a tag. */
function likeness(s: Scenario): string {
  return Object.keys(s.shows(1)).find((path) => /~[\da-f]{8}/u.test(path))!;
}

describe('case twins on a file system that cannot hold both', () => {
  test.each([WINDOWS, MAC])('both are stored, one under another name here: %j', async (other) => {
    const s = await linuxAnd(other, async ({ write }) => {
      await write(0, 'a.txt', 1);
      await write(0, 'A.txt', 2);
    });
    expect(s.shows(0)).toEqual({ 'a.txt': 1, 'A.txt': 2 });
    expect(Object.values(s.shows(1)).sort()).toEqual([1, 2]);
    expect(Object.keys(called(s, 1)).filter((path) => path.includes('~'))).toHaveLength(1);
  });

  test('normal forms of one letter are twins on macOS and stand side by side on Windows', async () => {
    const begin = async ({ write }: Scenario): Promise<void> => {
      await write(0, '\u00e9', 1);
      await write(0, 'e\u0301', 2);
    };
    const mac = await linuxAnd(MAC, begin);
    expect(Object.keys(called(mac, 1)).filter((path) => path.includes('~'))).toHaveLength(1);
    const windows = await linuxAnd(WINDOWS, begin);
    expect(windows.shows(1)).toEqual({ '\u00e9': 1, 'e\u0301': 2 });
  });

  test('folders too, each with what is in it', async () => {
    const s = await linuxAnd(WINDOWS, async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' }, { act: 'mkdir', path: 'F' });
      await write(0, 'f/a', 1);
      await write(0, 'F/a', 2);
    });
    const folder = likeness(s).split('/')[0]!;
    await s.write(1, `${folder}/new`, 3);
    await s.settle();
    expect(Object.values(s.shows(0)).filter((what) => what === 3)).toHaveLength(1);
    expect(Object.keys(s.shows(0)).filter((path) => path.includes('~'))).toEqual([]);
  });
});

describe('names illegal here, too long, reserved', () => {
  test('are called by a likeness', async () => {
    const s = await linuxAnd(WINDOWS, async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'what?' });
      await write(0, 'what?/a:b.txt', 1);
      await write(0, 'CON', 2);
      await write(0, 'end.', 3);
    });
    expect(called(s, 1)).toEqual({ 'what？~': '/', 'what？~/a：b~.txt': 1, 'CON~': 2, 'end.~': 3 });
  });

  test('an edit, a delete and a move made here arrive there under the true name', async () => {
    const s = await linuxAnd(WINDOWS, async ({ act, write }) => {
      await act(0, { act: 'mkdir', path: 'f' });
      await write(0, 'a:b', 1);
    });
    await s.write(1, likeness(s), 2);
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'a:b': 2 });
    await s.act(1, { act: 'rename', path: likeness(s), to: `f/${likeness(s)}` });
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'f/a:b': 2 });
    await s.act(1, { act: 'remove', path: likeness(s) });
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/' });
  });

  test('a user who renames the likeness renames the file', async () => {
    const s = await linuxAnd(WINDOWS, async ({ write }) => write(0, 'a:b', 1));
    const nodes = s.world.server.journal.nodes.size;
    await s.act(1, { act: 'rename', path: likeness(s), to: 'plain' });
    await s.settle();
    expect(s.shows(0)).toEqual({ plain: 1 });
    expect(s.shows(1)).toEqual({ plain: 1 });
    expect(s.world.server.journal.nodes.size).toBe(nodes);
  });

  test('a rename there to a name this disk holds takes the likeness away', async () => {
    const s = await linuxAnd(WINDOWS, async ({ write }) => write(0, 'a:b', 1));
    await s.act(0, { act: 'rename', path: 'a:b', to: 'b' });
    await s.settle();
    expect(s.shows(1)).toEqual({ b: 1 });
  });

  test('where the state was lost, a likeness is known again and nothing is doubled', async () => {
    const s = await linuxAnd(WINDOWS, async () => undefined);
    await s.step({ do: 'back-up', device: 1 });
    await s.write(0, 'a:b', 1);
    await s.write(0, 'c', 2);
    await s.write(0, 'C', 3);
    await s.settle();
    await s.write(1, 'own', 4);
    await s.settle();
    const before = s.shows(1);
    const { seq } = s.world.server.head();
    await s.step({ do: 'restore', device: 1 });
    await s.settle();
    expect(s.shows(1)).toEqual(before);
    expect(s.world.server.head().seq).toBe(seq);
  });

  test('edits on both sides of one that is called otherwise are both kept', async () => {
    const s = await linuxAnd(WINDOWS, async ({ write }) => write(0, 'a:b', 1));
    await s.apart(
      () => s.write(0, 'a:b', 2),
      () => s.write(1, likeness(s), 3),
    );
    expect(Object.values(s.shows(0)).sort()).toEqual([2, 3]);
    expect(Object.keys(s.shows(0)).filter((path) => path.includes('~'))).toEqual([]);
  });
});

test('a file made here under the name of one that stands under a likeness gets a name of its own elsewhere', async () => {
  const s = await linuxAnd(WINDOWS, async ({ write }) => {
    await write(0, 'a', 1);
    await write(0, 'A', 2);
  });
  const plain = Object.keys(s.shows(1)).find((path) => !path.includes('~'))!;
  const other = plain === 'a' ? 'A' : 'a';
  await s.act(1, { act: 'remove', path: plain });
  await s.settle();
  await s.write(1, other, 3);
  await s.settle();
  expect(Object.values(s.shows(0))).toHaveLength(2);
  expect(Object.values(s.shows(0))).toContain(3);
});

test('a rename from one normal form to the other is a rename where a disk tells them apart', async () => {
  const s = await tell(createSimEngine, 2);
  await s.write(0, '\u00e9', 1);
  await s.settle();
  await s.act(0, { act: 'rename', path: '\u00e9', to: 'e\u0301' });
  await s.settle();
  expect(s.shows(1)).toEqual({ 'e\u0301': 1 });
});

test('a rename from one normal form to the other, made where they are told apart, arrives on a Mac, and its edits go on under it', async () => {
  const s = await linuxAnd(MAC, async ({ write }) => write(0, '\u00e9', 1));
  const nodes = s.world.server.journal.nodes.size;
  await s.act(0, { act: 'rename', path: '\u00e9', to: 'e\u0301' });
  await s.settle();
  expect(s.shows(1)).toEqual({ 'e\u0301': 1 });
  await s.write(1, 'e\u0301', 2);
  await s.settle();
  expect(s.shows(0)).toEqual({ 'e\u0301': 2 });
  expect(s.world.server.journal.nodes.size).toBe(nodes);
});

test('a rename that changes case alone is a rename of the same node', async () => {
  const s = await linuxAnd(WINDOWS, async ({ act, write }) => {
    await write(0, 'a', 1);
    await act(0, { act: 'mkdir', path: 'f' });
    await write(0, 'f/b', 2);
  });
  const nodes = s.world.server.journal.nodes.size;
  await s.act(1, { act: 'rename', path: 'a', to: 'A' }, { act: 'rename', path: 'f', to: 'F' });
  await s.settle();
  expect(s.shows(0)).toEqual({ A: 1, F: '/', 'F/b': 2 });
  await s.act(0, { act: 'rename', path: 'A', to: 'a' });
  await s.settle();
  expect(s.shows(1)).toEqual({ a: 1, F: '/', 'F/b': 2 });
  expect(s.world.server.journal.nodes.size).toBe(nodes);
});
