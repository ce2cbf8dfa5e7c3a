/* What the server has lost, on devices that are to have it and have not. */
import { describe, expect, test } from 'vitest';
import { fetches, HOUR_MS, isWhole, met, MINUTE_MS, type Story } from './lost-story.ts';
import { atBottom } from './scheduler.ts';

describe('a file that is to be here, and that the server has lost', () => {
  test.each([
    ['short', 900],
    ['long, with the list of its blocks lost as well', 30_000],
  ])('is taken from a file of the same content that stands under another name, %s', async (_how, size) => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'theirs', 15, size);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'theirs' });
    await s.write(1, 'mine', 15, size);
    await s.step({ do: 'heal', device: 1 });
    await s.run(10 * MINUTE_MS);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/b': 2, theirs: 15, mine: 15, c: 3 });
    expect([isWhole(s, 'theirs'), isWhole(s, 'mine')]).toEqual([true, true]);
    await s.settle();
  });

  test('is said to be lost by who is to have it, once whoever has it had the time to send it, and until it comes', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/gone', 12, 700);
    await s.write(0, 'f/large', 17, 9_000);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/gone' });
    await s.step({ do: 'lose', path: 'f/large' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(4 * MINUTE_MS);
    expect(s.engine(1).status()).toMatchObject({ state: 'syncing', attention: [] });

    // Who waits for rest comes to an end.
    const waiting = atBottom(() => s.world.drive(s.engine(1).syncWait(null), 20 * MINUTE_MS, 'sync --wait'));
    expect(await waiting).toMatchObject({ outcome: 'attention' });
    const lost = [
      { code: 'content-lost', path: 'f/gone' },
      { code: 'content-lost', path: 'f/large' },
    ];
    const told = (): unknown[] =>
      s
        .engine(1)
        .status()
        .attention.map(({ code, path }) => ({ code, path }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(told()).toEqual(lost);
    expect(s.engine(1).status()).toMatchObject({ state: 'attention', pending: 0, notYetSafe: 0 });
    const reasons = await atBottom(() => s.world.drive(s.engine(1).explain('f/gone'), MINUTE_MS, 'explain'));
    expect(reasons).toMatchObject([{ code: 'needs-you', cause: 'content-lost' }]);
    expect(await listed(s)).toMatchObject([
      ['a', 'synced'],
      ['b', 'synced'],
      ['gone', 'lost'],
      ['large', 'lost'],
    ]);

    // It goes on being asked for, seldom, and is not news after a restart.
    await s.step({ do: 'stop', device: 1 });
    await s.step({ do: 'start', device: 1 });
    const asked = fetches(s);
    await s.run(HOUR_MS);
    expect(told()).toEqual(lost);
    expect(s.engine(1).status().state).toBe('attention');
    expect(fetches(s) - asked).toBeGreaterThan(4);
    expect(fetches(s) - asked).toBeLessThan(80);

    await s.step({ do: 'start', device: 0 });
    await s.run(MINUTE_MS);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/b': 2, 'f/gone': 12, 'f/large': 17, c: 3 });
    expect(s.engine(1).status().attention).toEqual([]);
    expect((await listed(s)).map(([, state]) => state)).toEqual(['synced', 'synced', 'synced', 'synced']);
    // The server is asked once more whether nothing of it is lost.
    await s.run(2 * MINUTE_MS);
    expect(s.engine(1).status()).toMatchObject({ state: 'idle', attention: [] });
    await s.settle();
  });

  test('is named by itself where it is one of few, and with how many there are where it is one of very many', async () => {
    const s = await met();
    const paths = Array.from({ length: 120 }, (_, i) => `f/gone-${i}`);
    await s.step({ do: 'cut', device: 1 });
    for (const [i, path] of paths.entries()) await s.write(0, path, 100 + i, 500);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    for (const path of paths) await s.step({ do: 'lose', path });
    await s.step({ do: 'heal', device: 1 });
    await s.run(20 * MINUTE_MS);
    const { attention, state } = s.engine(1).status();
    expect(state).toBe('attention');
    expect(attention.every(({ code }) => code === 'content-lost')).toBe(true);
    expect(attention.filter(({ id }) => id.startsWith('node:'))).toHaveLength(100);
    expect(attention.filter(({ id }) => id === 'lost').map(({ message }) => message)).toEqual([
      expect.stringContaining('(120 in all)'),
    ]);
    await s.settle();
    expect(s.engine(1).status().attention).toEqual([]);
  });

  test('lets an older version be put beside it', async () => {
    const { s, drive } = await lostOver();
    expect(await listed(s)).toEqual([
      ['a', 'lost'],
      ['b', 'synced'],
    ]);
    const [oldest] = await drive(() => s.engine(1).versions('f/a'));
    await drive(() => s.engine(1).restoreVersion('f/a', oldest!.id, 'f/a of before'));
    await s.run(10 * MINUTE_MS);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/a of before': 1, 'f/b': 2, c: 3 });
    expect(isWhole(s, 'f/a of before')).toBe(true);
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 0, attention: [{ code: 'content-lost', path: 'f/a' }] });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'f/a': 12, 'f/a of before': 1, 'f/b': 2, c: 3 });
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 0, attention: [] });
  });
});

