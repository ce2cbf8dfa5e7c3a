import { describe, expect, test } from 'vitest';
import type { FolderMode } from '../core/one-way.ts';
import { contentBytes, keyOfBytes } from './content-ledger.ts';
import { atBottom } from './scheduler.ts';
import { tell, type Scenario } from './scenario.ts';
import { createSimEngineFor } from './sim-engine.ts';

/** Device 1 keeps the folder in this way; both hold `f/a`, `f/b` and `c`. */
async function met(mode: FolderMode): Promise<Scenario> {
  const modes: Record<string, FolderMode> = { Desktop: 'two-way' };
  const s = await tell(
    createSimEngineFor((name) => modes[name] ?? 'two-way'),
    2,
  );
  await s.act(0, { act: 'mkdir', path: 'f' });
  await s.write(0, 'f/a', 1);
  await s.write(0, 'f/b', 2);
  await s.write(0, 'c', 3);
  await s.settle();
  await s.step({ do: 'stop', device: 1 });
  modes['Desktop'] = mode;
  await s.step({ do: 'start', device: 1 });
  await s.run(10_000);
  return s;
}

const ALL = { f: '/', 'f/a': 1, 'f/b': 2, c: 3 };

function settleIt(s: Scenario): Promise<number> {
  return atBottom(() => s.world.drive(s.world.devices[1]!.life!.engine.settleOneWay(), 600_000, 'settle one way'));
}

/** Device 1 edits, makes, moves and deletes. */
async function changeHere(s: Scenario): Promise<void> {
  await s.write(1, 'f/a', 10);
  await s.write(1, 'new', 11);
  await s.act(1, { act: 'rename', path: 'f/b', to: 'b' }, { act: 'remove', path: 'c' });
  await s.run(60_000);
}

async function changeThere(s: Scenario): Promise<void> {
  await s.write(0, 'f/a', 20);
  await s.write(0, 'newer', 21);
  await s.act(0, { act: 'rename', path: 'f/b', to: 'b' }, { act: 'remove', path: 'c' });
  await s.run(60_000);
}

const HERE = { f: '/', 'f/a': 10, new: 11, b: 2 };
const THERE = { f: '/', 'f/a': 20, newer: 21, b: 2 };

describe('a folder that only receives', () => {
  test('sends nothing, goes on receiving, and is idle', async () => {
    const s = await met('receive-only');
    const { seq } = s.world.server.head();
    await changeHere(s);
    expect(s.world.server.head().seq).toBe(seq);
    expect(s.shows(1)).toEqual(HERE);
    expect(s.shows(0)).toEqual(ALL);
    expect(s.world.devices[1]!.life!.engine.isIdle()).toBe(true);
    await s.write(0, 'f/later', 30);
    await s.write(0, 'new', 31);
    await s.write(0, 'f/a', 32);
    await s.run(60_000);
    // What was made or edited here is not touched, whatever comes under its name.
    expect(s.shows(1)).toEqual({ ...HERE, 'f/later': 30 });
  });

  test('reverted it is as the server has it; what differed lies in the trash', async () => {
    const s = await met('receive-only');
    await changeHere(s);
    const { seq } = s.world.server.head();
    const kept = [10, 11].map((content) => keyOfBytes(contentBytes(content, 100)));
    // Their owner asked for it.
    for (const key of kept) s.world.ledger.givenUp(key);
    await settleIt(s);
    await s.run(60_000);
    expect(s.shows(1)).toEqual(ALL);
    expect(s.world.server.head().seq).toBe(seq);
    const everywhere = s.world.devices[1]!.disk.allFiles().map(({ data }) => keyOfBytes(data));
    for (const key of kept) expect(everywhere).toContain(key);
  });
});

describe('a folder that only sends', () => {
  test('applies nothing, goes on sending, and is idle', async () => {
    const s = await met('send-only');
    await changeThere(s);
    expect(s.shows(1)).toEqual(ALL);
    expect(s.world.devices[1]!.life!.engine.isIdle()).toBe(true);
    await s.write(1, 'f/mine', 40);
    await s.write(1, 'f/b', 41);
    await s.write(1, 'f/a', 42);
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ ...ALL, 'f/mine': 40, 'f/b': 41, 'f/a': 42 });
    // An edit of what was edited there too is neither sent nor overwritten.
    expect(s.shows(0)).toEqual({ ...THERE, 'f/mine': 40, b: 41 });
  });

  test('a name taken there too is left alone on both sides', async () => {
    const s = await met('send-only');
    await s.write(0, 'same', 50);
    await s.run(20_000);
    await s.write(1, 'same', 51);
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ ...ALL, same: 51 });
    expect(s.shows(0)).toEqual({ ...ALL, same: 50 });
  });

  test('settled, the server is as it is here', async () => {
    const s = await met('send-only');
    await changeThere(s);
    await s.act(0, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(s.shows(1)).toEqual(ALL);
    await settleIt(s);
    await s.run(120_000);
    expect(s.shows(1)).toEqual(ALL);
    expect(s.shows(0)).toEqual(ALL);
  });
});

describe('a folder that goes one way and is deleted on the other side', () => {
  test('receiving: what was made or edited here stays, with its folder; reverted, it goes into the trash', async () => {
    const s = await met('receive-only');
    await s.write(1, 'f/mine', 60);
    await s.write(1, 'f/a', 61);
    await s.run(20_000);
    await s.act(0, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ f: '/', 'f/a': 61, 'f/mine': 60, c: 3 });
    expect(s.shows(0)).toEqual({ c: 3 });
    for (const content of [60, 61]) s.world.ledger.givenUp(keyOfBytes(contentBytes(content, 100)));
    await settleIt(s);
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ c: 3 });
    const everywhere = s.world.devices[1]!.disk.allFiles().map(({ data }) => keyOfBytes(data));
    for (const content of [60, 61]) expect(everywhere).toContain(keyOfBytes(contentBytes(content, 100)));
  });

  test('sending: what came there and was never here stays there when its folder is deleted here', async () => {
    const s = await met('send-only');
    await s.write(0, 'f/theirs', 62);
    await s.write(0, 'f/a', 63);
    await s.run(20_000);
    await s.act(1, { act: 'remove', path: 'f' });
    await s.run(60_000);
    expect(s.shows(1)).toEqual({ c: 3 });
    expect(s.shows(0)).toEqual({ f: '/', 'f/a': 63, 'f/theirs': 62, c: 3 });
  });
});
