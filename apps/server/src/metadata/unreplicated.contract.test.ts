import { expect, onTestFinished, test } from 'vitest';
import { useMirroredPostgres } from '../testing/mirrored-postgres.ts';
import { UNKNOWN_OUTCOME } from './postgres-driver.ts';
import { openPostgres } from './postgres.ts';

const engines = useMirroredPostgres();

test('a commit whose wait for the standby was cancelled is not acknowledged, and it is told why', async () => {
  const url = await engines.primary.createDatabase('fenced');
  const told: string[] = [];
  const metadata = await openPostgres({ urls: [url], onError: (error) => told.push(String(error)) });
  onTestFinished(async () => {
    // Closing writes, too, and would wait for the standby that is gone.
    await engines.primary.query('alter system reset synchronous_standby_names');
    await engines.primary.query('select pg_reload_conf()');
    await metadata.close();
  });
  const write = (name: string): Promise<unknown> =>
    metadata.write((writer) =>
      metadata.sql.insertMany(writer, 'setting', [{ name, value: new Uint8Array([1]) }], 'keep'),
    );
  await write('replicated');
  expect(told).toEqual([]);
  await engines.standby.kill();
  const outcome = write('alone').then(
    () => 'acknowledged',
    (thrown: unknown) => thrown,
  );
  // PostgreSQL lets it stand on the primary alone then, and says so in a warning only.
  const cancel = "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'";
  await expect.poll(async () => Number(await engines.primary.query(cancel)), { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await outcome).toMatchObject({ code: 'server-error', details: { outcome: UNKNOWN_OUTCOME } });
  expect(told.join()).toMatch(/gave up waiting for its standby/);
});
