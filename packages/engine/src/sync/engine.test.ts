import { expect, test } from 'vitest';
import type { EngineFactory } from '../testing/engine-seam.ts';
import { isSafe } from '../core/settled.ts';
import { atBottom } from '../testing/scheduler.ts';
import { tell } from '../testing/scenario.ts';
import { createEngine, type Engine } from './engine.ts';

/** By the names of their devices, each the last that was made. */
const engines = new Map<string, Engine>();

const createSimEngine: EngineFactory = (ports, { name, namespaceId }) => {
  const engine = createEngine(ports, { namespaceId, deviceName: name, folderId: name });
  engines.set(name, engine);
  return {
    start: () => engine.start(),
    stop: () => engine.stop(),
    pause: () => engine.pause(),
    resume: () => engine.resume(),
    scan: async () => engine.scanAll(),
    async syncWait() {
      const result = await engine.syncWait(120_000);
      return result.outcome === 'idle' || result.outcome === 'attention' ? result.outcome : 'timeout';
    },
    select: (path, becomes) =>
      engine.setSelection(becomes === 'ticked' ? { untick: [], tick: [path] } : { untick: [path], tick: [] }),
    tickAll: () => Promise.resolve(),
    settleOneWay: () => engine.settleOneWay(),
    isFrozen: () => Promise.resolve(false),
    isIdle: () => engine.status().state === 'idle',
    async confirmAll() {
      for (const { id, code } of engine.status().attention) if (code === 'mass-change') await engine.confirm(id);
    },
    describe: () => JSON.stringify(engine.status()),
  };
};

test('a file made on one device arrives on the other', async () => {
  const s = await tell(createSimEngine, 2);
  await s.write(0, 'a', 1);
  await s.settle();
  expect(s.shows(1)).toEqual({ a: 1 });
});

test('a file that was taken in and is in no committed version yet is never passed over for longer than its count takes', async () => {
  engines.clear();
  const s = await tell(createSimEngine, 1);
  const { store } = s.world.devices[0]!;
  const engine = [...engines.values()][0]!;
  const isUnsafe = (): boolean => store.allRows().some((row) => !isSafe(row));
  await s.write(0, 'a', 1);
  let unsafe = 0;
  let passedOver = 0;
  for (let point = 0; point < 1_000; point++) {
    await s.step({ do: 'run', points: 1 });
    if (isUnsafe()) unsafe++;
    if (isUnsafe() && engine.status().notYetSafe === 0) passedOver++;
    if (s.world.scheduler.waitingCount() === 0) await s.run(1);
  }
  expect([isUnsafe(), unsafe >= 5, passedOver]).toEqual([false, true, expect.toSatisfy((n: number) => n <= 2)]);
});

test('what is called by a likeness here is found under that, and under its own name', async () => {
  engines.clear();
  const s = await tell(createSimEngine, 2, [{}, { system: 'windows' }]);
  await s.act(0, { act: 'mkdir', path: 'what?' });
  await s.write(0, 'what?/a', 1);
  await s.settle();
  const engine = [...engines.values()][1]!;
  const likeness = Object.keys(s.shows(1)).find((path) => !path.includes('/'))!;
  expect(likeness).not.toBe('what?');
  for (const path of [likeness, 'what?']) {
    const listed = await atBottom(() => s.world.drive(engine.list(path), 60_000, 'list'));
    expect(listed.map(({ name }) => name)).toEqual(['a']);
  }
});
