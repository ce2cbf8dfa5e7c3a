import { setTimeout as pass } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../server.ts';
import { useMirroredPostgres } from '../testing/mirrored-postgres.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createClient } from '../testing/test-client.ts';

const engines = useMirroredPostgres();

test('a database that cannot prove to be the primary tells nobody of heads, accounts or chains', async () => {
  const url = await engines.primary.createDatabase('account');
  const config = { data: temporaryFolder(), listen: '127.0.0.1:0', logLevel: 'silent' as const };
  const server = await startServer({ ...config, postgres: { urls: [url] } });
  onTestFinished(() => server.close());
  const client = await createClient(server.url);
  const paths = ['/v1/namespaces', '/v1/account', `/v1/users/${client.account.user}/chain`, '/v1/wait?timeoutMs=1'];
  const status = async (path: string): Promise<number> => (await client.raw('GET', path)).status;
  for (const path of paths) expect(await status(path)).toBe(200);
  // It is up again, and nobody knows whether another has taken its place: what it writes is confirmed by no engines.standby.
  await engines.standby.kill();
  await engines.primary.kill();
  await engines.primary.restart();
  for (const path of [...paths, ...paths])
    expect(await Promise.race([status(path), pass(700, 'no answer')])).not.toBe(200);
  await engines.primary.query('alter system reset synchronous_standby_names');
  await engines.primary.query('select pg_reload_conf()');
  for (const path of paths) await expect.poll(() => status(path), { timeout: 30_000 }).toBe(200);
});
