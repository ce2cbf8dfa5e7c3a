import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceId, UserId } from '@onefold/protocol';
import { createLocalBus } from '../bus/local.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { randomId } from '../testing/test-account.ts';
import { createEventHub } from './event-hub.ts';

const USERS = 1_000;

test('who may listen is looked up for many users at once: a node with ten thousand devices asks a hundred times, not twenty thousand', async () => {
  let statements = 0;
  const file = join(temporaryFolder(), 'metadata.db');
  const metadata = await openSqlite(file, Date.now, () => {
    statements++;
  });
  const onError = (error: unknown): void => {
    throw error;
  };
  const hub = createEventHub({ bus: createLocalBus(onError), reader: metadata.read, onError });
  onTestFinished(async () => {
    hub.close();
    await metadata.close();
  });
  let ended = 0;
  for (let i = 0; i < USERS; i++) {
    const listener = { user: randomId<UserId>(32), device: randomId<DeviceId>(32), deliver: () => undefined };
    await hub.subscribe({ ...listener, end: () => (ended += 1) });
  }
  statements = 0;
  await hub.recheck();
  // Nobody has such devices, so none of them may listen.
  expect(ended).toBe(USERS);
  expect(statements).toBeLessThanOrEqual(USERS / 50);
  statements = 0;
  await hub.catchUp();
  expect(statements).toBeLessThanOrEqual(USERS / 50);
});

test('what goes to many goes in slices: others get their turn in between', async () => {
  const file = join(temporaryFolder(), 'metadata.db');
  const metadata = await openSqlite(file);
  const onError = (error: unknown): void => {
    throw error;
  };
  const bus = createLocalBus(onError);
  const hub = createEventHub({ bus, reader: metadata.read, onError });
  onTestFinished(async () => {
    hub.close();
    await metadata.close();
  });
  const user = randomId<UserId>(32);
  let turn = 0;
  const deliveredIn = new Map<number, number>();
  const deliver = (): void => void deliveredIn.set(turn, (deliveredIn.get(turn) ?? 0) + 1);
  for (let i = 0; i < USERS; i++)
    await hub.subscribe({ user, device: randomId<DeviceId>(32), deliver, end: () => undefined });
  const tick = (): void => {
    turn++;
    if (total() < USERS) setImmediate(tick);
  };
  const total = (): number => [...deliveredIn.values()].reduce((sum, count) => sum + count, 0);
  setImmediate(tick);
  bus.publish({ kind: 'chain', user, chainLength: 3 });
  await expect.poll(total).toBe(USERS);
  expect(Math.max(...deliveredIn.values())).toBeLessThanOrEqual(USERS / 2);
});
