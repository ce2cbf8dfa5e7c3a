import { CompiledQuery } from 'kysely';
import { expect, test } from 'vitest';
import { readable } from '../testing/job-work.ts';
import { usePostgres } from '../testing/test-postgres.ts';
import type { MetadataDatabase } from './database.ts';
import { MIGRATIONS } from './migrate.ts';
import { openPostgres } from './postgres.ts';

const postgres = usePostgres();

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

async function ask<R>(metadata: MetadataDatabase, text: string): Promise<R[]> {
  return metadata.write(async (writer) => {
    // Rows of any values: those that one names need not be there.
    await writer.executeQuery(CompiledQuery.raw('set local session_replication_role = replica'));
    return (await writer.executeQuery<R>(CompiledQuery.raw(text))).rows;
  });
}

const ANY: Readonly<Record<string, readonly string[]>> = {
  bytea: [`'\\x01'`, `'\\x02'`],
  bigint: ['1', '2'],
  text: [`'one'`, `'two'`],
};

test.each(MIGRATIONS.slice(0, -1).map(({ number, name }) => [number, name] as const))(
  'what version %i (%s) of the schema held is all there after an upgrade, every column of every row',
  async (number) => {
    const url = await postgres().createDatabase(`older${number}`);
    const older = await openPostgres({ urls: [url], migrations: MIGRATIONS.slice(0, number) });
    const columns = await ask<Column>(
      older,
      `select table_name as "table", column_name as "column", data_type as "type" from information_schema.columns
        where table_schema = 'public' and table_name <> 'migration' order by 1, ordinal_position`,
    );
    const tables = Map.groupBy(columns, ({ table }) => table);
    expect(tables.size).toBeGreaterThan(15);
    for (const [table, own] of tables)
      for (const at of [0, 1]) {
        const values = own.map(({ type }) => ANY[type]?.[at] ?? `no value of ${type}`);
        await ask(older, `insert into "${table}" values (${values.join(', ')})`);
      }
    const rows = async (metadata: MetadataDatabase): Promise<unknown[]> => {
      const told: unknown[] = [];
      for (const [table, own] of tables) {
        const names = own.map(({ column }) => `"${column}"`).join(', ');
        const [first = ''] = own.map(({ column }) => `"${column}"`);
        const where = table === 'setting' ? `where name not like 'lease/%'` : '';
        const found = await ask<object>(metadata, `select ${names} from "${table}" ${where} order by ${first}`);
        told.push([table, found.map(readable)]);
      }
      return told;
    };
    const before = await rows(older);
    await older.close();
    const newer = await openPostgres({ urls: [url] });
    expect(await rows(newer)).toEqual(before);
    expect(await ask(newer, 'select number from migration')).toHaveLength(MIGRATIONS.length);
    await newer.close();
  },
);
