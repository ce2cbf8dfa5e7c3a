import { expect, test } from 'vitest';
import { createCircuitBreaker, tellSparingly } from './redis-connection.ts';

test('trouble that goes on is told once a minute, and anew when it begins anew', () => {
  let nowMs = 5;
  let told = 0;
  const tell = tellSparingly(
    () => told++,
    () => nowMs,
  );
  for (let i = 0; i < 1_000; i++) {
    tell(new Error('gone'));
    nowMs += 100;
  }
  expect(told).toBe(2);
  nowMs += 3_600_000;
  tell(new Error('gone'));
  expect(told).toBe(3);
});

test('what fails three times in a row is left alone for a second; one answer in between counts from the start', async () => {
  let nowMs = 5;
  let calls = 0;
  const breaker = createCircuitBreaker(10_000, () => nowMs);
  const fail = (): Promise<number> => (calls++, Promise.reject(new Error('no')));
  const answer = (): Promise<number> => (calls++, Promise.resolve(7));
  for (const call of [fail, fail, answer, fail, fail]) await breaker.attempt(call);
  expect(breaker.isOpen).toBe(false);
  await breaker.attempt(fail);
  expect([breaker.isOpen, calls]).toEqual([true, 6]);
  for (let i = 0; i < 10; i++) expect(await breaker.attempt(answer)).toBeUndefined();
  expect(calls).toBe(6);
  nowMs += 1_000;
  expect(await breaker.attempt(answer)).toBe(7);
});
