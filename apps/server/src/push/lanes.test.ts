import { expect, test } from 'vitest';
import { createLanes } from './lanes.ts';

test('a key whose work does not end holds up nobody else, and no more runs at once than may', async () => {
  const lanes = createLanes(4, 2);
  const ends: (() => void)[] = [];
  const done: string[] = [];
  let running = 0;
  let mostRunning = 0;
  const endless = () =>
    new Promise<void>((resolve) => {
      ends.push(resolve);
    });
  const short = async (name: string): Promise<void> => {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 1));
    running--;
    done.push(name);
  };
  for (let i = 0; i < 10; i++) lanes.add('stuck', endless);
  for (let i = 0; i < 10; i++) for (const key of ['a', 'b']) lanes.add(key, () => short(key));
  await expect.poll(() => done.length).toBe(20);
  expect(ends).toHaveLength(2);
  expect(mostRunning).toBeLessThanOrEqual(2);
  expect(new Set(done.slice(0, 4))).toEqual(new Set(['a', 'b']));
  const closed = lanes.close();
  for (const end of ends) end();
  await closed;
  expect(ends).toHaveLength(2);
});
