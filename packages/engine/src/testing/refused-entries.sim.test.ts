/* Entries that the server takes never: what they say waits with its name told, nothing is lost, and everything else goes on. */
import { describe, expect, test } from 'vitest';
import { refusingStory, speaksOf } from './refusing-story.ts';
import { atBottom } from './scheduler.ts';
import type { Scenario } from './scenario.ts';

const attentionOf = (s: Scenario) => s.world.devices[0]!.store.allAttention();

/** What the first device has still to find out or to do. */
const owedBy = (s: Scenario) => s.world.devices[0]!.store.leftovers();

describe('a change that the server never takes', () => {
  test.each([
    'invalid-argument',
    'journal-invalid',
    'unsupported-version',
    'signature-invalid',
    'pack-corrupt',
    'body-too-large',
    'forbidden',
    'internal',
  ] as const)('waits alone and is told by name when it is refused as %s; the rest goes on both ways', async (code) => {
    const { s, server } = await refusingStory(async ({ write }) => {
      await write(0, 'odd', 1);
      await write(0, 'theirs', 2);
    });
    const isOdd = speaksOf(s, 'odd');
    server.refuses = (request) => (isOdd(request) ? code : null);
    await s.step({ do: 'cut', device: 0 });
    await s.write(0, 'odd', 3);
    for (let i = 0; i < 20; i++) await s.write(0, `f${i}`, 100 + i, 20);
    await s.run(20_000);
    await s.step({ do: 'heal', device: 0 });
    await s.run(60_000);
    await s.write(1, 'theirs', 4);
    await s.run(60_000);
    for (let i = 0; i < 20; i++) expect(s.shows(1)).toMatchObject({ [`f${i}`]: 100 + i });
    expect(s.shows(1)).toMatchObject({ odd: 1 });
    expect(s.shows(0)).toMatchObject({ odd: 3, theirs: 4 });
    expect(attentionOf(s)).toMatchObject([{ code: 'change-refused', path: 'odd' }]);
    expect(attentionOf(s)[0]!.message).toContain(`${code}: refused by the story`);
    const before = server.commits;
    await s.run(10 * 60_000);
    expect(server.commits - before).toBeLessThan(20);

    server.refuses = null;
    await s.settle();
    expect(s.shows(1)).toMatchObject({ odd: 3, theirs: 4 });
    expect(attentionOf(s)).toEqual([]);
  });

  test('stays as it is in the folder over a crash, and is told again', async () => {
    const { s, server } = await refusingStory(async ({ write }) => write(0, 'odd', 1));
    const isOdd = speaksOf(s, 'odd');
    server.refuses = (request) => (isOdd(request) ? 'journal-invalid' : null);
    await s.step({ do: 'net-fault', device: 0, fault: { kind: 'drop-request', call: 'commit' } });
    await s.write(0, 'odd', 2);
    await s.run(15_000);
    await s.step({ do: 'crash', device: 0, power: true });
    await s.step({ do: 'start', device: 0 });
    await s.write(0, 'other', 3);
    await s.run(120_000);
    expect(s.shows(0)).toMatchObject({ odd: 2 });
    expect(s.shows(1)).toMatchObject({ odd: 1, other: 3 });
    expect(attentionOf(s)).toMatchObject([{ code: 'change-refused', path: 'odd' }]);
    server.refuses = null;
    await s.settle();
    expect(s.shows(1)).toMatchObject({ odd: 2, other: 3 });
  });
});

