import { CompiledQuery, Kysely, sql } from 'kysely';
import type { Cell, MetadataDatabase, OnConflict, OnStatement, Reader, Row, SqlDialect, Writer } from './database.ts';
import { migrate, MIGRATIONS } from './migrate.ts';
import type { Migration } from './migration.ts';
import { RowBatch, sqliteThreadDialect } from './sqlite-driver.ts';
import { climb, conflictClause, quoted, selectByKeys } from './sql-text.ts';
import type { Tables } from './tables.ts';

function refuse(table: string, action: 'update' | 'delete', when = ''): string {
  return `create trigger "${table}_no_${action}" before ${action} on "${table}"${when} begin select raise(abort, '${table} is append-only'); end`;
}

/** All SQL that only SQLite understands. Many rows are one statement run many times inside the database thread. */
const sqliteSql: SqlDialect = {
  types: { bytes: 'blob', integer: 'integer' },
  clustered: ' without rowid',
  instance: '0',
  appendOnly: (table) => [refuse(table, 'update'), refuse(table, 'delete')],
  purgeable: (table) => [
    `drop trigger "${table}_no_delete"`,
    refuse(table, 'delete', ' when not exists (select 1 from "purge_permit")'),
  ],

  async insertMany<T extends keyof Tables>(
    writer: Writer,
    table: T,
    rows: readonly Row<T>[],
    onConflict: OnConflict<T> = 'fail',
  ): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const columns = Object.keys(first) as (keyof Row<T> & string)[];
    const marks = columns.map(() => '?').join(', ');
    const text = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${marks})${conflictClause(onConflict)}`;
    const cells = rows.map((row) => columns.map((column) => row[column] as Cell));
    await writer.executeQuery(CompiledQuery.raw(text, [new RowBatch(cells)]));
  },

  findMany<T extends keyof Tables, C extends keyof Tables[T] & string>(
    reader: Reader,
    table: T,
    columns: readonly C[],
    keys: readonly (keyof Tables[T] & string)[],
    wanted: readonly (readonly Cell[])[],
  ): Promise<Pick<Tables[T], C>[]> {
    return sqliteSql.selectEach(reader, selectByKeys(table, columns, keys), wanted);
  },

  async selectEach<R>(reader: Reader, text: string, rows: readonly (readonly Cell[])[]): Promise<R[]> {
    if (rows.length === 0) return [];
    return (await reader.executeQuery<R>(CompiledQuery.raw(text, [new RowBatch(rows)]))).rows;
  },

  // `cross join` keeps the order: every step up is looked up by its key.
  climb: (reader, namespace, nodes, most) =>
    climb(
      reader,
      namespace,
      nodes,
      most,
      sql`cross join node as above on above.namespace = ${namespace} and above.node = up.node`,
    ),

  async integrity(reader) {
    const found = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(reader);
    const foreign = await sql<{ table: string; parent: string }>`pragma foreign_key_check`.execute(reader);
    return [
      ...found.rows.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
      ...foreign.rows.map(({ table, parent }) => `a row of ${table} names one of ${parent} that is not there`),
    ];
  },

  // The one writer holds the whole database from `begin immediate` on.
  lockNamespace: () => Promise.resolve(),
  lockUser: () => Promise.resolve(),
  lockSchema: () => Promise.resolve(),
};

/**
 * Opens (and makes or migrates) the database file: WAL, synchronous=FULL, one writing and one reading connection, each in its own thread.
 * Throws `state-newer` for a file that a newer server has migrated.
 */
export async function openSqlite(
  file: string,
  nowMs: () => number = Date.now,
  onStatement: OnStatement = () => undefined,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MetadataDatabase> {
  const open = (role: 'writer' | 'reader'): Kysely<Tables> =>
    new Kysely<Tables>({
      dialect: sqliteThreadDialect({ file, role }),
      log: ({ queryDurationMillis }) => onStatement(role, queryDurationMillis),
    });
  const writer = open('writer');
  try {
    await migrate(writer, sqliteSql, nowMs, migrations);
  } catch (thrown) {
    await writer.destroy();
    throw thrown;
  }
  const read = open('reader');
  return {
    read,
    sql: sqliteSql,
    write: (work) => writer.transaction().execute(work),
    // Who looks at everything has the folder's lock: nobody else writes.
    snapshot: (work) => work(read),
    confirmPrimary: () => Promise.resolve(),
    close: async () => {
      await read.destroy();
      await writer.destroy();
    },
  };
}
