/* What the server has lost, on devices that are to have it and have not. */
import { describe, expect, test } from 'vitest';
import { fetches, HOUR_MS, isWhole, met, MINUTE_MS } from './lost-story.ts';
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

  test('lets an older version be put beside it, where the last one is lost, and keeps what is changed in it here', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/a', 12, 700);
    await s.run(MINUTE_MS);
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(10 * MINUTE_MS);
    await s.write(1, 'f/a', 20, 500);
    await s.run(10 * MINUTE_MS);
    const drive = <T>(work: () => Promise<T>): Promise<T> =>
      atBottom(() => s.world.drive(work(), MINUTE_MS, 'older version'));
    const [oldest] = await drive(() => s.engine(1).versions('f/a'));
    await drive(() => s.engine(1).restoreVersion('f/a', oldest!.id, 'f/a of before'));
    await s.run(10 * MINUTE_MS);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 20, 'f/a of before': 1, 'f/b': 2, c: 3 });
    expect(isWhole(s, 'f/a of before')).toBe(true);
    // What is changed in the file itself waits, and is said not to be safe.
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 1, attention: [{ code: 'content-lost', path: 'f/a' }] });
    await s.step({ do: 'start', device: 0 });
    await s.settle();
    expect(s.engine(1).status()).toMatchObject({ notYetSafe: 0, attention: [] });
  });
});
