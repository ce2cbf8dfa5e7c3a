import { expect, test } from 'vitest';
import { createVirtualClock } from '../../testing/virtual-clock.ts';
import { createInStepTeller } from './tell-in-step.ts';

function ground() {
  const clock = createVirtualClock();
  const told: boolean[] = [];
  const state = { isInStep: null as boolean | null, isConnected: true, isRefused: false };
  const teller = createInStepTeller({
    clock,
    isInStep: () => state.isInStep,
    isConnected: () => state.isConnected,
    tell(isInStep) {
      if (state.isRefused) return Promise.reject(new Error('the server is away'));
      told.push(isInStep);
      return Promise.resolve();
    },
  });
  function become(isInStep: boolean | null): void {
    state.isInStep = isInStep;
    teller.look();
  }
  return { clock, told, state, teller, become };
}

test('what lasts is told once', async () => {
  const { clock, told, become } = ground();
  become(null);
  await clock.advance(10_000);
  expect(told).toEqual([]);
  become(true);
  become(true);
  await clock.advance(10_000);
  become(true);
  await clock.advance(10_000);
  expect(told).toEqual([true]);
  become(false);
  await clock.advance(10_000);
  expect(told).toEqual([true, false]);
});

test('what passes is not told, and what holds at last is', async () => {
  const { clock, told, become } = ground();
  become(true);
  await clock.advance(10_000);
  for (let i = 0; i < 5; i++) {
    become(false);
    await clock.advance(100);
    become(true);
    await clock.advance(100);
  }
  await clock.advance(10_000);
  expect(told).toEqual([true]);
  become(false);
  await clock.advance(1_000);
  become(true);
  await clock.advance(1_000);
  become(false);
  await clock.advance(20_000);
  expect(told).toEqual([true, false]);
});

test('a server that could not be told is told later, and one that is reached anew is told again', async () => {
  const { clock, told, state, teller, become } = ground();
  state.isRefused = true;
  become(true);
  await clock.advance(30_000);
  state.isRefused = false;
  await clock.advance(60_000);
  expect(told).toEqual([true]);
  state.isConnected = false;
  become(false);
  await clock.advance(10_000);
  expect(told).toEqual([true]);
  state.isConnected = true;
  teller.connected();
  await clock.advance(10_000);
  expect(told).toEqual([true, false]);
  teller.connected();
  await clock.advance(10_000);
  expect(told).toEqual([true, false, false]);
  teller.close();
  become(true);
  await clock.advance(100_000);
  expect(told).toHaveLength(3);
});
