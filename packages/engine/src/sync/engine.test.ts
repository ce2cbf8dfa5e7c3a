import { expect, test } from 'vitest';
import type { EngineFactory } from '../testing/engine-seam.ts';
import { tell } from '../testing/scenario.ts';
import { createEngine } from './engine.ts';

const createSimEngine: EngineFactory = (ports, { name, namespaceId }) => {
  const engine = createEngine(ports, { namespaceId, deviceName: name, folderId: name });
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
