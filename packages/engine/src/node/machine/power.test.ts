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

it('hears of another network', () => {
  vi.useFakeTimers();
  let addresses = '192.168.0.5';
  const power = watchPower(
    () => Date.now(),
    () => addresses,
  );
  const heard = vi.fn();
  power.onResume(heard);
  vi.advanceTimersByTime(60_000);
  expect(heard).not.toHaveBeenCalled();
  addresses = '10.0.0.7';
  vi.advanceTimersByTime(60_000);
  expect(heard).toHaveBeenCalledTimes(1);
  power.close();
});

it('outlives a system that does not tell its addresses for a while', () => {
  vi.useFakeTimers();
  let addresses: string | null = '192.168.0.5';
  const power = watchPower(
    () => Date.now(),
    () => {
      if (addresses === null) throw new Error('EMFILE');
      return addresses;
    },
  );
  const heard = vi.fn();
  power.onResume(heard);
  addresses = null;
  vi.advanceTimersByTime(60_000);
  addresses = '192.168.0.5';
  vi.advanceTimersByTime(60_000);
  expect(heard).not.toHaveBeenCalled();
  addresses = '10.0.0.7';
  vi.advanceTimersByTime(60_000);
  expect(heard).toHaveBeenCalledTimes(1);
  power.close();
});
