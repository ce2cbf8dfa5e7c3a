import { expect, test } from 'vitest';
import { atBottom } from '../testing/scheduler.ts';
import { tell } from '../testing/scenario.ts';
import { createSimEngineFor } from '../testing/sim-engine.ts';
import type { Engine } from './engine.ts';

test('a version never takes the place of bytes that were written a moment ago and are in no version yet', async () => {
  const engines: Engine[] = [];
  const createEngine = createSimEngineFor(
    () => 'two-way',
    (_, made) => engines.push(made),
  );
  const s = await tell(createEngine, 1);
  await s.write(0, 'a', 1);
  await s.settle();
  await s.write(0, 'a', 2);
  await s.settle();
  const engine = engines[0]!;
  const ask = <T>(work: Promise<T>): Promise<T> => atBottom(() => s.world.drive(work, 60_000, 'versions'));
  const first = (await ask(engine.versions('a'))).find(({ isCurrent }) => !isCurrent)!;
  await s.write(0, 'a', 3);
  await expect(ask(engine.restoreVersion('a', first.id, 'a'))).rejects.toMatchObject({ code: 'precondition-failed' });
  expect(s.shows()).toEqual({ a: 3 });
  await s.settle();
  await ask(engine.restoreVersion('a', first.id, 'a'));
  expect(s.shows()).toEqual({ a: 1 });
});
