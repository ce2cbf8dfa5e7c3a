import { expect, test } from 'vitest';
import { atBottom } from '../testing/scheduler.ts';
import { tell, type Scenario } from '../testing/scenario.ts';
import { createSimEngineFor } from '../testing/sim-engine.ts';
import type { Engine } from './engine.ts';

/** A conflict at rest: `a` holds 2 from the first device, its copy holds 3 from the second. `onChange` is called after each change of the first disk. */
async function conflicted(onChange: () => void = () => undefined) {
  const engines: Engine[] = [];
  const createEngine = createSimEngineFor(
    () => 'two-way',
    (_, engine) => engines.push(engine),
  );
  const s = await tell(createEngine, 2, {}, false, (ports) => {
    const files = Object.create(ports.files) as typeof ports.files;
    files.change = async (changes) => {
      const results = [];
      for (const change of changes) {
        results.push(...(await ports.files.change([change])));
        onChange();
      }
      return results;
    };
    return { ...ports, files };
  });
  await s.write(0, 'a', 1);
  await s.settle();
  await s.apart(
    () => s.write(0, 'a', 2),
    () => s.write(1, 'a', 3),
  );
  const [engine] = engines;
  if (engine === undefined) throw new Error('no engine was made');
  const ask = <T>(work: Promise<T>): Promise<T> => atBottom(() => s.world.drive(work, 60_000, 'conflict'));
  const [found] = await ask(engine.conflicts());
  if (found === undefined) throw new Error('there is no conflict');
  expect(s.shows()).toEqual({ a: expect.any(Number), [found.path]: expect.any(Number) });
  return { s, engine, ask, copy: found.path, before: s.shows() };
}

test('while the copy takes the name and gives it back, the name always stands and nothing is without one', async () => {
  const seen: Record<string, unknown>[] = [];
  let s: Scenario | null = null;
  const story = await conflicted(() => {
    if (s !== null) seen.push({ ...s.shows() });
  });
  s = story.s;
  const undo = await story.ask(story.engine.resolveConflict(story.copy, 'copy'));
  // The swap, then the trash: between the two everything is in sight.
  expect(seen.map((shown) => shown['a'])).toEqual([story.before[story.copy], story.before[story.copy]]);
  expect(Object.values(seen[0]!).sort()).toEqual(Object.values(story.before).sort());
  seen.length = 0;
  await story.ask(story.engine.undo(undo));
  expect(seen).toEqual([story.before]);
});
