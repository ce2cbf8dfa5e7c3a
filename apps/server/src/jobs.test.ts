import { expect, onTestFinished, test } from 'vitest';
import { startJobs, type Job } from './jobs.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';

function start(jobs: readonly Job[]) {
  const context = { log: createLog({ logLevel: 'silent' }), metrics: createMetrics(), nowMs: Date.now };
  const started = startJobs(context, jobs);
  onTestFinished(() => started.stop());
  return started;
}

test('a collection that takes hours holds up neither presence nor the look at who may listen', async () => {
  let end = (): void => undefined;
  let presence = 0;
  const collection = { name: 'collection', everyMs: 5, run: () => new Promise<void>((resolve) => (end = resolve)) };
  const jobs = start([
    collection,
    {
      name: 'presence',
      everyMs: 5,
      isPrompt: true,
      run: () => {
        presence++;
        return Promise.resolve();
      },
    },
  ]);
  await expect.poll(() => presence).toBeGreaterThan(3);
  expect(jobs.status()).toMatchObject([{ name: 'collection', runs: 0 }, { name: 'presence' }]);
  const stopped = jobs.stop();
  end();
  await stopped;
  expect(jobs.status()[0]).toMatchObject({ runs: 1, hasFailed: false });
});

test('one that fails is told, and runs again', async () => {
  const jobs = start([{ name: 'scrub', everyMs: 5, run: () => Promise.reject(new Error('the disk is gone')) }]);
  await expect.poll(() => jobs.status()[0]?.runs).toBeGreaterThan(1);
  expect(jobs.status()[0]).toMatchObject({ hasFailed: true });
  expect(jobs.runNow('no such job')).toBe(false);
});

test('what runs is told that the server stops, and nothing begins after it', async () => {
  let began = 0;
  const job = (name: string): Job => ({
    name,
    everyMs: 5,
    run: (isOver) =>
      new Promise<void>((resolve) => {
        began++;
        isOver.addEventListener('abort', () => resolve());
      }),
  });
  const jobs = start([job('retention'), job('collection')]);
  await expect.poll(() => began).toBe(1);
  await jobs.stop();
  expect(began).toBe(1);
});
