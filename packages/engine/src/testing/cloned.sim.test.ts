/* One device on two machines: a home that was copied, or put back from an image of the disk beside the original. */
import { expect, test } from 'vitest';
import { story } from './incident-story.ts';
import type { Scenario } from './scenario.ts';
import type { SimDevice } from './sim-device.ts';

const MINUTE_MS = 60_000;

/** Device 2 becomes a copy of device 0, state and all; the disk has other inodes. Both hold `a` and `b`, and run. */
async function cloned(): Promise<Scenario> {
  const s = await story(
    async ({ write }) => {
      await write(0, 'a', 1);
      await write(0, 'b', 2);
    },
    undefined,
    3,
  );
  const [original, , copy] = s.world.devices as unknown as { -readonly [K in keyof SimDevice]: SimDevice[K] }[];
  await s.step({ do: 'stop', device: 2 });
  await s.step({ do: 'stop', device: 0 });
  copy!.identity = original!.identity;
  copy!.store.restore(original!.store.snapshot());
  for (const device of [0, 2]) await s.step({ do: 'start', device });
  await s.run(MINUTE_MS);
  return s;
}

function isToldOn(s: Scenario): number[] {
  return s.world.devices
    .filter(({ store }) => store.allAttention().some(({ code }) => code === 'device-cloned'))
    .map(({ index }) => index);
}

test('two machines that write as one device lose nothing, and people are told', async () => {
  const s = await cloned();
  for (let round = 0; round < 3; round++) {
    await s.write(0, `from the original ${round}`, 10 + round);
    await s.run(3 * MINUTE_MS);
    await s.write(2, `from the copy ${round}`, 20 + round);
    await s.run(3 * MINUTE_MS);
  }
  await s.write(0, 'a', 30);
  await s.write(2, 'a', 31);
  await s.run(70 * MINUTE_MS);
  expect(isToldOn(s).length).toBeGreaterThan(0);
  for (const device of [0, 1, 2]) {
    const shown = Object.values(s.shows(device));
    for (const content of [2, 10, 11, 12, 20, 21, 22, 30, 31]) expect(shown).toContain(content);
  }
});
