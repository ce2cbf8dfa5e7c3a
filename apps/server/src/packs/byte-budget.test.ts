import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteBudget, type ByteBudget, type ByteShare } from './byte-budget.ts';

function clocked(limitBytes: number, patienceMs = 1_000) {
  let nowMs = 0;
  const later: { readonly atMs: number; readonly work: () => void }[] = [];
  const budget = createByteBudget(limitBytes, patienceMs, {
    nowMs: () => nowMs,
    later: (work, delayMs) => void later.push({ atMs: nowMs + delayMs, work }),
  });
  const pass = async (ms: number): Promise<void> => {
    for (const endMs = nowMs + ms; nowMs < endMs;) {
      nowMs += 50;
      for (const due of later.splice(0))
        if (due.atMs <= nowMs) due.work();
        else later.push(due);
      await nextTurn();
    }
  };
  return { budget, pass };
}

function begin(budget: ByteBudget, sizeBytes: number, cuts: string[] = [], name = '') {
  const taken: { share?: ByteShare } = {};
  void budget.take(sizeBytes, () => cuts.push(name)).then((share) => (taken.share = share));
  return taken;
}

test('work waits for room, in order, and what is larger than the limit runs alone', async () => {
  const { budget } = clocked(100);
  const [a, b, c, d] = [begin(budget, 60), begin(budget, 60), begin(budget, 500), begin(budget, 10)];
  await nextTurn();
  expect([a, b, c, d].map(({ share }) => share !== undefined)).toEqual([true, false, false, false]);
  a.share?.giveBack();
  a.share?.giveBack();
  await nextTurn();
  expect([b, c, d].map(({ share }) => share !== undefined)).toEqual([true, false, false]);
  b.share?.giveBack();
  await nextTurn();
  expect([c, d].map(({ share }) => share !== undefined)).toEqual([true, false]);
  c.share?.giveBack();
  await nextTurn();
  d.share?.giveBack();
  expect(budget.heldBytes).toBe(0);
});

test('whoever arrives for too long is cut while another waits, one at a time, and never one that has arrived', async () => {
  const { budget, pass } = clocked(100);
  const cuts: string[] = [];
  const whole = begin(budget, 30, cuts, 'whole');
  const [slow, slower] = [begin(budget, 30, cuts, 'slow'), begin(budget, 30, cuts, 'slower')];
  await nextTurn();
  whole.share?.arrived();
  await pass(5_000);
  expect(cuts).toEqual([]);
  const waiting = begin(budget, 30);
  await pass(900);
  expect(cuts).toEqual([]);
  await pass(300);
  expect(cuts).toEqual(['slow']);
  slow.share?.giveBack();
  await nextTurn();
  expect(waiting.share).toBeDefined();
  await pass(5_000);
  expect(cuts).toEqual(['slow']);
  expect(slower.share).toBeDefined();
});

test('one that leaves the line makes way for those behind it', async () => {
  const { budget } = clocked(100);
  const first = begin(budget, 60);
  const gone = (): void => undefined;
  void budget.take(90, gone);
  const small = begin(budget, 40);
  await nextTurn();
  expect(small.share).toBeUndefined();
  budget.leave(gone);
  await nextTurn();
  expect(small.share).toBeDefined();
  expect(first.share).toBeDefined();
});

test('never more than the limit is held, everybody gets a turn, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 40 }), async (sizes) => {
      const { budget } = clocked(100);
      const order: number[] = [];
      let held = 0;
      await Promise.all(
        sizes.map(async (size, i) => {
          const share = await budget.take(size, () => undefined);
          order.push(i);
          held += size;
          expect(held <= 100 || held === size).toBe(true);
          await nextTurn();
          held -= size;
          share.giveBack();
        }),
      );
      expect(order).toEqual(sizes.map((_, i) => i));
    }),
  );
});
