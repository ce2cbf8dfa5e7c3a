import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openSqlite } from './sqlite.ts';

/** Belongs to one server as a whole, is small, or passes: stays in one place where other tables are spread. docs/OPERATIONS.md names them. */
const KEPT_WHOLE = [
  'audit',
  'challenge',
  'dead_object',
  'deleted_id',
  'lease',
  'linking',
  'linking_message',
  'login_attempt',
  'migration',
  'purge_permit',
  'session',
  'setting',
];

/** First column of the primary key of every table, and whether its rows must name a namespace. */
async function keys() {
  const file = join(temporaryFolder(), 'metadata.db');
  await (await openSqlite(file)).close();
  const database = new Database(file, { readonly: true });
  onTestFinished(() => void database.close());
  return database
    .prepare(
      `select m.name as name, (select c.name from pragma_table_info(m.name) c where c.pk = 1) as first,
       exists (select 1 from pragma_table_info(m.name) c where c.name = 'namespace' and c."notnull" = 1) as isOfNamespace
       from sqlite_schema m where m.type = 'table' order by m.name`,
    )
    .all() as { name: string; first: string | null; isOfNamespace: number }[];
}

test('the primary key of every table whose rows belong to a namespace begins with it, so that rows can be spread by it', async () => {
  const tables = (await keys()).filter(({ isOfNamespace }) => isOfNamespace === 1);
  expect(tables.filter(({ first }) => first !== 'namespace')).toEqual([]);
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['entry', 'node', 'file_version', 'block', 'pack']),
  );
});

test('every other table is kept by user or device, or is one of those that stay whole', async () => {
  const others = (await keys()).filter(({ first }) => first !== 'namespace');
  const whole = others.filter(({ first }) => first !== 'user' && first !== 'device');
  expect(whole.map(({ name }) => name)).toEqual(KEPT_WHOLE);
});
