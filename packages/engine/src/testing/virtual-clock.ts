import type { Clock } from '../ports.ts';
import { atBottom, createDeviceClock, createScheduler } from './scheduler.ts';
import { createSeededRandom } from './seeded-random.ts';

/** A clock that stands still until `advance` moves it, firing on the way what falls due, in order. */
export function createVirtualClock(): Clock & { advance(deltaMs: number): Promise<void> } {
  const scheduler = createScheduler(createSeededRandom('clock'));
  const clock = createDeviceClock(scheduler, scheduler.openLane('clock'), { ms: 0 });
  return {
    ...clock,
    advance: (deltaMs) =>
      atBottom(() => {
        scheduler.drain();
        scheduler.advance(deltaMs);
        scheduler.drain();
      }),
  };
}
