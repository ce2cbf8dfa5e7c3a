import { describe, expect, test } from 'vitest';
import { contentBytes } from './content-ledger.ts';
import { story } from './incident-story.ts';
import type { Scenario } from './scenario.ts';

const RULES = '.onefoldignore';

/** Rules are text: bytes of a numbered content would be nonsense to them. */
async function rule(s: Scenario, device: number, path: string, text: string | null): Promise<void> {
  if (text === null) s.world.devices[device]!.user.remove(path);
  else {
    s.world.ledger.writtenBytes(Buffer.from(text), `rules on ${device}`, false);
    s.world.devices[device]!.user.write(path, Buffer.from(text));
  }
  await s.run(20_000);
}

function shown(s: Scenario, device: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(s.shows(device)).filter(([path]) => !path.endsWith(RULES)));
}

function met(): Promise<Scenario> {
  return story(async ({ act, write }) => {
    await act(0, { act: 'mkdir', path: 'f' }, { act: 'mkdir', path: 'f/out' });
    await write(0, 'f/a', 1);
    await write(0, 'f/out/b', 2);
    await write(0, 'f/out/c', 3);
  });
}

const ALL = { f: '/', 'f/a': 1, 'f/out': '/', 'f/out/b': 2, 'f/out/c': 3 };

describe('rules that cannot be read are not none', () => {
  test('what they said before holds, and what they say by then follows', async () => {
    const s = await met();
    await rule(s, 0, RULES, '*.tmp\n');
    const { disk } = s.world.devices[0]!;
    disk.breakEntry(RULES, 'read', 'access-denied');
    await s.write(0, 'f/x.tmp', 10);
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'start', device: 0 });
    await s.write(0, 'f/y', 11);
    await s.run(60_000);
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/y': 11 });
    disk.healEntries();
    await rule(s, 0, RULES, '*.bak\n');
    await s.run(60_000);
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/y': 11, 'f/x.tmp': 10 });
    await s.settle();
  });

  test('where nobody knows what they say, nothing is touched on either side, and the rest goes on', async () => {
    const s = await met();
    const { disk, user } = s.world.devices[0]!;
    user.write(`f/out/${RULES}`, Buffer.from('*.tmp\n'));
    s.world.ledger.writtenBytes(Buffer.from('*.tmp\n'), 'rules', false);
    disk.breakEntry(`f/out/${RULES}`, 'read', 'access-denied');
    await s.write(0, 'f/out/x.tmp', 10);
    await s.write(0, 'f/out/c', 12);
    await s.act(0, { act: 'remove', path: 'f/out/b' });
    await s.write(0, 'f/y', 11);
    await s.write(1, 'f/out/z', 13);
    await s.run(60_000);
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/y': 11, 'f/out/z': 13 });
    expect(shown(s, 0)['f/out/z']).toBeUndefined();
    expect(s.world.devices[0]!.life!.engine.describe()).toContain(
      '"waiting":[{"path":"f/out","code":"access-denied"}]',
    );
    disk.healEntries();
    await s.step({ do: 'crash', device: 0, power: false });
    await s.step({ do: 'start', device: 0 });
    await s.run(60_000);
    // What was missing while nobody was to look is none that was deleted.
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/out/c': 12, 'f/y': 11, 'f/out/z': 13 });
    await s.settle();
  });
});

