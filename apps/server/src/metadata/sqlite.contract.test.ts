import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { describeMetadata } from './metadata.contract.ts';
import { migrationHash, MIGRATIONS } from './migrate.ts';
import { openSqlite } from './sqlite.ts';

describe('metadata in SQLite', () => {
  describeMetadata(async () => {
    const file = join(temporaryFolder(), 'metadata.db');
    return { metadata: await openSqlite(file), reopen: () => openSqlite(file) };
  });

  test('every commit is flushed: WAL with synchronous=FULL', async () => {
    const file = join(temporaryFolder(), 'metadata.db');
    const metadata = await openSqlite(file);
    const { CompiledQuery } = await import('kysely');
    const ask = (name: string) => metadata.write((writer) => writer.executeQuery(CompiledQuery.raw(`pragma ${name}`)));
    expect((await ask('journal_mode')).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await ask('synchronous')).rows).toEqual([{ synchronous: 2 }]);
    await metadata.close();
  });

  test('data that a newer server migrated is refused, and left as it is', async () => {
    const file = join(temporaryFolder(), 'metadata.db');
    await (await openSqlite(file)).close();
    const direct = new Database(file);
    direct.prepare('insert into migration values (?, ?, ?, ?)').run(MIGRATIONS.length + 1, 'later', 'x', 1);
    direct.close();
    await expect(openSqlite(file)).rejects.toMatchObject({ code: 'state-newer' });
  });

  test('data that lacks a migration, and has one that this server does not know, is damaged and not newer', async () => {
    const file = join(temporaryFolder(), 'metadata.db');
    await (await openSqlite(file)).close();
    const direct = new Database(file);
    direct.prepare('update migration set number = number + 1 where number = ?').run(MIGRATIONS.length);
    direct.close();
    await expect(openSqlite(file)).rejects.toMatchObject({ code: 'state-corrupt' });
  });

  test('data whose past is not this server’s is refused', async () => {
    const file = join(temporaryFolder(), 'metadata.db');
    await (await openSqlite(file)).close();
    const direct = new Database(file);
    direct.prepare(`update migration set hash = 'x'`).run();
    direct.close();
    await expect(openSqlite(file)).rejects.toMatchObject({ code: 'state-corrupt' });
  });

  test('released migrations are frozen', () => {
    expect(MIGRATIONS.map((migration) => [migration.number, migrationHash(migration)])).toEqual([
      [1, '1d3640bec74ac80caf5045906e2fde0824d3d470e14a71214d09934e81d7bda0'],
      [2, '29ec7f3825b5c522af3c55855313977ee73e37f79239b9a3504712b4e07ff234'],
      [3, '6a4660600ac0ba5e7209ef8d7820824d52fba413a02ba01b9d59ae7df10c0991'],
      [4, 'b8e4b951031233a1d5c8009c59bf3f61a19023bb81c7e963d78b4e21a337dbb3'],
      [5, '5d7917fff7eae264843331ae9619b8665bc2a4b49e1953513aff60866bfaa642'],
      [6, '9f447108e4e67c20181fd8818d54600c9a27a974ad669c09994211a4fe24bad6'],
      [7, '363bf9ba16c3dfc1ecd5b5616d5c2f104acc52ebce270170c75790c6b6463003'],
      [8, 'ce29a707ec846a861acf908247ee5005633816b1bd89bfffce738a5719fcfa80'],
      [9, 'cf17ca10a638abd0233bd45c28372b84c6b187c2cd85f59fbb52a435ae10e1cd'],
      [10, 'a23f9680fd3b681b19bbe861f93864a942bc1ea1598989c0700e0caf521236bf'],
      [11, 'fff9442c4fdf022c68234568cfa4f53009d06639875143e51e2c21845bdba942'],
      [12, '2f8e9a34bece4a0ec0ba67feeef061c7a862b71f8bb912ae467e9ae700a227d5'],
      [13, 'f865b9b1300e8e0893a2997940ed0cf5b682736c763ec941fd5758fef279510e'],
      [14, '57ed5b6e70b7353ef7e1d1ecb3aaa728fca37741eeb5185336458a6a5b7f2050'],
    ]);
  });
});
