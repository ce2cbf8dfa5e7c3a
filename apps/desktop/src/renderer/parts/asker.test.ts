import { expect, test } from 'vitest';
import { createAsker } from './asker.ts';

function play() {
  const waiting: ((answer: string | Error) => void)[] = [];
  const timers: { readonly atMs: number; readonly work: () => void }[] = [];
  const told: unknown[] = [];
  const world = { nowMs: 0, asked: 0 };
  const asker = createAsker<string>({
    ask: () => {
      world.asked++;
      return new Promise((resolve, reject) => {
        waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    },
    onAnswer: (answer) => told.push(answer),
    onFailure: (thrown) => told.push((thrown as Error).message),
    nowMs: () => world.nowMs,
    after(delayMs, work) {
      const timer = { atMs: world.nowMs + delayMs, work };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  return Object.assign(world, {
    asker,
    told,
    async answer(answer: string | Error) {
      waiting.shift()?.(answer);
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass(ms: number) {
      world.nowMs += ms;
      for (const timer of timers.splice(0, timers.length)) {
        if (timer.atMs <= world.nowMs) timer.work();
        else timers.push(timer);
      }
    },
  });
}

test('reasons to ask anew that come faster than answers keep no answer away', async () => {
  const world = play();
  for (let round = 1; round <= 5; round++) {
    for (let event = 0; event < 50; event++) world.asker.renew();
    expect(world.asked).toBe(round);
    world.pass(40);
    await world.answer(`answer ${round}`);
    world.pass(1_000);
  }
  expect(world.told).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 4', 'answer 5']);
});

test('after the last reason one more question is asked, and then none', async () => {
  const world = play();
  world.asker.renew();
  await world.answer('old');
  world.pass(999);
  expect(world.asked).toBe(1);
  world.pass(1);
  expect(world.asked).toBe(2);
  await world.answer('new');
  world.pass(10_000);
  expect([world.asked, world.told]).toEqual([2, ['old', 'new']]);
});

test('what takes long to answer is asked the more rarely', async () => {
  const world = play();
  world.pass(2_000);
  world.asker.renew();
  await world.answer('slow');
  world.pass(7_999);
  expect(world.asked).toBe(1);
  world.pass(1);
  expect(world.asked).toBe(2);
});

test('a failure is told, and does not keep later questions away', async () => {
  const world = play();
  await world.answer(new Error('no'));
  world.pass(1_000);
  world.asker.renew();
  world.pass(0);
  await world.answer('yes');
  expect(world.told).toEqual(['no', 'yes']);
});

test('nothing is told or asked once it is closed', async () => {
  const world = play();
  world.asker.renew();
  world.asker.close();
  await world.answer('late');
  world.pass(10_000);
  expect([world.asked, world.told]).toEqual([1, []]);
});