describe('what becomes ignored after it was synced is frozen', () => {
  test('a delete, an edit and a new file there stay where they are made', async () => {
    const s = await met();
    await rule(s, 0, RULES, 'out/\n');
    const before = s.world.server.head().seq;
    await s.act(1, { act: 'remove', path: 'f/out/b' });
    await s.write(1, 'f/out/c', 10);
    await s.write(0, 'f/out/new', 11);
    await s.run(60_000);
    expect(s.world.server.head().seq).toBe(before);
    expect(shown(s, 0)).toEqual({ ...ALL, 'f/out/new': 11 });
    expect(shown(s, 1)).toEqual({ f: '/', 'f/a': 1, 'f/out': '/', 'f/out/c': 10 });
    expect(s.world.devices[1]!.life!.engine.isIdle()).toBe(true);
  });

  test('un-ignored, an edit goes on from what was synced, and a delete made meanwhile is none', async () => {
    const s = await met();
    await rule(s, 0, RULES, 'out/\n');
    await s.act(1, { act: 'remove', path: 'f/out/b' });
    await s.write(1, 'f/out/c', 10);
    await s.run(20_000);
    await rule(s, 0, RULES, null);
    await s.run(60_000);
    expect(shown(s, 0)).toEqual({ ...ALL, 'f/out/c': 10 });
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/out/c': 10 });
    await s.settle();
  });

  test('the same, with the rule gone while no engine ran', async () => {
    const s = await met();
    await rule(s, 1, RULES, 'out/\n');
    await s.act(1, { act: 'remove', path: 'f/out' });
    await s.run(20_000);
    await s.step({ do: 'stop', device: 1 });
    await rule(s, 1, RULES, null);
    await s.step({ do: 'start', device: 1 });
    await s.run(60_000);
    expect(shown(s, 1)).toEqual(ALL);
    expect(shown(s, 0)).toEqual(ALL);
    await s.settle();
  });

  test('changed equally on both sides while it was ignored, it is one file again without a conflict', async () => {
    const s = await met();
    await rule(s, 0, RULES, 'out/\n');
    await s.write(0, 'f/out/b', 20);
    await s.write(1, 'f/out/b', 20);
    await s.run(20_000);
    await rule(s, 0, RULES, null);
    await s.settle();
    expect(shown(s, 1)).toEqual({ ...ALL, 'f/out/b': 20 });
  });

  test('its folder is deleted here: it stays elsewhere, and comes back when the rule goes', async () => {
    const s = await met();
    await rule(s, 0, RULES, 'out/\n');
    await s.act(1, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(shown(s, 0)).toEqual({ f: '/', 'f/out': '/', 'f/out/b': 2, 'f/out/c': 3 });
    await rule(s, 0, RULES, null);
    await s.run(60_000);
    expect(shown(s, 1)).toEqual({ f: '/', 'f/out': '/', 'f/out/b': 2, 'f/out/c': 3 });
    await s.settle();
  });

  test('its folder is deleted elsewhere: what is ignored here stays, and nothing is sent for it', async () => {
    const s = await met();
    // Device 0 knows no rule: it deletes all of it.
    await s.step({ do: 'cut', device: 0 });
    await s.act(0, { act: 'remove', path: 'f' });
    await rule(s, 1, RULES, 'out/\n');
    await s.write(1, 'f/out/mine', 30);
    await s.run(20_000);
    await s.step({ do: 'heal', device: 0 });
    await s.run(60_000);
    const { seq } = s.world.server.head();
    expect(shown(s, 1)).toEqual({ f: '/', 'f/out': '/', 'f/out/b': 2, 'f/out/c': 3, 'f/out/mine': 30 });
    await s.step({ do: 'scan', device: 1 });
    await s.run(60_000);
    expect(s.world.server.head().seq).toBe(seq);
    expect(shown(s, 1)).toEqual({ f: '/', 'f/out': '/', 'f/out/b': 2, 'f/out/c': 3, 'f/out/mine': 30 });
  });

  test('taken out of what is ignored it is moved, and synced again', async () => {
    const s = await met();
    await rule(s, 0, RULES, 'out/\n');
    await s.act(1, { act: 'rename', path: 'f/out', to: 'f/in' });
    await s.run(30_000);
    expect(shown(s, 0)).toEqual({ f: '/', 'f/a': 1, 'f/in': '/', 'f/in/b': 2, 'f/in/c': 3 });
    await s.settle();
  });
});

describe('rules files', () => {
  test('one in a folder is about that folder, on every device, from the first moment', async () => {
    const s = await met();
    await s.step({ do: 'stop', device: 1 });
    await s.act(0, { act: 'mkdir', path: 'g' });
    s.world.ledger.writtenBytes(Buffer.from('*.o\n'), 'rules', false);
    s.world.devices[0]!.user.write(`g/${RULES}`, Buffer.from('*.o\n'));
    await s.write(0, 'g/x.o', 40);
    await s.write(0, 'x.o', 41);
    await s.run(20_000);
    await s.step({ do: 'start', device: 1 });
    await s.run(20_000);
    expect(shown(s, 1)).toEqual({ ...ALL, g: '/', 'x.o': 41 });
    await s.write(1, 'g/y.o', 42);
    await s.run(20_000);
    expect(shown(s, 0)).toEqual({ ...ALL, g: '/', 'g/x.o': 40, 'x.o': 41 });
  });

  test('rules that come with what they are about come first', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    for (let i = 0; i < 5; i++) await s.write(0, `f/${i}.big`, 50 + i);
    await s.run(10_000);
    await rule(s, 0, RULES, '*.big\n');
    await s.step({ do: 'heal', device: 1 });
    await s.run(30_000);
    expect(shown(s, 1)).toEqual(ALL);
    expect(contentBytes(50, 100)).toHaveLength(100);
  });

  test('a rules file that is emptied to be written anew lets nothing through', async () => {
    const s = await met();
    await rule(s, 0, RULES, '*.tmp\n');
    const nodes = s.world.server.journal.nodes.size;
    await s.write(0, 'f/x.tmp', 60);
    await s.run(20_000);
    s.world.devices[0]!.user.write(RULES, Buffer.from(''));
    await s.run(300);
    s.world.devices[0]!.user.write(RULES, Buffer.from('*.tmp\n'));
    await s.run(30_000);
    expect(shown(s, 1)).toEqual(ALL);
    expect(s.world.server.journal.nodes.size).toBe(nodes);
  });
});

test('rules changed at once on two devices: one of them hold everywhere, the others stand beside them, and nothing is lost', async () => {
  const s = await met();
  await rule(s, 0, RULES, '*.old\n');
  await s.write(1, 'x.old', 70);
  for (const device of [0, 1]) await s.step({ do: 'cut', device });
  await rule(s, 0, RULES, '*.old\nout/\n');
  await rule(s, 1, RULES, '*.old\na\n');
  await s.write(0, 'f/out/b', 71);
  await s.write(1, 'f/a', 72);
  await s.run(20_000);
  for (const device of [0, 1]) await s.step({ do: 'heal', device });
  await s.run(5 * 60_000);
  const texts = [0, 1].map((device) => {
    const files = s.world.devices[device]!.disk.walk().filter(({ path }) => path.includes('onefoldignore'));
    return files.map(({ path, found }) => [path, Buffer.from(found.inode.data).toString()]);
  });
  expect(texts[0]).toHaveLength(2);
  expect(texts[1]).toEqual(texts[0]);
  expect(new Set(texts[0]!.map(([, text]) => text))).toEqual(new Set(['*.old\nout/\n', '*.old\na\n']));
  for (const device of [0, 1])
    expect(Object.keys(shown(s, device)).filter((path) => path in ALL)).toEqual(Object.keys(ALL));
  expect(shown(s, 0)['x.old']).toBeUndefined();
  await s.settle();
  for (const device of [0, 1]) expect(Object.values(shown(s, device))).toEqual(expect.arrayContaining([70, 71, 72]));
});
