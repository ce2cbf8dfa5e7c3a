import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('work for one key runs one at a time, in order, also after a failure; other keys do not wait', async () => {
  const turns = createTurns();
  const order: string[] = [];
  let running = 0;
  const work =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      order.push(name);
      if (fails) throw new Error(name);
      return name;
    };
  const a = turns.run('one', work('a'));
  const b = turns.run('one', work('b', true));
  const c = turns.run('one', work('c'));
  expect(await turns.run('other', () => Promise.resolve(order.length))).toBe(0);
  await expect(b).rejects.toThrow('b');
  expect([await a, await c]).toEqual(['a', 'c']);
  expect(order).toEqual(['a', 'b', 'c']);
});
