import { expect, test } from 'vitest';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import { createSchedule } from './schedule.ts';

/** A schedule whose cycles end when told to, each with the delay until the next. */
function ground() {
  const clock = createVirtualClock();
  const running: ((delayMs: number) => void)[] = [];
  let begun = 0;
  const schedule = createSchedule(clock, () => {
    begun++;
    return new Promise((resolve) => running.push(resolve));
  });
  const turn = () => clock.advance(0);
  return {
    clock,
    schedule,
    begun: () => begun,
    async end(delayMs: number): Promise<void> {
      expect(running).toHaveLength(1);
      running.pop()!(delayMs);
      await turn();
      await turn();
    },
  };
}

test('sleeps as long as the cycle says, and is woken at once', async () => {
  const { clock, schedule, begun, end } = ground();
  schedule.start();
  await end(1_000);
  await clock.advance(999);
  expect(begun()).toBe(1);
  await clock.advance(1);
  expect(begun()).toBe(2);
  await end(60_000);
  schedule.wake();
  await clock.advance(0);
  expect(begun()).toBe(3);
});

test('what is said while a cycle runs is not slept over, and two cycles never run at once', async () => {
  const { schedule, begun, end } = ground();
  schedule.start();
  schedule.wake();
  schedule.start();
  expect(begun()).toBe(1);
  await end(60_000);
  expect(begun()).toBe(2);
});

test('stopping lets the running cycle end, ends a sleep, and nothing begins afterwards', async () => {
  const busy = ground();
  busy.schedule.start();
  let isStopped = false;
  const stopping = busy.schedule.stop().then(() => (isStopped = true));
  await busy.clock.advance(0);
  expect(isStopped).toBe(false);
  await busy.end(0);
  await stopping;
  const asleep = ground();
  asleep.schedule.start();
  await asleep.end(60_000);
  await asleep.schedule.stop();
  for (const { schedule, begun } of [busy, asleep]) {
    schedule.wake();
    expect(begun()).toBe(1);
  }
});
