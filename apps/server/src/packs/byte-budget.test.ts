import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteBudget } from './byte-budget.ts';

test('never more than the limit is held, everybody gets a turn, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 40 }), async (sizes) => {
      const budget = createByteBudget(100);
      const order: number[] = [];
      let held = 0;
      await Promise.all(
        sizes.map(async (size, i) => {
          const giveBack = await budget.take(size);
          order.push(i);
          held += size;
          expect(held <= 100 || held === size).toBe(true);
          await new Promise((resolve) => setImmediate(resolve));
          held -= size;
          giveBack();
          giveBack();
        }),
      );
      expect(order).toEqual(sizes.map((_, i) => i));
    }),
  );
});