/** What stands in `f`, as device 1 shows it. */
async function listed(s: Story): Promise<string[][]> {
  const entries = await atBottom(() => s.world.drive(s.engine(1).list('f'), MINUTE_MS, 'list'));
  return entries.map(({ name, state }) => [name, state]);
}

/** Device 1 has `f/a` of before, and is to have what device 0 wrote, which is away and alone has it; both have read the journal. */
async function lostOver(path = 'f/a', size = 700) {
  const s = await met();
  await s.step({ do: 'cut', device: 1 });
  await s.write(0, path, 12, size);
  await s.run(MINUTE_MS);
  await s.step({ do: 'stop', device: 0 });
  await s.step({ do: 'lose', path });
  await s.step({ do: 'heal', device: 1 });
  await s.run(10 * MINUTE_MS);
  const told = s.engine(1).status();
  expect(told).toMatchObject({ state: 'attention', notYetSafe: 0, attention: [{ code: 'content-lost', path }] });
  const drive = <T>(work: () => Promise<T>): Promise<T> =>
    atBottom(() => s.world.drive(work(), MINUTE_MS, 'what is asked'));
  return { s, drive };
}

/** What both devices show: the file, and beside it what was kept, by the device that kept it. */
function sides(s: Story, path: string) {
  expect(s.shows(0)).toEqual(s.shows(1));
  const all = Object.entries(s.shows(1)).filter(([at]) => at.startsWith(path));
  return all.map(([at, content]) => [at.slice(path.length), content]);
}

const BESIDE = expect.stringMatching(/conflict/u) as string;

/** Device 1 has all it wants, and the server all of that. */
function expectSafe(s: Story): void {
  expect(s.engine(1).status()).toMatchObject({ state: 'idle', notYetSafe: 0, attention: [] });
}

/** Device 0 comes back: what took the place of the lost version is everywhere, and the lost one beside it. */
async function expectKept(s: Story, path: string, instead: number): Promise<void> {
  await s.step({ do: 'start', device: 0 });
  await s.settle();
  expect(sides(s, path)).toEqual([
    ['', instead],
    [BESIDE, 12],
  ]);
}

/** Device 0 comes back, and the lost version with it. */
async function expectHealed(s: Story, path: string): Promise<void> {
  await s.step({ do: 'start', device: 0 });
  await s.settle();
  expect(sides(s, path)).toEqual([['', 12]]);
}

