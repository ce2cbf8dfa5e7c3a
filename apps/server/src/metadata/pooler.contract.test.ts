import { afterAll, expect, onTestFinished, test } from 'vitest';
import { startPooler, type Pooler } from '../../../../tools/engines/pooler.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { usePostgres } from '../testing/test-postgres.ts';
import { openPostgres } from './postgres.ts';

/*
 * A pooler between nodes and PostgreSQL (PgBouncer) gives one connection of the database to many, or each transaction another one: what a connection has
 * prepared or set is then another's. A node says so at its start, and does not fail every now and then.
 */

const folder = engineFolder();
afterAll(() => folder.remove());
const postgres = usePostgres();

let count = 0;
async function pooled(mode: 'session' | 'transaction', settings: readonly string[]) {
  const database = `pooled${++count}`;
  const url = await postgres().createDatabase(database);
  const pooler: Pooler = await startPooler({ folder: folder.path, postgresPort: postgres().port, mode, settings });
  onTestFinished(() => pooler.kill());
  return { database, direct: url, through: pooler.urlOf(database) };
}

const IGNORING = ['ignore_startup_parameters = options'];

test('one that does not know what a connection asks for is named', async () => {
  const { through } = await pooled('transaction', []);
  await expect(openPostgres({ urls: [through] })).rejects.toMatchObject({
    code: 'server-error',
    message: expect.stringContaining('options') as string,
  });
});

test.each(['session', 'transaction'] as const)(
  'one that passes over it is refused, and would otherwise leave statements without a limit of time (%s)',
  async (mode) => {
    const { through } = await pooled(mode, IGNORING);
    await expect(openPostgres({ urls: [through] })).rejects.toMatchObject({
      code: 'server-error',
      message: expect.stringContaining('a pooler stands before this database') as string,
    });
  },
);

test('so is one of a database that has all that is asked for by itself, and the next address is taken', async () => {
  const { through, direct, database } = await pooled('transaction', IGNORING);
  const asked = {
    statement_timeout: 10_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 5_000,
  };
  for (const [name, value] of Object.entries(asked))
    await postgres().query(`alter database ${database} set ${name} = ${value}`);
  await expect(openPostgres({ urls: [through] })).rejects.toMatchObject({
    code: 'server-error',
    message: expect.stringContaining('a pooler stands') as string,
  });
  const metadata = await openPostgres({ urls: [through, direct] });
  expect(await metadata.read.selectFrom('user').selectAll().execute()).toEqual([]);
  await metadata.close();
});
