import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NamespaceId, UploadId, UserId } from '@onefold/protocol';
import { startRedis, type Redis } from '../../../../tools/engines/redis.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { startSlowProxy } from '../testing/slow-proxy.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import type { Bus, BusMessage } from './bus.ts';
import { describeBus } from './bus.contract.ts';
import { createRedisBus } from './redis.ts';

const folder = engineFolder();
let engine: Redis;
let channels = 0;

beforeAll(async () => {
  engine = await startRedis({ folder: folder.path });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
});

/** A bus of one node, once it hears the others. */
async function open(channel: string): Promise<{ bus: Bus; gaps: () => number }> {
  let gaps = 0;
  const bus = createRedisBus({ url: engine.url, channel, onError: () => undefined, onGap: () => gaps++ });
  await expect.poll(() => gaps, { timeout: 10_000 }).toBe(1);
  return { bus, gaps: () => gaps };
}

const USER = randomId<UserId>(16);
const chain = (chainLength: number): BusMessage => ({ kind: 'chain', user: USER, chainLength });

describe('the bus of many nodes', () => {
  describeBus(async () => (await open(`channel${++channels}`)).bus);

  test('every kind of message reaches the other node as it was, in order, and its own node once', async () => {
    const channel = `channel${++channels}`;
    const [a, b] = [await open(channel), await open(channel)];
    const heard: [BusMessage[], BusMessage[]] = [[], []];
    a.bus.subscribe((message) => heard[0].push(message));
    b.bus.subscribe((message) => heard[1].push(message));
    const namespaceId = randomId<NamespaceId>(32);
    const sent: BusMessage[] = [
      { kind: 'head', head: { namespaceId, seq: 7, hash: randomId(32), recoveryEpoch: 0 } },
      {
        kind: 'uploading',
        event: {
          event: 'uploading',
          namespaceId,
          device: randomId(16),
          uploadId: randomId<UploadId>(16),
          nodes: [{ node: randomId(16), label: bytes(40) }],
          state: 'pending',
        },
      },
      { kind: 'membership', user: USER },
      ...Array.from({ length: 100 }, (_, i) => chain(i)),
    ];
    for (const message of sent) a.bus.publish(message);
    const plain = (messages: BusMessage[]): string => JSON.stringify(messages);
    await expect.poll(() => plain(heard[1])).toBe(plain(sent));
    await expect.poll(() => plain(heard[0])).toBe(plain(sent));
    await Promise.all([a.bus.close(), b.bus.close()]);
  });

  test.each([
    ['has no memory left', 'CONFIG SET maxmemory 1', 'CONFIG SET maxmemory 0'],
    ['has become a replica that takes no writes', 'REPLICAOF 127.0.0.1 1', 'REPLICAOF NO ONE'],
  ])('Redis that %s carries messages as before', async (_, trouble, end) => {
    const channel = `channel${++channels}`;
    const [a, b] = [await open(channel), await open(channel)];
    const heard: number[] = [];
    b.bus.subscribe((message) => heard.push(message.kind === 'chain' ? message.chainLength : -1));
    await engine.run(trouble);
    a.bus.publish(chain(1));
    await expect.poll(() => heard).toEqual([1]);
    await engine.run(end);
    a.bus.publish(chain(2));
    await expect.poll(() => heard).toEqual([1, 2]);
    await Promise.all([a.bus.close(), b.bus.close()]);
  });

  test('to Redis that takes nothing a node sends little, tells of it once, and hears itself', async () => {
    const proxy = await startSlowProxy(engine.port);
    let told = 0;
    let gaps = 0;
    const bus = createRedisBus({
      url: `redis://127.0.0.1:${proxy.port}`,
      channel: `channel${++channels}`,
      onError: () => told++,
      onGap: () => gaps++,
    });
    await expect.poll(() => gaps, { timeout: 10_000 }).toBe(1);
    let heard = 0;
    bus.subscribe(() => heard++);
    proxy.hold();
    proxy.heard('PUBLISH');
    for (let i = 0; i < 40; i++) {
      bus.publish(chain(i));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(heard).toBe(40);
    // Those of the first second, until the first of them is late; a few at each new try.
    expect(proxy.heard('PUBLISH')).toBeLessThan(35);
    await engine.kill();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(told).toBe(1);
    await engine.restart();
    await bus.close();
  });

  test('without Redis a node hears itself; when it is back the gap is told and others are heard again', async () => {
    const channel = `channel${++channels}`;
    const [a, b] = [await open(channel), await open(channel)];
    const heard: [number[], number[]] = [[], []];
    a.bus.subscribe((message) => heard[0].push(message.kind === 'chain' ? message.chainLength : -1));
    b.bus.subscribe((message) => heard[1].push(message.kind === 'chain' ? message.chainLength : -1));
    await engine.kill();
    a.bus.publish(chain(1));
    await expect.poll(() => heard[0]).toEqual([1]);
    await engine.restart();
    await expect.poll(() => [a.gaps(), b.gaps()], { timeout: 10_000 }).toEqual([2, 2]);
    await expect
      .poll(
        () => {
          a.bus.publish(chain(2));
          return heard[1].includes(2);
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    expect(heard[1]).not.toContain(1);
    await Promise.all([a.bus.close(), b.bus.close()]);
  });
});
