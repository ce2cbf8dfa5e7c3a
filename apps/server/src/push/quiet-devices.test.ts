import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqlite } from '../metadata/sqlite.ts';
import { idBytes } from '../id-bytes.ts';
import { startTestServer } from '../testing/started-server.ts';
import { createClient } from '../testing/test-client.ts';
import { claimWakeUps, isDue, leaveAlone } from './quiet-devices.ts';

const QUIET_MS = 30_000;

async function start() {
  const { url, data } = await startTestServer();
  const { account } = await createClient(url);
  const metadata = await openSqlite(join(data, 'metadata.db'), Date.now);
  onTestFinished(() => metadata.close());
  const device = idBytes(account.device.id);
  const quietUntilMs = (): number => {
    const database = new Database(join(data, 'metadata.db'), { readonly: true });
    onTestFinished(() => void database.close());
    return database.prepare('select quiet_until_ms from device').pluck().get() as number;
  };
  /** Whether it falls to the caller, which is what isDue foretells of the same row. */
  const claim = async (nowMs: number): Promise<boolean> => {
    const foretold = isDue(quietUntilMs(), nowMs, QUIET_MS);
    const fell = (await claimWakeUps(metadata, [device], { nowMs, quietMs: QUIET_MS })).has(account.device.id);
    expect(fell).toBe(foretold);
    return fell;
  };
  return { metadata, device, claim };
}

test('of all who would wake a device in one quiet it falls to the first, and to one again when it is over', async () => {
  const { claim } = await start();
  expect([await claim(1_000), await claim(1_000), await claim(30_999)]).toEqual([true, false, false]);
  expect([await claim(31_000), await claim(31_001)]).toEqual([true, false]);
});

test('a device whose push service asked for patience is woken by nobody before', async () => {
  const { metadata, device, claim } = await start();
  await leaveAlone(metadata, device, 600_000);
  expect([await claim(100_000), await claim(599_999), await claim(600_000)]).toEqual([false, false, true]);
});

test('a node whose clock was far ahead keeps nobody asleep', async () => {
  const { claim } = await start();
  expect(await claim(1e12)).toBe(true);
  expect([await claim(1_000), await claim(2_000)]).toEqual([true, false]);
});
