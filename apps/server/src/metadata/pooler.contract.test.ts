import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startPooler, type Pooler } from '../../../../tools/engines/pooler.ts';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { openPostgres } from './postgres.ts';

/*
 * A pooler between nodes and PostgreSQL (PgBouncer) gives one connection of the database to many, or each transaction another one: what a connection has
 * prepared or set is then another's. A node says so at its start, and does not fail every now and then.
 */

const folder = engineFolder();
let engine: Postgres;

beforeAll(async () => {
  engine = await startPostgres({ folder: folder.path });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
});

let count = 0;
async function pooled(mode: 'session' | 'transaction', settings: readonly string[]) {
  const database = `pooled${++count}`;
  const url = await engine.createDatabase(database);
  const pooler: Pooler = await startPooler({ folder: folder.path, postgresPort: engine.port, mode, settings });
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
    await engine.query(`alter database ${database} set ${name} = ${value}`);
  await expect(openPostgres({ urls: [through] })).rejects.toMatchObject({
    code: 'server-error',
    message: expect.stringContaining('a pooler stands') as string,
  });
  const metadata = await openPostgres({ urls: [through, direct] });
  expect(await metadata.read.selectFrom('user').selectAll().execute()).toEqual([]);
  await metadata.close();
});
