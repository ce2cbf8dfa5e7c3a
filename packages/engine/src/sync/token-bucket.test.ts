import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import { createTokenBucket } from './token-bucket.ts';

/** Takes pieces one after the other for ever, and counts what went. */
function drain(take: (bytes: number) => Promise<void>, pieceBytes: () => number): { bytes: number } {
  const gone = { bytes: 0 };
  async function run(): Promise<void> {
    for (;;) {
      const bytes = pieceBytes();
      await take(bytes);
      gone.bytes += bytes;
    }
  }
  void run().catch(() => undefined);
  return gone;
}

test('a limit is kept within five percent over any ten seconds, whatever the pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 32_768, max: 1_000_000 }),
      fc.array(fc.integer({ min: 4_000, max: 65_536 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 60_000 }),
      async (rate, sizes, askers, idleMs) => {
        const clock = createVirtualClock();
        const bucket = createTokenBucket(clock);
        bucket.setRate(rate);
        await clock.advance(idleMs);
        let next = 0;
        const pieceBytes = (): number => Math.min(sizes[next++ % sizes.length]!, Math.ceil(rate / 20));
        const gone = Array.from({ length: askers }, () => drain((bytes) => bucket.take(bytes, 'bulk'), pieceBytes));
        const total = (): number => gone.reduce((sum, { bytes }) => sum + bytes, 0);
        const before = total();
        await clock.advance(10_000);
        expect(Math.abs((total() - before) / (rate * 10) - 1)).toBeLessThan(0.05);
      },
    ),
    { numRuns: 20 },
  );
});

test('a limit that changes holds at once, and without one nothing waits', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket(clock);
  bucket.setRate(1_000);
  const gone = drain(
    (bytes) => bucket.take(bytes, 'bulk'),
    () => 200,
  );
  await clock.advance(10_000);
  const slow = gone.bytes;
  expect(slow).toBeGreaterThan(9_500);
  expect(slow).toBeLessThan(10_500);
  bucket.setRate(10_000);
  await clock.advance(10_000);
  expect(gone.bytes - slow).toBeGreaterThan(95_000);
  expect(gone.bytes - slow).toBeLessThan(105_000);

  const waiting = createTokenBucket(clock);
  waiting.setRate(1);
  let isThrough = false;
  void waiting
    .take(1_000_000, 'bulk')
    .then(() => waiting.take(1, 'bulk'))
    .then(() => (isThrough = true));
  await clock.advance(10_000);
  expect(isThrough).toBe(false);
  waiting.setRate(null);
  await clock.advance(1);
  expect(isThrough).toBe(true);
});

test('what is urgent overtakes what has waited longer', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket(clock);
  bucket.setRate(100_000);
  const bulk = drain(
    (bytes) => bucket.take(bytes, 'bulk'),
    () => 5_000,
  );
  await clock.advance(1_000);
  const before = bulk.bytes;
  let urgentMs = 0;
  const startMs = clock.monotonicMs();
  void Promise.all([1, 2, 3].map(() => bucket.take(5_000, 'urgent'))).then(
    () => (urgentMs = clock.monotonicMs() - startMs),
  );
  await clock.advance(1_000);
  expect(urgentMs).toBeGreaterThan(0);
  expect(urgentMs).toBeLessThanOrEqual(151);
  expect(bulk.bytes - before).toBeLessThanOrEqual(90_000);
});

test('who gives up leaves the queue, and takes nobody’s turn', async () => {
  const clock = createVirtualClock();
  const bucket = createTokenBucket(clock);
  bucket.setRate(1_000);
  await bucket.take(1_000, 'bulk');
  const given = new AbortController();
  const gone = bucket.take(100_000, 'bulk', given.signal);
  const next = bucket.take(10, 'bulk').then(() => clock.monotonicMs());
  given.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  await clock.advance(2_000);
  expect(await next).toBeLessThanOrEqual(1_001);
});
