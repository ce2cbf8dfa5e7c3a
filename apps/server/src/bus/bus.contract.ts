import { expect, test } from 'vitest';
import type { UserId } from '@onefold/protocol';
import type { Bus, BusMessage } from './bus.ts';

const USER = 'aa'.repeat(16) as UserId;

function message(chainLength: number): BusMessage {
  return { kind: 'chain', user: USER, chainLength };
}

/** What every bus must do. */
export function describeBus(open: () => Promise<Bus>): void {
  test('every listener hears every message, in the order one publisher sent them', async () => {
    const bus = await open();
    const heard: [number[], number[]] = [[], []];
    heard.forEach((list) => bus.subscribe((got) => list.push(got.kind === 'chain' ? got.chainLength : -1)));
    const sent = Array.from({ length: 50 }, (_, i) => i);
    for (const i of sent) bus.publish(message(i));
    await expect.poll(() => heard).toEqual([sent, sent]);
    await bus.close();
  });

  test('publishing does not wait for listeners, nor call them before it returns', async () => {
    const bus = await open();
    let calls = 0;
    bus.subscribe(() => calls++);
    bus.publish(message(1));
    expect(calls).toBe(0);
    await expect.poll(() => calls).toBe(1);
    await bus.close();
  });

  test('a listener that throws disturbs no other, and one that left hears nothing', async () => {
    const bus = await open();
    const heard: BusMessage[] = [];
    const leave = bus.subscribe(() => heard.push(message(-1)));
    bus.subscribe(() => {
      throw new Error('broken listener');
    });
    bus.subscribe((got) => heard.push(got));
    leave();
    bus.publish(message(1));
    await expect.poll(() => heard).toEqual([message(1)]);
    await bus.close();
  });

  test('a closed bus carries nothing and takes no harm', async () => {
    const bus = await open();
    let calls = 0;
    bus.subscribe(() => calls++);
    await bus.close();
    bus.publish(message(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(calls).toBe(0);
  });
}
