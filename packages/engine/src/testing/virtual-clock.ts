import type { Clock } from '../ports.ts';
import { createDeviceClock, createScheduler } from './scheduler.ts';
import { createSeededRandom } from './seeded-random.ts';

/** A clock that stands still until `advance` moves it, firing on the way what falls due, in order. */
export function createVirtualClock(): Clock & { advance(deltaMs: number): Promise<void> } {
  const scheduler = createScheduler(createSeededRandom('clock'));
  const clock = createDeviceClock(scheduler, scheduler.openLane('clock'), { ms: 0 });
  return {
    ...clock,
    async advance(deltaMs) {
      await scheduler.drain();
      await scheduler.advance(deltaMs);
      await scheduler.drain();
    },
  };
}
