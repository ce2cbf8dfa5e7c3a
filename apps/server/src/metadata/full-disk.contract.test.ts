import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from '../../../../tools/engines/postgres.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { MetadataDatabase } from './database.ts';
import { MIGRATIONS } from './migrate.ts';
import type { Migration } from './migration.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/* The disk fills amid a migration: all of it is undone, the version before goes on, and the next start migrates once there is room. */

const row = (name: string) => ({ name, value: new Uint8Array(randomBytes(8)) });
const write = (metadata: MetadataDatabase, name: string): Promise<void> =>
  metadata.write((writer) => metadata.sql.insertMany(writer, 'setting', [row(name)]));
const names = async ({ read }: MetadataDatabase): Promise<string[]> =>
  (await read.selectFrom('setting').select('name').where('name', 'not like', 'lease/%').orderBy('name').execute()).map(
    ({ name }) => name,
  );
const hasTable = (metadata: MetadataDatabase): Promise<boolean> =>
  sql`select * from later limit 1`.execute(metadata.read).then(
    () => true,
    () => false,
  );

function laterMigrations(...statements: readonly string[]): readonly Migration[] {
  const first = 'create table "later" ("id" {{integer}} primary key, "value" {{bytes}} not null)';
  const number = MIGRATIONS.length + 1;
  return [...MIGRATIONS, { number, name: 'later', statements: [first, ...statements], appendOnly: [] }];
}

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!canMount)('under SQLite', async () => {
  const disk = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  const file = join(disk, 'metadata.db');
  const open = (migrations?: readonly Migration[]) => openSqlite(file, Date.now, undefined, migrations);
  const later = laterMigrations(
    `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
      insert into "later" select i, randomblob(1000) from n`,
  );
  const before = await open();
  await write(before, 'before');
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(5 * 1024 * 1024));
  // Of its own accord SQLite keeps what does not fit into its cache until the end; the log has to take it all.
  await expect(open(later)).rejects.toMatchObject({ code: 'server-full' });
  // Neither who had it open nor who opens it anew sees anything of it.
  await write(before, 'beside');
  await before.close();
  const after = await open();
  await write(after, 'after');
  expect([await names(after), await hasTable(after)]).toEqual([['after', 'before', 'beside'], false]);
  expect(await after.sql.integrity(after.read)).toEqual([]);
  await after.close();
  rmSync(filler);
  const newer = await open(later);
  expect([await names(newer), await hasTable(newer)]).toEqual([['after', 'before', 'beside'], true]);
  await newer.close();
});

test('under PostgreSQL', async () => {
  const folder = engineFolder();
  const engine = await startPostgres({ folder: folder.path });
  onTestFinished(async () => {
    await engine.kill();
    folder.remove();
  });
  const urls = [await engine.createDatabase('full')];
  const full = `do $$ begin if not exists (select 1 from setting where name = 'room') then
    raise exception using errcode = 'disk_full', message = 'could not extend file'; end if; end $$`;
  const later = laterMigrations(full);
  const before = await openPostgres({ urls });
  await write(before, 'before');
  await expect(openPostgres({ urls, migrations: later })).rejects.toMatchObject({ code: 'server-full' });
  await write(before, 'beside');
  expect(await hasTable(before)).toBe(false);
  await before.close();
  const after = await openPostgres({ urls });
  await write(after, 'room');
  expect([await names(after), await hasTable(after)]).toEqual([['before', 'beside', 'room'], false]);
  await after.close();
  const newer = await openPostgres({ urls, migrations: later });
  expect([await names(newer), await hasTable(newer)]).toEqual([['before', 'beside', 'room'], true]);
  await newer.close();
});
