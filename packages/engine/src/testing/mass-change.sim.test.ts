/* Many deletes or rewrites at once are a question, told with numbers; the answer holds for what was asked about and for nothing else. */
import { describe, expect, test } from 'vitest';
import type { Engine } from '../sync/engine.ts';
import { contentBytes, keyOfBytes } from './content-ledger.ts';
import { atBottom } from './scheduler.ts';
import { tell, type Scenario } from './scenario.ts';
import { createSimEngineFor } from './sim-engine.ts';

interface Asked {
  readonly id: string;
  readonly path: string;
  readonly direction: string;
  readonly deletes: number;
  readonly rewrites: number;
}

/** Folders `0`, `1` ... on two devices, with so many files in each. Content of `2/5` is 205. */
async function met(...folders: readonly number[]) {
  const engines = new Map<string, Engine>();
  const s = await tell(
    createSimEngineFor(
      () => 'two-way',
      (device, engine) => engines.set(device, engine),
    ),
    2,
  );
  for (const [folder, files] of folders.entries()) {
    await s.act(0, { act: 'mkdir', path: `${folder}` });
    for (let file = 0; file < files; file++) await s.write(0, `${folder}/${file}`, folder * 100 + file, 20);
  }
  await s.settle();
  const engineOf = (device: number): Engine => engines.get(s.world.devices[device]!.identity.name)!;
  return {
    s,
    count: (device: number) => Object.values(s.shows(device)).filter((shown) => shown !== '/').length,
    /** Files that the server holds. */
    held: () => [...s.world.truth.tree().keys()].filter((path) => path.includes('/')).length,
    asked: (device: number): Asked[] =>
      s.world.devices[device]!.store.allAttention()
        .filter(({ code }) => code === 'mass-change')
        .map(({ id, path, detail }) => ({ id, path, ...(JSON.parse(detail) as Omit<Asked, 'id' | 'path'>) })),
    async answer(device: number, what: 'confirm' | 'reject', id: string): Promise<void> {
      const answered = await atBottom(() => s.world.drive(engineOf(device)[what](id), 600_000, what));
      expect(answered).toBe(true);
    },
    async remove(device: number, folder: number, from: number, to: number): Promise<void> {
      for (let file = from; file < to; file++) await s.act(device, { act: 'remove', path: `${folder}/${file}` });
    },
  };
}

const MINUTE_MS = 60_000;

async function restart(s: Scenario, device: number): Promise<void> {
  await s.step({ do: 'crash', device, power: true });
  await s.step({ do: 'start', device });
}

