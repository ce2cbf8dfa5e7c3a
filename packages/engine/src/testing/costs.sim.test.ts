/* What a change costs: rows that the engine loads from its state, counted. */
import { expect, test } from 'vitest';
import type { Ports, Store } from '../ports.ts';
import { createSimEngine } from './sim-engine.ts';
import { tell } from './scenario.ts';

test('files that wait do not make the edit of another one dearer', async () => {
  let loaded = 0;
  const wrapPorts = (ports: Ports): Ports => {
    const rows: Store['rows'] = async (nodes) => {
      loaded += nodes.length;
      return ports.store.rows(nodes);
    };
    return { ...ports, store: { ...ports.store, rows } };
  };
  const s = await tell(createSimEngine, 1, {}, false, wrapPorts);
  const count = 60;
  await s.act(0, { act: 'mkdir', path: 'f' });
  for (let i = 0; i < count; i++) {
    await s.write(0, `f/${i}`, i);
    await s.step({ do: 'break', device: 0, path: `f/${i}`, aspect: 'read', code: 'access-denied' });
  }
  await s.write(0, 'other', 1_000);
  await s.run(600_000);
  const before = loaded;
  await s.write(0, 'other', 1_001);
  await s.run(2_000);
  expect(loaded - before).toBeLessThan(count / 3);
  await s.settle();
});
