/* The server loses blocks of files, and finds out: whoever has such a file sends it again, and says until then that it is not safe. */
import { OnefoldError } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { NodeRow } from '../core/tree.ts';
import { onDevice } from './incident-story.ts';
import { entries, fetches, HOUR_MS, isWhole, met, MINUTE_MS, unsafe } from './lost-story.ts';
import { atBottom } from './scheduler.ts';
import type { Surroundings } from './sim-device.ts';
import { createSimEngine } from './sim-engine.ts';
import { replay, runSeed } from './simulation.ts';
import { describeStep } from './steps.ts';

describe('a file of which the server has lost blocks', () => {
  test('is sent again by the device that wrote it, as one version, which nobody fetches', async () => {
    const s = await met();
    const [before, fetched] = [entries(s), fetches(s)];
    await s.step({ do: 'lose', path: 'f/a' });
    expect(isWhole(s, 'f/a')).toBe(false);
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'f/a')).toBe(true);
    expect(entries(s)).toBe(before + 1);
    expect(fetches(s)).toBe(fetched);
    expect([unsafe(s, 0), unsafe(s, 1)]).toEqual([0, 0]);
    await s.settle();
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/b': 2, c: 3 });
    expect(s.shows(0)).toEqual(s.shows(1));
    const told = await s.engine(1).activity(100, null);
    expect(told.filter(({ kind }) => kind === 'edited')).toEqual([]);
  });

  test('is sent again by one that only fetched it, while its author is away', async () => {
    const s = await met();
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'f/a')).toBe(true);
    await s.settle();
  });

  test('is sent again where it is large', async () => {
    const s = await met();
    await s.write(0, 'large', 4, 9_000);
    await s.settle();
    await s.step({ do: 'lose', path: 'large' });
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'large')).toBe(true);
    expect(unsafe(s, 0)).toBe(0);
    await s.settle();
  });

  test('is sent again as a whole where more is lost than is told at once', async () => {
    const s = await met();
    const paths = ['l1', 'l2', 'l3', 'l4', 'l5', 'l6'];
    for (const [i, path] of paths.entries()) await s.write(0, path, 30 + i, 12_000);
    await s.settle();
    for (const path of paths) await s.step({ do: 'lose', path });
    await s.run(30 * MINUTE_MS);
    expect(paths.map((path) => isWhole(s, path))).toEqual(paths.map(() => true));
    expect([unsafe(s, 0), unsafe(s, 1)]).toEqual([0, 0]);
    await s.settle();
  });

  test('counts as unsafe until the server has it, in the list and in the reasons too, and over a restart', async () => {
    const refusing: Surroundings['wrapPorts'] = (ports) => ({
      ...ports,
      remote: { ...ports.remote, commit: () => Promise.reject(new OnefoldError('too-many-requests', 'not so many')) },
    });
    let isRefusing = false;
    const s = await met((ports, parts) => (isRefusing ? refusing(ports, parts) : ports));
    await s.step({ do: 'stop', device: 1 });
    await s.step({ do: 'stop', device: 0 });
    isRefusing = true;
    await s.step({ do: 'start', device: 0 });
    await s.run(MINUTE_MS);
    expect(s.engine(0).status()).toMatchObject({ notYetSafe: 0, state: 'idle' });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.run(3 * MINUTE_MS);
    expect(s.engine(0).status()).toMatchObject({ notYetSafe: 1, pending: 1 });
    expect(s.engine(0).status().state).not.toBe('idle');
    const [listed] = await atBottom(() => s.world.drive(s.engine(0).list('f'), MINUTE_MS, 'list'));
    expect(listed).toMatchObject({ name: 'a', isSafe: false, state: 'changing' });
    const reasons = await atBottom(() => s.world.drive(s.engine(0).explain('f/a'), MINUTE_MS, 'explain'));
    expect(reasons.map(({ code }) => code)).toContain('lost-there');

    // Before the server can be asked what is lost, it is known that something was.
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'cut', device: 0 });
    await s.step({ do: 'start', device: 0 });
    await s.run(MINUTE_MS);
    expect(unsafe(s, 0)).toBe(1);
    await s.step({ do: 'stop', device: 0 });
    isRefusing = false;
    await s.step({ do: 'heal', device: 0 });
    await s.step({ do: 'start', device: 0 });
    await s.run(10 * MINUTE_MS);
    expect(unsafe(s, 0)).toBe(0);
    expect(isWhole(s, 'f/a')).toBe(true);
    await s.settle();
  });

  test('is no conflict where it was edited meanwhile, here or elsewhere', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(1, 'f/a', 10);
    await s.run(10_000);
    await s.step({ do: 'lose', path: 'f/a' });
    await s.step({ do: 'lose', path: 'f/b' });
    await s.run(10 * MINUTE_MS);
    await s.write(0, 'f/b', 20);
    await s.step({ do: 'heal', device: 1 });
    await s.run(10 * MINUTE_MS);
    await s.settle();
    expect(s.shows(0)).toEqual({ f: '/', 'f/a': 10, 'f/b': 20, c: 3 });
    expect(s.shows(1)).toEqual(s.shows(0));
  });

  test('reaches a device that had not fetched it', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'f/new', 11);
    await s.run(MINUTE_MS);
    await s.step({ do: 'lose', path: 'f/new' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(10 * MINUTE_MS);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 1, 'f/b': 2, 'f/new': 11, c: 3 });
    await s.settle();
  });

  test('stays where it is not to be any more, until the server has it', async () => {
    const s = await met();
    await s.step({ do: 'stop', device: 0 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.step({ do: 'lose', path: 'f/b' });
    await s.run(1_000);
    await s.step({ do: 'scan', device: 1 });
    await s.run(500);
    await s.step({ do: 'select', device: 1, path: 'f', becomes: 'unticked' });
    await s.run(10 * MINUTE_MS);
    expect(s.shows(1)).toEqual({ c: 3 });
    expect([isWhole(s, 'f/a'), isWhole(s, 'f/b')]).toEqual([true, true]);
    await s.settle();
  });

  test('that nobody has keeps nobody from the rest, and is sent when somebody puts it back', async () => {
    const s = await met();
    await s.step({ do: 'cut', device: 1 });
    await s.write(0, 'gone', 12, 700);
    await s.run(MINUTE_MS);
    await s.step({ do: 'crash', device: 0, power: false });
    const { disk } = s.world.devices[0]!;
    await s.step({ do: 'lose', path: 'gone' });
    await s.step({ do: 'heal', device: 1 });
    await s.run(2 * MINUTE_MS);
    await s.write(1, 'more', 13);
    await s.run(2 * MINUTE_MS);
    expect(isWhole(s, 'more')).toBe(true);
    expect(isWhole(s, 'gone')).toBe(false);
    expect(unsafe(s, 1)).toBe(0);
    expect(disk.walk().some(({ path }) => path === 'gone')).toBe(true);
    // Out of a backup of one's own, on the other device.
    await s.act(1, { act: 'write', path: 'gone', content: 12, size: 700, style: 'in-place' });
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'gone')).toBe(true);
    await s.settle();
  });

  test('that does not fit any more is said to need room, and goes when there is some', async () => {
    const s = await met();
    const { server } = s.world;
    await s.step({ do: 'lose', path: 'f/a' });
    server.quotaBytes = server.heldBytes();
    await s.run(10 * MINUTE_MS);
    const { attention, notYetSafe } = s.engine(0).status();
    expect(attention.map(({ code }) => code)).toEqual(['quota-exceeded']);
    expect(notYetSafe).toBe(1);
    server.quotaBytes = Infinity;
    await s.run(20 * MINUTE_MS);
    expect(isWhole(s, 'f/a')).toBe(true);
    expect(s.engine(0).status()).toMatchObject({ attention: [], notYetSafe: 0 });
    await s.settle();
  });

  test('is not sent without end to a server that loses it again and again', async () => {
    const s = await met();
    const before = entries(s);
    for (let i = 0; i < 60; i++) {
      await s.step({ do: 'lose', path: 'f/a' });
      await s.run(MINUTE_MS);
    }
    expect(entries(s) - before).toBeGreaterThan(1);
    expect(entries(s) - before).toBeLessThan(6);
    await s.run(2 * HOUR_MS);
    await s.settle();
  });

  test('is not sent for the server’s word alone', async () => {
    let rowsOf = (): readonly NodeRow[] => [];
    const lying = onDevice(0, (ports) => ({
      ...ports,
      remote: {
        ...ports.remote,
        entries: async (after, minSeq) => {
          const page = await ports.remote.entries(after, minSeq);
          return { ...page, head: { ...page.head, lostRevision: 1 } };
        },
        lostBlocks: async () => {
          const lost = rowsOf().flatMap(({ node, remote }) =>
            remote?.content?.kind === 'file'
              ? [{ ctHash: 'ab'.repeat(32) as never, node, version: remote.contentVersion }]
              : [],
          );
          return { lost, hasMore: false };
        },
      },
    }));
    const s = await met(lying);
    rowsOf = () => s.world.devices[0]!.store.allRows();
    const before = entries(s);
    await s.run(10 * MINUTE_MS);
    expect(entries(s)).toBe(before);
    expect(unsafe(s, 0)).toBe(0);
    await s.settle();
  });

  test('is known for lost on a server that was restored, which counts its losses from where it was then', async () => {
    const s = await met();
    await s.step({ do: 'server', becomes: 'backed-up' });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'f/a')).toBe(true);
    await s.step({ do: 'server', becomes: 'restored' });
    await s.step({ do: 'lose', path: 'f/b' });
    await s.settle();
    expect(isWhole(s, 'f/b')).toBe(true);
  });

  test('does not keep anything from going on where it cannot be asked for', async () => {
    const s = await met(
      onDevice(0, (ports) => ({
        ...ports,
        remote: { ...ports.remote, lostBlocks: () => Promise.reject(new OnefoldError('forbidden', 'no such call')) },
      })),
    );
    await s.step({ do: 'stop', device: 1 });
    await s.step({ do: 'lose', path: 'f/a' });
    await s.run(MINUTE_MS);
    await s.write(0, 'more', 14);
    await s.run(MINUTE_MS);
    expect(isWhole(s, 'more')).toBe(true);
    // It is not known what, but something is.
    expect(unsafe(s, 0)).toBe(1);
    await s.step({ do: 'start', device: 1 });
    await s.run(10 * MINUTE_MS);
    expect(isWhole(s, 'f/a')).toBe(true);
  });
});

test('devices in all weathers come to the same, and the server to all of it, though it loses blocks again and again', async () => {
  const options = { createEngine: createSimEngine, devices: [2, 4], steps: 60, steering: { loses: true } } as const;
  let [losses, resent] = [0, 0];
  for (let seed = 1; seed <= 24; seed++) {
    const outcome = await runSeed(`${seed}`, options);
    const told = outcome.script.steps.map(describeStep).join('\n');
    expect(outcome.violation?.message, `seed ${seed}:\n${told}`).toBe(undefined);
    if (seed % 8 === 0) expect((await replay(outcome.script, options)).trace, `seed ${seed} again`).toBe(outcome.trace);
    losses += outcome.coverage.times('server', 'lost');
    resent += outcome.coverage.times('log', 'warn lost-contents-sent');
  }
  expect(losses).toBeGreaterThan(20);
  expect(resent).toBeGreaterThan(20);
});