describe('a question about many deletes', () => {
  test('is about the folder they lie in; the rest goes on', async () => {
    const { s, asked, remove, count } = await met(60, 40);
    await remove(0, 0, 0, 60);
    await s.write(0, '1/0', 7_000);
    await remove(0, 1, 1, 3);
    await s.run(MINUTE_MS);
    expect(asked(0)).toMatchObject([{ path: '0', direction: 'up', deletes: 60, rewrites: 0 }]);
    expect(s.shows(1)).toMatchObject({ '1/0': 7_000, '0/5': 5 });
    expect(count(1)).toBe(98);
  });

  test('outlives the engine, and a yes does too', async () => {
    const { s, asked, answer, remove, held } = await met(60, 40);
    await remove(0, 0, 0, 60);
    await s.run(MINUTE_MS);
    await restart(s, 0);
    await s.run(MINUTE_MS);
    expect(held()).toBe(100);
    const [question] = asked(0);
    await s.step({ do: 'cut', device: 0 });
    await answer(0, 'confirm', question!.id);
    await restart(s, 0);
    await s.step({ do: 'heal', device: 0 });
    await s.run(MINUTE_MS);
    expect(asked(0)).toEqual([]);
    expect(held()).toBe(40);
  });

  test('rejected, all of it comes back', async () => {
    const { s, asked, answer, remove, count } = await met(60, 40);
    await remove(0, 0, 0, 60);
    await s.run(MINUTE_MS);
    await answer(0, 'reject', asked(0)[0]!.id);
    await s.run(MINUTE_MS);
    expect([count(0), count(1)]).toEqual([100, 100]);
    expect(asked(0)).toEqual([]);
    await s.settle();
    expect([count(0), count(1)]).toEqual([100, 100]);
  });

  test('made elsewhere is asked about here as well; rejected, it is sent again', async () => {
    const { s, asked, answer, remove, count } = await met(60, 40);
    await remove(0, 0, 0, 60);
    await s.run(MINUTE_MS);
    await answer(0, 'confirm', asked(0)[0]!.id);
    await s.run(MINUTE_MS);
    expect([count(0), count(1)]).toEqual([40, 100]);
    expect(asked(1)).toMatchObject([{ direction: 'down', deletes: 60 }]);
    await answer(1, 'reject', asked(1)[0]!.id);
    await s.run(2 * MINUTE_MS);
    expect([count(0), count(1)]).toEqual([100, 100]);
    await s.settle();
  });

  test('a yes is for what was asked about, and for nothing that comes after', async () => {
    const { s, asked, answer, remove, held } = await met(40, 40, 40, 40, 40, 40);
    await s.step({ do: 'cut', device: 0 });
    for (let folder = 0; folder < 6; folder++) await remove(0, folder, 0, 21);
    await s.run(MINUTE_MS);
    await s.step({ do: 'heal', device: 0 });
    await s.run(MINUTE_MS);
    expect(asked(0)).toMatchObject([{ path: '', deletes: 126 }]);
    // Nothing of it is carried out before the next blow.
    await s.step({ do: 'cut', device: 0 });
    await answer(0, 'confirm', asked(0)[0]!.id);
    for (let folder = 0; folder < 6; folder++) await remove(0, folder, 21, 38);
    await s.run(MINUTE_MS);
    await restart(s, 0);
    await s.run(MINUTE_MS);
    await s.step({ do: 'heal', device: 0 });
    await s.run(MINUTE_MS);
    expect(asked(0)).toMatchObject([{ path: '', deletes: 102 }]);
    expect(held()).toBe(240 - 126);
    await answer(0, 'confirm', asked(0)[0]!.id);
    await s.run(MINUTE_MS);
    expect([asked(0), held()]).toEqual([[], 12]);
  });

  test('a few at a time count together for ten minutes, and no longer', async () => {
    const { s, asked, remove, count } = await met(60, 40);
    await remove(0, 0, 0, 30);
    await s.run(MINUTE_MS);
    await s.run(11 * MINUTE_MS);
    await remove(0, 1, 0, 30);
    await s.run(MINUTE_MS);
    expect([asked(0), count(1)]).toEqual([[], 40]);
    // A restart forgets nothing of it.
    await restart(s, 0);
    await remove(0, 0, 30, 55);
    await s.run(MINUTE_MS);
    expect(count(1)).toBe(40);
    expect(asked(0)).toMatchObject([{ deletes: 25 }]);
  });

  test('what was deleted within those minutes is part of the whole that half is taken of', async () => {
    const { s, asked, remove, held } = await met(60, 40);
    await remove(0, 0, 0, 30);
    await s.run(MINUTE_MS);
    // With the two folders there were 102 nodes: 51 are half of them, and no more.
    await remove(0, 1, 0, 21);
    await s.run(MINUTE_MS);
    expect([asked(0), held()]).toEqual([[], 49]);
    await remove(0, 1, 21, 22);
    await s.run(MINUTE_MS);
    expect(held()).toBe(49);
    expect(asked(0)).toMatchObject([{ direction: 'up', deletes: 1 }]);
  });

  test('moves are none', async () => {
    const { s, asked, count } = await met(60, 40);
    for (let file = 0; file < 60; file++) await s.act(0, { act: 'rename', path: `0/${file}`, to: `1/moved ${file}` });
    await s.run(MINUTE_MS);
    expect([asked(0), count(1)]).toEqual([[], 100]);
    expect(s.shows(1)).toEqual(s.shows(0));
  });
});

