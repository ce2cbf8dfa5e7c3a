import { afterEach, expect, it, vi } from 'vitest';
import { watchPower } from './power.ts';

afterEach(() => vi.useRealTimers());

it('hears the gap that sleep leaves in the clock, and not a busy moment', () => {
  vi.useFakeTimers();
  let nowMs = 0;
  const power = watchPower(() => nowMs);
  const heard = vi.fn();
  power.onResume(heard);
  nowMs += 9_000;
  vi.advanceTimersByTime(5_000);
  expect(heard).not.toHaveBeenCalled();
  nowMs += 3_600_000;
  vi.advanceTimersByTime(5_000);
  expect(heard).toHaveBeenCalledTimes(1);
  nowMs += 5_000;
  vi.advanceTimersByTime(5_000);
  expect(heard).toHaveBeenCalledTimes(1);
  power.close();
});
