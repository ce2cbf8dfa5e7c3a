import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DeviceId } from '@onefold/protocol';
import { openSqlite } from '../metadata/sqlite.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { randomId } from '../testing/test-account.ts';
import { createPresence } from './presence.ts';

const DEVICES = 3_000;

test('thousands of devices that come at once, as after the death of a node, are told in a few transactions', async () => {
  let statements = 0;
  const metadata = await openSqlite(join(temporaryFolder(), 'metadata.db'), Date.now, () => {
    statements++;
  });
  const here = new Set<DeviceId>();
  const presence = createPresence({
    metadata,
    nowMs: Date.now,
    isHere: (device) => here.has(device),
    here: () => [...here],
    onError: (error) => {
      throw error;
    },
  });
  onTestFinished(async () => {
    await presence.close();
    await metadata.close();
  });
  const rows = async (): Promise<number> =>
    (await metadata.read.selectFrom('presence').select('device').execute()).length;
  const devices = Array.from({ length: DEVICES }, () => randomId<DeviceId>(32));
  for (const device of devices) {
    here.add(device);
    presence.changed(device);
  }
  let looks = 0;
  await expect
    .poll(
      () => {
        looks++;
        return rows();
      },
      { timeout: 10_000 },
    )
    .toBe(DEVICES);
  expect(statements - looks).toBeLessThan(DEVICES / 10);
  here.clear();
  for (const device of devices) presence.changed(device);
  await expect.poll(rows, { timeout: 15_000 }).toBe(0);
});