describe('an entry that is refused though it stands', () => {
  test('is found in the journal: what was deleted meanwhile stays deleted, and nothing comes twice', async () => {
    const { s, server } = await refusingStory(async ({ write }) => write(0, 'kept', 1));
    server.losesNext = true;
    await s.write(0, 'made', 2);
    await s.write(0, 'kept', 3);
    while (server.losesAnswers.size === 0) await s.run(100);
    while (!server.isAway) await s.run(100);
    await s.act(0, { act: 'remove', path: 'made' });
    await s.run(60_000);
    expect(owedBy(s)).toContain('in flight');
    server.isAway = false;
    await s.run(120_000);
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ kept: 3 });
    expect(attentionOf(s)).toEqual([]);
    await s.settle();
    for (const device of [0, 1]) expect(s.shows(device)).toEqual({ kept: 3 });
    const made = s.world.devices[0]!.store.allRows().filter(({ remote }) => remote !== null);
    expect(made).toHaveLength(2);
  });

  test('is found where others wrote many entries after it, and over a crash', async () => {
    const { s, server } = await refusingStory(async ({ write }) => write(0, 'kept', 1));
    server.losesNext = true;
    await s.write(0, 'made', 2);
    while (server.losesAnswers.size === 0) await s.run(100);
    await s.step({ do: 'crash', device: 0, power: false });
    for (let i = 0; i < 30; i++) {
      await s.write(1, `g${i}`, 100 + i, 20);
      await s.run(3_000);
    }
    await s.step({ do: 'start', device: 0 });
    while (!server.isAway) await s.run(100);
    expect(owedBy(s)).toContain('in flight');
    server.isAway = false;
    await s.run(60_000);
    expect(s.shows(0)).toMatchObject({ kept: 1, made: 2, g29: 129 });
    expect(attentionOf(s)).toEqual([]);
    await s.settle();
    expect(Object.keys(s.shows(1))).toHaveLength(32);
  });

  test('is found where the journal has been cut meanwhile', async () => {
    const { s, server } = await refusingStory(async ({ write }) => write(0, 'kept', 1));
    server.losesNext = true;
    await s.write(0, 'made', 2);
    while (server.losesAnswers.size === 0) await s.run(100);
    await s.step({ do: 'stop', device: 0 });
    await s.write(1, 'kept', 3);
    await s.run(10_000);
    await s.step({ do: 'server', becomes: 'truncated' });
    await s.step({ do: 'start', device: 0 });
    while (!server.isAway) await s.run(100);
    expect(owedBy(s)).toContain('in flight');
    server.isAway = false;
    await s.run(120_000);
    expect(s.shows(0)).toEqual({ kept: 3, made: 2 });
    expect(attentionOf(s)).toEqual([]);
    await s.settle();
  });
});

test('a server that takes nothing is not asked for each of many files, people are told how many wait, and what comes still comes', async () => {
  const { s, server } = await refusingStory(async ({ write }) => write(0, 'theirs', 1));
  server.refuses = () => 'forbidden';
  for (let i = 0; i < 120; i++) await s.write(0, `f${i}`, 100 + i, 20);
  await s.write(1, 'theirs', 2);
  const before = server.commits;
  await s.run(60_000);
  expect(s.shows(0)).toMatchObject({ theirs: 2, f0: 100, f119: 219 });
  expect(server.commits - before).toBeLessThan(80);
  const words = attentionOf(s).filter(({ code }) => code === 'change-refused');
  expect(words.length).toBeLessThan(40);
  expect(words.find(({ id }) => id === 'refused')?.message).toContain('120 in all');
  server.refuses = null;
  await s.settle();
  expect(s.shows(1)).toMatchObject({ f0: 100, f119: 219 });
  expect(attentionOf(s)).toEqual([]);
});

test('what is taken finds its way among many that are not', async () => {
  const { s, server } = await refusingStory(async ({ write }) => write(0, 'theirs', 1));
  const odd = Array.from({ length: 60 }, (_, i) => `odd${i}`);
  const isOdd = speaksOf(s, ...odd);
  server.refuses = (request) => (isOdd(request) ? 'unsupported-version' : null);
  await s.step({ do: 'cut', device: 0 });
  for (const [i, path] of odd.entries()) await s.write(0, path, 100 + i, 20);
  for (let i = 0; i < 60; i++) await s.write(0, `good${i}`, 200 + i, 20);
  await s.run(20_000);
  await s.step({ do: 'heal', device: 0 });
  await s.run(15 * 60_000);
  expect(Object.keys(s.shows(1)).filter((path) => path.startsWith('good'))).toHaveLength(60);
  expect(Object.keys(s.shows(1)).filter((path) => path.startsWith('odd'))).toEqual([]);
  server.refuses = null;
  await s.settle();
  expect(Object.keys(s.shows(1))).toHaveLength(121);
});

test('a server restored to before what an entry on its way is based on is asked about, and the entry’s file goes up after', async () => {
  const { s, server } = await refusingStory(async ({ write }) => write(0, 'kept', 1));
  await s.step({ do: 'server', becomes: 'backed-up' });
  await s.write(1, 'kept', 2);
  await s.settle();
  server.losesNext = true;
  server.isAwayAfterLoss = true;
  await s.write(0, 'made', 3);
  while (!server.isAway) await s.run(100);
  server.losesAnswers.clear();
  server.losesNext = false;
  await s.step({ do: 'server', becomes: 'restored' });
  server.isAway = false;
  await s.run(60_000);
  expect(attentionOf(s)).toMatchObject([{ code: 'server-restored' }]);
  const { engine } = s.world.devices[0]!.life!;
  await atBottom(() => s.world.drive(engine.confirmAll(), 60_000, 'confirm'));
  await s.settle();
  for (const device of [0, 1]) expect(s.shows(device)).toEqual({ kept: 2, made: 3 });
});
