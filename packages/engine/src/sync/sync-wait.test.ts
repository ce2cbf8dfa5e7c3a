import { expect, test } from 'vitest';
import type { Runner } from './runner.ts';
import { waitForRest } from './sync-wait.ts';

test('rest is judged between cycles alone: within one, what the scan has just taken in is counted nowhere', async () => {
  let cycles = { begun: 1, ended: 1, answered: 1 };
  let asked = 0;
  const wakeUps: (() => void)[] = [];
  const sleep = (): Promise<void> => {
    asked++;
    return new Promise((resolve) => wakeUps.push(resolve));
  };
  const turn = async (): Promise<void> => {
    for (const wakeUp of wakeUps.splice(0)) wakeUp();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const runner = {
    session: {
      ports: { clock: { monotonicMs: () => 0, sleep } },
      patience: { hurry: () => undefined },
      attention: { list: () => [] },
      stopped: null,
    },
    requestFull: () => 1,
    completedScan: () => 1,
    cycles: () => cycles,
    forgetFailures: () => undefined,
    last: () => ({ isRootSeen: true, isConnected: true }),
    isPaused: () => false,
    isQuiet: () => true,
    heldElsewhere: () => 0,
  } as unknown as Runner;
  let outcome: unknown = 'waiting';
  const waiting = waitForRest(
    runner,
    () => new Promise(() => undefined),
    () => undefined,
    null,
  ).then((result) => (outcome = result.outcome));
  // The cycle that answered has ended; the next one is under way when the time to look comes.
  cycles = { begun: 3, ended: 2, answered: 2 };
  for (let i = 0; i < 3; i++) await turn();
  expect([outcome, asked]).toEqual(['waiting', 4]);
  cycles = { begun: 3, ended: 3, answered: 3 };
  await turn();
  await waiting;
  expect(outcome).toBe('idle');
});
