import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Dump } from './random-damage.ts';

type Row = Readonly<Record<string, unknown>>;

/** Changes one column of one row of a database, past whatever the database itself would say of it. Answers what was done; undefined where it cannot be. */
export function damageCell(
  data: string,
  { table, column, rows }: { readonly table: string; readonly column: string; readonly rows: readonly Row[] },
  below: (n: number) => number,
): string | undefined {
  const row = rows[below(rows.length)]!;
  const now = below(4) === 0 ? rows[below(rows.length)]![column] : changed(row[column], below);
  const database = new Database(join(data, 'metadata.db'));
  try {
    database.pragma('foreign_keys = off');
    database.pragma('ignore_check_constraints = on');
    for (const name of database.prepare(`select name from sqlite_master where type = 'trigger'`).pluck().all())
      database.exec(`drop trigger "${String(name)}"`);
    const columns = Object.keys(row);
    const where = columns.map((name) => `"${name}" is ?`).join(' and ');
    database
      .prepare(`update "${table}" set "${column}" = ? where ${where}`)
      .run(now, ...columns.map((name) => row[name]));
  } catch (thrown) {
    // Two rows with one key, or none where there has to be one: no disk makes these of what is there.
    if (thrown instanceof Database.SqliteError && /^SQLITE_(?:CONSTRAINT|MISMATCH)/u.test(thrown.code))
      return undefined;
    throw thrown;
  } finally {
    database.close();
  }
  return `${table}.${column}: ${shown(row[column])} is ${shown(now)}`;
}

function changed(value: unknown, below: (n: number) => number): unknown {
  if (value === null) return below(3);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const known = Number(value);
    return [known + 1, known - 1, known ^ (1 << below(7)), 0, null][below(5)];
  }
  const bytes = Buffer.from(value as string | Uint8Array<ArrayBuffer>);
  if (bytes.length > 0) bytes[below(bytes.length)]! ^= 1 << below(typeof value === 'string' ? 7 : 8);
  return typeof value === 'string' ? bytes.toString() : bytes;
}

function shown(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}

/** Every column of every table that has rows. */
export function columnsOf(dump: Dump): { table: string; column: string; rows: readonly Row[] }[] {
  return [...dump].flatMap(([table, rows]) => Object.keys(rows[0] ?? {}).map((column) => ({ table, column, rows })));
}