describe('what is made of a file whose newest version is lost', () => {
  test.each([
    ['short', 700],
    ['long, with the list of its blocks lost as well', 30_000],
  ])('is sent in its place, and who comes back with the lost one keeps it beside, %s', async (_how, size) => {
    const { s } = await lostOver('f/a', size);
    await s.write(1, 'f/a', 20, 500);
    await s.run(MINUTE_MS);
    expectSafe(s);
    expect(isWhole(s, 'f/a')).toBe(true);
    // Somebody goes on with it: what it took the place of is not forgotten by that.
    await s.write(1, 'f/a', 21, 400);
    await s.run(MINUTE_MS);
    await expectKept(s, 'f/a', 21);
    await s.write(0, 'f/a', 22, 300);
    await s.settle();
    expect(sides(s, 'f/a')).toEqual([
      ['', 22],
      [BESIDE, 12],
    ]);
  });

  test('is sent too where it was made before anybody knew of the loss', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 12, 700);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.write(1, 'f/a', 20, 500);
    await s.step({ do: 'heal', device: 1 });
    await s.run(10 * MINUTE_MS);
    expectSafe(s);
    await expectKept(s, 'f/a', 20);
  });

  test('is sent after a restart, also where it was made meanwhile', async () => {
    const { s } = await lostOver();
    await s.step({ do: 'stop', device: 1 });
    await s.write(1, 'f/a', 20, 500);
    await s.step({ do: 'start', device: 1 });
    await s.run(2 * MINUTE_MS);
    expectSafe(s);
    await expectKept(s, 'f/a', 20);
  });

  test('is in conflict, as ever, where the lost one came back first', async () => {
    const { s } = await lostOver();
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'f/a', 20, 500);
    await s.run(MINUTE_MS);
    await s.step({ do: 'start', device: 0 });
    await s.run(10 * MINUTE_MS);
    await s.step({ do: 'heal', device: 1 });
    await s.settle();
    expect(sides(s, 'f/a')).toEqual([
      ['', 12],
      [BESIDE, 20],
    ]);
  });

  test('is a file of the same name as one that never came', async () => {
    const { s } = await lostOver('f/new');
    await s.write(1, 'f/new', 20, 500);
    await s.run(2 * MINUTE_MS);
    expectSafe(s);
    await expectKept(s, 'f/new', 20);
  });

  test('is the lost one again where those are its bytes', async () => {
    const { s } = await lostOver('f/new');
    await s.write(1, 'f/new', 12, 700);
    await s.run(10 * MINUTE_MS);
    expectSafe(s);
    expect(isWhole(s, 'f/new')).toBe(true);
    await expectHealed(s, 'f/new');
  });

  test('is that it is deleted, once it was known: whoever has it has it in the trash', async () => {
    const { s } = await lostOver();
    await s.act(1, { act: 'remove', path: 'f/a' });
    await s.run(2 * MINUTE_MS);
    expect(s.world.truth.tree().has('f/a')).toBe(false);
    expect(s.engine(1).status()).toMatchObject({ state: 'idle', attention: [] });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'f/b': 2, c: 3 });
  });

  test('is not that it was deleted before that: an edit wins over that', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 12, 700);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.act(1, { act: 'remove', path: 'f/a' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(20 * MINUTE_MS);
    expect(s.world.truth.tree().has('f/a')).toBe(true);
    await expectHealed(s, 'f/a');
  });

  test('and deleted after that takes nothing from who comes back with the lost one', async () => {
    const { s } = await lostOver();
    await s.write(1, 'f/a', 20, 500);
    await s.run(MINUTE_MS);
    await s.act(1, { act: 'remove', path: 'f/a' });
    await s.run(MINUTE_MS);
    expect(s.world.truth.tree().has('f/a')).toBe(false);
    await expectHealed(s, 'f/a');
  });

  test('is where it is moved to, while its bytes are waited for as before', async () => {
    const { s } = await lostOver();
    await s.act(1, { act: 'rename', path: 'f/a', to: 'a' });
    await s.run(2 * MINUTE_MS);
    expect(s.world.truth.tree().has('a')).toBe(true);
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 0, attention: [{ code: 'content-lost' }] });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(s.shows(1)).toEqual({ f: '/', a: 12, 'f/b': 2, c: 3 });
    expect(s.shows(0)).toEqual(s.shows(1));
  });

  test('is not that it was touched', async () => {
    const { s } = await lostOver();
    await s.write(1, 'f/a', 1, 900);
    await s.run(10 * MINUTE_MS);
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 0, attention: [{ code: 'content-lost', path: 'f/a' }] });
    await expectHealed(s, 'f/a');
  });

  test('is an older version of it that a person puts back, though those bytes stand there', async () => {
    const { s, drive } = await lostOver();
    const [oldest] = await drive(() => s.engine(1).versions('f/a'));
    await drive(() => s.engine(1).restoreVersion('f/a', oldest!.id));
    await s.run(2 * MINUTE_MS);
    expectSafe(s);
    expect(isWhole(s, 'f/a')).toBe(true);
    await expectKept(s, 'f/a', 1);
  });

  test('in a folder that is taken away from who comes back with the lost one leaves it there', async () => {
    const { s } = await lostOver();
    await s.write(1, 'f/a', 20, 500);
    await s.run(MINUTE_MS);
    await s.step({ do: 'cut', device: 0 });
    await s.step({ do: 'start', device: 0 });
    await s.run(MINUTE_MS);
    await s.step({ do: 'select', device: 0, path: 'f', becomes: 'unticked' });
    await s.step({ do: 'heal', device: 0 });
    await s.run(10 * MINUTE_MS);
    expect(s.shows(0)).toMatchObject({ 'f/a': 12 });
  });
});
