import { CompiledQuery } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { useMirroredPostgres } from '../testing/mirrored-postgres.ts';
import { UNKNOWN_OUTCOME } from './postgres-driver.ts';
import { openPostgres } from './postgres.ts';

const engines = useMirroredPostgres();

test.each([
  ['cancelled', 'pg_cancel_backend', /gave up waiting for its standby/],
  ['ended with its backend', 'pg_terminate_backend', /^$/],
])(
  'a commit whose wait for the standby was %s is not acknowledged, and nothing that the primary shows is believed before the standby has all of it',
  async (_, means, words) => {
    const url = await engines.primary.createDatabase(means);
    const told: string[] = [];
    const metadata = await openPostgres({
      urls: [url],
      statementMs: 500,
      onError: (error) => told.push(String(error)),
    });
    onTestFinished(() => metadata.close());
    const write = (name: string): Promise<unknown> =>
      metadata.write((writer) =>
        metadata.sql.insertMany(writer, 'setting', [{ name, value: new Uint8Array([1]) }], 'keep'),
      );
    const instance = async (): Promise<number> => {
      const asked = CompiledQuery.raw(`select ${metadata.sql.instance} as instance`);
      const { rows } = await metadata.read.executeQuery<{ instance: number }>(asked);
      return rows[0]?.instance ?? 0;
    };
    await write('replicated');
    await metadata.confirmPrimary(await instance());
    expect(told).toEqual([]);
    await engines.standby.kill();
    const outcome = write('alone').then(
      () => 'acknowledged',
      (thrown: unknown) => thrown,
    );
    // PostgreSQL lets it stand on the primary alone then, where everybody sees it.
    const end = `select count(${means}(pid)) from pg_stat_activity where wait_event = 'SyncRep'`;
    await expect.poll(async () => Number(await engines.primary.query(end)), { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await outcome).toMatchObject({ code: 'server-error', details: { outcome: UNKNOWN_OUTCOME } });
    expect(told.join()).toMatch(words);
    const seen = metadata.read.selectFrom('setting').select('name').where('name', '=', 'alone');
    expect(await seen.execute()).toEqual([{ name: 'alone' }]);
    await expect(metadata.confirmPrimary(await instance())).rejects.toMatchObject({ code: 'server-error' });

    await engines.standby.restart();
    const confirmed = (): Promise<boolean> =>
      instance()
        .then((its) => metadata.confirmPrimary(its))
        .then(() => true)
        .catch(() => false);
    await expect.poll(confirmed, { timeout: 30_000 }).toBe(true);
    expect(await engines.standby.query(`select name from setting where name = 'alone'`, means)).toContain('alone');
  },
);

test(
  'while the standby is away commits that nobody confirms do not pile up in the database, and go on once it is back',
  { timeout: 60_000 },
  async () => {
    const url = await engines.primary.createDatabase('piling');
    const connections = 3;
    const metadata = await openPostgres({ urls: [url], statementMs: 200, connections });
    onTestFinished(() => metadata.close());
    const write = (name: string): Promise<boolean> =>
      metadata
        .write((writer) => metadata.sql.insertMany(writer, 'setting', [{ name, value: new Uint8Array([1]) }]))
        .then(() => true)
        .catch(() => false);
    expect(await write('before')).toBe(true);
    await engines.standby.kill();
    // Longer than any of them is waited for by this process.
    for (let round = 0; round < 3; round++) {
      const outcomes = await Promise.all(Array.from({ length: 2 * connections }, (_, i) => write(`${round} ${i}`)));
      expect(outcomes).not.toContain(true);
    }
    const waiting = `select count(*) from pg_stat_activity where wait_event = 'SyncRep' and datname = 'piling'`;
    // Those that were under way when it went, and the proof that it is back.
    expect(Number(await engines.primary.query(waiting))).toBeLessThanOrEqual(connections + 1);
    await engines.standby.restart();
    let count = 0;
    await expect.poll(() => write(`after ${count++}`), { timeout: 30_000 }).toBe(true);
  },
);
