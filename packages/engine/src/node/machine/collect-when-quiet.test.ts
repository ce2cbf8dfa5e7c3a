import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { collectWhenQuiet } from './collect-when-quiet.ts';

const LOOK_MS = 10_000;
let busyMs = 0;
let end: () => void = () => undefined;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => {
  end();
  vi.useRealTimers();
});

function watch(): ReturnType<typeof vi.fn<() => void>> {
  const shrunk = vi.fn<() => void>();
  end = collectWhenQuiet(shrunk, () => busyMs);
  return shrunk;
}

/** Nothing but the answer knows what it was made of. */
function garbage(): WeakRef<object> {
  return new WeakRef({ bytes: new Array<number>(1_000).fill(1) });
}

it('what nothing holds any longer is gone once the thread is at rest', async () => {
  watch();
  const left = garbage();
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(left.deref()).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 1));
  vi.advanceTimersByTime(LOOK_MS);
  expect(left.deref()).toBeUndefined();
});

it('a thread at work is left alone until it rests', () => {
  const shrunk = watch();
  for (let i = 0; i < 5; i++) {
    busyMs += 5_000;
    vi.advanceTimersByTime(LOOK_MS);
  }
  expect(shrunk).not.toHaveBeenCalled();
  vi.advanceTimersByTime(LOOK_MS);
  expect(shrunk).toHaveBeenCalledTimes(1);
});

it('one collection a rest: a little work now and then adds up to the next', () => {
  const shrunk = watch();
  vi.advanceTimersByTime(100 * LOOK_MS);
  expect(shrunk).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 5; i++) {
    busyMs += 50;
    vi.advanceTimersByTime(LOOK_MS);
  }
  expect(shrunk).toHaveBeenCalledTimes(2);
});
