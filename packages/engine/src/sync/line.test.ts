import { describe, expect, test } from 'vitest';
import { OnefoldError, type ErrorCode } from '@onefold/protocol';
import type { Remote } from '../ports.ts';
import { createSeededRandom } from '../testing/seeded-random.ts';
import { createVirtualClock } from '../testing/virtual-clock.ts';
import { createLine } from './line.ts';

/** Answers `readBlocks` when told to, or with a failure. */
function createScript() {
  const calls: { answer(): void; fail(code: ErrorCode): void }[] = [];
  let interruptions = 0;
  const never = (): never => {
    throw new Error('not part of this test');
  };
  const remote: Remote = {
    head: never,
    entries: never,
    announce: never,
    upload: never,
    putPack: never,
    commit: never,
    versions: never,
    retention: never,
    setRetention: never,
    skipped: never,
    snapshot: never,
    lostBlocks: never,
    purge: never,
    purgedAmong: never,
    times: never,
    usage: never,
    subscribe: never,
    readBlocks: () =>
      new Promise((resolve, reject) => {
        calls.push({ answer: () => resolve([null]), fail: (code) => reject(new OnefoldError(code, code)) });
      }),
    interrupt: () => {
      interruptions++;
    },
    inBulk: () => remote,
  };
  const clock = createVirtualClock();
  const line = createLine(remote, clock, createSeededRandom('line'));
  return { calls, clock, line, interruptions: () => interruptions };
}

describe('a held line', () => {
  test('ends a cycle’s call at once, whether it waits or begins', async () => {
    const { calls, line, interruptions } = createScript();
    const underWay = line.cycles.readBlocks([]);
    line.hold();
    await expect(underWay).rejects.toMatchObject({ code: 'paused' });
    await expect(line.cycles.readBlocks([])).rejects.toMatchObject({ code: 'paused' });
    expect(interruptions()).toBe(1);
    expect(calls.length).toBe(1);
  });

  test('lets a transfer wait where it is, and makes its call again when it opens', async () => {
    const { calls, clock, line } = createScript();
    let done = false;
    void line.transfers.readBlocks([]).then(() => (done = true));
    await clock.advance(1);
    expect(calls.length).toBe(1);
    line.hold();
    await clock.advance(3_600_000);
    expect(calls.length).toBe(1);
    line.release();
    await clock.advance(1);
    expect(calls.length).toBe(2);
    calls[1]!.answer();
    await clock.advance(1);
    expect(done).toBe(true);
  });

  test('lets through what a person asked for by name', async () => {
    const { calls, line } = createScript();
    line.hold();
    const asked = line.direct.readBlocks([]);
    calls[0]!.answer();
    expect(await asked).toEqual([null]);
  });
});

describe('a transfer on a bad line', () => {
  test('tries again with growing pauses before it gives up', async () => {
    const { calls, clock, line } = createScript();
    let code: unknown = null;
    void line.transfers.readBlocks([]).catch((error: unknown) => (code = (error as OnefoldError).code));
    const atMs: number[] = [];
    for (let seen = 0; code === null && seen < 20; seen++) {
      while (calls.length <= seen && code === null) await clock.advance(100);
      atMs.push(clock.monotonicMs());
      calls[seen]?.fail('server-unreachable');
      await clock.advance(1);
    }
    expect(code).toBe('server-unreachable');
    expect(calls.length).toBe(6);
    const pauses = atMs.slice(1).map((at, i) => at - atMs[i]!);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]! * 4);
  });

  test('goes on at once when the way is open again', async () => {
    const { calls, clock, line } = createScript();
    void line.transfers.readBlocks([]).catch(() => undefined);
    await clock.advance(1);
    calls[0]!.fail('timed-out');
    await clock.advance(100);
    expect(calls.length).toBe(1);
    line.hurry();
    await clock.advance(1);
    expect(calls.length).toBe(2);
  });

  test('does not repeat what will never go through', async () => {
    const { calls, clock, line } = createScript();
    const call = line.transfers.readBlocks([]);
    await clock.advance(1);
    calls[0]!.fail('device-revoked');
    await expect(call).rejects.toMatchObject({ code: 'device-revoked' });
  });
});

test('a closed line lets everybody go', async () => {
  const { calls, clock, line } = createScript();
  line.hold();
  const waiting = line.transfers.readBlocks([]);
  await clock.advance(1);
  line.close();
  await expect(waiting).rejects.toMatchObject({ code: 'paused' });
  line.release();
  await expect(line.transfers.readBlocks([])).rejects.toMatchObject({ code: 'paused' });
  expect(calls.length).toBe(0);
});