describe('a question about many rewrites', () => {
  test('tells of all that is held by now, and rejected, the former contents come back', async () => {
    const { s, asked, answer } = await met(80);
    const before = s.shows(1);
    await s.step({ do: 'cut', device: 0 });
    for (let file = 0; file < 55; file++) await s.write(0, `0/${file}`, 1_000 + file, 30);
    await s.run(MINUTE_MS);
    await s.step({ do: 'heal', device: 0 });
    await s.run(MINUTE_MS);
    expect(asked(0)).toMatchObject([{ path: '0', direction: 'up', deletes: 0, rewrites: 55 }]);
    for (let file = 55; file < 70; file++) await s.write(0, `0/${file}`, 1_000 + file, 30);
    await s.run(MINUTE_MS);
    expect(s.shows(1)).toEqual(before);
    expect(asked(0)).toMatchObject([{ path: '0', direction: 'up', deletes: 0, rewrites: 70 }]);
    // Their owner asks for it.
    for (let file = 0; file < 70; file++) s.world.ledger.givenUp(keyOfBytes(contentBytes(1_000 + file, 30)));
    await answer(0, 'reject', asked(0)[0]!.id);
    await s.run(MINUTE_MS);
    expect(s.shows(0)).toEqual(before);
    expect(s.shows(1)).toEqual(before);
    // What was written lies in the trash here.
    expect(s.world.devices[0]!.disk.trashed.size).toBe(70);
  });

  test('counts those that went a few at a time', async () => {
    const { s, asked } = await met(80);
    for (let file = 0; file < 30; file++) await s.write(0, `0/${file}`, 1_000 + file, 30);
    await s.run(MINUTE_MS);
    expect([asked(0), s.shows(1)['0/29']]).toEqual([[], 1_029]);
    for (let file = 30; file < 60; file++) await s.write(0, `0/${file}`, 1_000 + file, 30);
    await s.run(MINUTE_MS);
    expect(asked(0)[0]).toMatchObject({ path: '0', direction: 'up', deletes: 0 });
    expect(Object.values(s.shows(1)).filter((content) => Number(content) >= 1_000).length).toBeLessThan(50);
  });

  test('counts a file once, however often it is written', async () => {
    const { s, asked } = await met(60);
    for (let time = 0; time < 8; time++) {
      for (let file = 0; file < 10; file++) await s.write(0, `0/${file}`, 1_000 + time * 10 + file, 30);
      await s.run(MINUTE_MS);
    }
    expect([asked(0), asked(1)]).toEqual([[], []]);
    expect(s.shows(1)).toEqual(s.shows(0));
    expect(s.shows(1)['0/9']).toBe(1_079);
  });

  test('made elsewhere is asked about here; rejected, what stands here is sent again', async () => {
    const { s, asked, answer } = await met(80);
    const before = s.shows(1);
    await s.step({ do: 'cut', device: 1 });
    for (let file = 0; file < 60; file++) {
      await s.write(0, `0/${file}`, 1_000 + file, 30);
      if (file % 20 === 19) await s.run(11 * MINUTE_MS);
    }
    expect(asked(0)).toEqual([]);
    await s.step({ do: 'heal', device: 1 });
    await s.run(MINUTE_MS);
    expect(asked(1)).toMatchObject([{ path: '0', direction: 'down', deletes: 0, rewrites: 60 }]);
    expect(s.shows(1)).toEqual(before);
    await answer(1, 'reject', asked(1)[0]!.id);
    await s.run(2 * MINUTE_MS);
    expect(s.shows(1)).toEqual(before);
    // It was answered, and is not asked the other way round.
    expect(asked(1)).toEqual([]);
    expect(asked(0)).toMatchObject([{ direction: 'down', rewrites: 60 }]);
    await answer(0, 'confirm', asked(0)[0]!.id);
    await s.run(MINUTE_MS);
    expect(s.shows(0)).toEqual(before);
  });
});
