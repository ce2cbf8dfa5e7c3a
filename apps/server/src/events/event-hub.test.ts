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
