import { expect, test } from 'vitest';
import type { Clock } from '../ports.ts';
import { createBreather } from './breather.ts';

function clockAt(): { clock: Clock; pass: (ms: number) => void; turns: () => number } {
  let nowMs = 0;
  let turns = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep(delayMs) {
      turns++;
      nowMs += delayMs + 1;
      return Promise.resolve();
    },
  };
  return { clock, pass: (ms) => void (nowMs += ms), turns: () => turns };
}

test('short work never waits', () => {
  const { clock, pass, turns } = clockAt();
  const breathe = createBreather(clock);
  for (let i = 0; i < 7; i++) {
    pass(1);
    expect(breathe()).toBeNull();
  }
  expect(turns()).toBe(0);
});

test('long work lets the loop turn, and is given as long again after it', async () => {
  const { clock, pass, turns } = clockAt();
  const breathe = createBreather(clock);
  pass(8);
  await breathe();
  expect(turns()).toBe(1);
  pass(7);
  expect(breathe()).toBeNull();
  pass(1);
  expect(breathe()).not.toBeNull();
});
