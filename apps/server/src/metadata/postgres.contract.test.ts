import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startPostgres, type Postgres } from '../../../../tools/engines/postgres.ts';
import { startServer } from '../server.ts';
import { engineFolder } from '../testing/engine-folder.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { MetadataDatabase } from './database.ts';
import { describeMetadata } from './metadata.contract.ts';
import { MIGRATIONS } from './migrate.ts';
import { openPostgres, SCHEMA_LOCK } from './postgres.ts';

const folder = engineFolder();
let engine: Postgres;
let count = 0;

beforeAll(async () => {
  engine = await startPostgres({ folder: folder.path });
});
afterAll(async () => {
  await engine.kill();
  folder.remove();
});

function newDatabase(): Promise<string> {
  return engine.createDatabase(`test${++count}`);
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

const open = (url: string, statementMs?: number): Promise<MetadataDatabase> =>
  openPostgres({ urls: [url], ...(statementMs === undefined ? {} : { statementMs }) });

function raw(metadata: MetadataDatabase, text: string): Promise<unknown[]> {
  return metadata.write(async (writer) => (await writer.executeQuery(CompiledQuery.raw(text))).rows);
}

describe('metadata in PostgreSQL', () => {
  describeMetadata(async () => {
    const url = await newDatabase();
    return { metadata: await open(url), reopen: () => open(url) };
  });

  test('every commit is flushed before it is acknowledged, whatever the server’s own default', async () => {
    const url = await newDatabase();
    await engine.query('alter system set synchronous_commit = off');
    await engine.query('select pg_reload_conf()');
    const metadata = await open(url);
    expect(await raw(metadata, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await metadata.close();
    await engine.query('alter system reset synchronous_commit');
  });

  test('nor does it matter what its address asks for', async () => {
    const url = `${await newDatabase()}?options=${encodeURIComponent('-c synchronous_commit=off -c statement_timeout=0 -c work_mem=3MB')}`;
    const metadata = await open(url, 7_000);
    expect(await raw(metadata, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    expect(await raw(metadata, 'show statement_timeout')).toEqual([{ statement_timeout: '7s' }]);
    expect(await raw(metadata, 'show work_mem')).toEqual([{ work_mem: '3MB' }]);
    await metadata.close();
  });

  test('a database that cannot be used is refused with the reason', async () => {
    const url = await newDatabase();
    await expect(open(url.replace(/test\d+$/, 'nowhere'))).rejects.toMatchObject({
      code: 'server-error',
      message: expect.stringContaining('database "nowhere" does not exist') as string,
    });
    await engine.query(`alter database "${databaseOf(url)}" connection limit 0`);
    await engine.query('create role guest login');
    await expect(open(url.replace('postgres@', 'guest@'))).rejects.toThrow(/too many connections for database/);
  });

  test('history cannot be truncated either', async () => {
    const metadata = await open(await newDatabase());
    for (const table of ['entry', 'file_version', 'user_chain'])
      await expect(raw(metadata, `truncate "${table}"`)).rejects.toThrow(/append-only/);
    await metadata.close();
  });

  test('packs of one database are refused to a server on another one, which would sweep them all', async () => {
    const data = temporaryFolder();
    const start = async (url: string): Promise<void> => {
      const config = { data, listen: '127.0.0.1:0', logLevel: 'silent' as const, postgres: { urls: [url] } };
      await (await startServer(config)).close();
    };
    const own = await newDatabase();
    await start(own);
    await start(own);
    await expect(start(await newDatabase())).rejects.toMatchObject({ code: 'state-corrupt' });
    await start(own);
  });

  test('nodes that start at the same moment migrate once', async () => {
    const url = await newDatabase();
    const nodes = await Promise.all(Array.from({ length: 4 }, () => open(url)));
    expect(await raw(nodes[0] as MetadataDatabase, 'select number from migration')).toHaveLength(MIGRATIONS.length);
    await Promise.all(nodes.map((node) => node.close()));
  });

  test('a node waits for another one that migrates, longer than any statement may take', async () => {
    const url = await newDatabase();
    const other = new Client({ connectionString: url });
    await other.connect();
    onTestFinished(() => other.end());
    await other.query(`select pg_advisory_lock(${SCHEMA_LOCK})`);
    const opening = open(url, 100);
    const opened = opening.then(
      () => 'opened',
      () => 'given up',
    );
    // A statement of this node is given up after 100 ms by the database, and after 2.1 s by the node.
    expect(await Promise.race([opened, wait(3_000)])).toBeUndefined();
    await other.query(`select pg_advisory_unlock(${SCHEMA_LOCK})`);
    const metadata = await opening;
    await expect(raw(metadata, 'select pg_sleep(5)')).rejects.toMatchObject({ code: 'server-error' });
    await metadata.close();
  });

  test('a node goes on while a newer one gives its tables more columns', async () => {
    const url = await newDatabase();
    const metadata = await openPostgres({ urls: [url], connections: 1 });
    const row = { name: 'kept', value: new Uint8Array([1]) };
    const look = () => metadata.read.selectFrom('setting').selectAll().where('name', '=', 'kept').execute();
    const change = () =>
      metadata.write(async (writer) => {
        const [had] = await writer.selectFrom('setting').selectAll().where('name', '=', 'kept').execute();
        await metadata.sql.insertMany(writer, 'setting', [row], { keys: ['name'], update: ['value'] });
        return had;
      });
    for (let i = 0; i < 2; i++) {
      await change();
      await look();
    }
    await engine.query('alter table setting add column later bigint not null default 7', databaseOf(url));
    expect(await look()).toMatchObject([{ name: 'kept' }]);
    expect(await change()).toMatchObject({ name: 'kept' });
    expect(await look()).toMatchObject([{ name: 'kept' }]);
    await metadata.close();
  });

  test('data that a newer server migrated is refused', async () => {
    const url = await newDatabase();
    const metadata = await open(url);
    await raw(metadata, `insert into migration values (${MIGRATIONS.length + 1}, 'later', 'x', 1)`);
    await metadata.close();
    await expect(open(url)).rejects.toMatchObject({ code: 'state-newer' });
  });

  test('transactions that lock each other are run again, and both stand', async () => {
    const metadata = await open(await newDatabase());
    await raw(metadata, `insert into setting values ('a', '0'), ('b', '0')`);
    const runs = [0, 0];
    const hasFirst = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const both = (names: [string, string], at: 0 | 1): Promise<void> =>
      metadata.write(async (writer) => {
        runs[at]!++;
        for (const name of names) {
          await writer
            .updateTable('setting')
            .set({ value: new Uint8Array([at + 1]) })
            .where('name', '=', name)
            .execute();
          hasFirst[at]!.resolve();
          // However slow the machine: each holds what the other asks for next.
          await Promise.all(hasFirst.map(({ promise }) => promise));
        }
      });
    await Promise.all([both(['a', 'b'], 0), both(['b', 'a'], 1)]);
    expect(runs[0]! + runs[1]!).toBeGreaterThan(2);
    await metadata.close();
  });

  test('a statement that takes too long is given up, and the next one runs', async () => {
    const metadata = await open(await newDatabase(), 200);
    await expect(raw(metadata, 'select pg_sleep(5)')).rejects.toMatchObject({ code: 'server-error' });
    expect(await raw(metadata, 'select 1 as one')).toEqual([{ one: 1 }]);
    await metadata.close();
  });

  test('a lost database is `server-error`, for what runs and what begins, until it is back', async () => {
    const metadata = await open(await newDatabase());
    const row = { name: 'kept', value: new Uint8Array(randomBytes(8)) };
    await metadata.write((writer) => metadata.sql.insertMany(writer, 'setting', [row]));
    const running = metadata.write((writer) => writer.executeQuery(CompiledQuery.raw('select pg_sleep(5)')));
    const failed = expect(running).rejects.toMatchObject({ code: 'server-error' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await engine.kill();
    await failed;
    const { read } = metadata;
    await expect(read.selectFrom('setting').selectAll().execute()).rejects.toMatchObject({ code: 'server-error' });
    await engine.restart();
    // A node that has been there for some seconds has written its proof that this is the primary.
    const written = read.selectFrom('setting').select('name').where('name', 'not like', 'lease/%');
    expect(await written.execute()).toEqual([{ name: 'kept' }]);
    await metadata.close();
  });

  test('a database that hangs is given up, and answers again when it goes on', async () => {
    const url = await newDatabase();
    const metadata = await open(url, 300);
    await raw(metadata, 'select 1');
    await engine.query('select 1');
    const backend = Number(
      await engine.query(
        `select pid from pg_stat_activity where application_name = 'onefold-server' and datname = '${databaseOf(url)}' limit 1`,
      ),
    );
    process.kill(backend, 'SIGSTOP');
    await expect(raw(metadata, 'select 1')).rejects.toMatchObject({ code: 'server-error' });
    expect(await raw(metadata, 'select 2 as two')).toEqual([{ two: 2 }]);
    process.kill(backend, 'SIGCONT');
    await metadata.close();
  });

  test('the primary among several addresses is found', async () => {
    const url = await newDatabase();
    const nobody = 'postgres://postgres@127.0.0.1:1/none';
    const metadata = await openPostgres({ urls: [nobody, url] });
    expect(await raw(metadata, 'select 1 as one')).toEqual([{ one: 1 }]);
    await metadata.close();
    await expect(openPostgres({ urls: [nobody] })).rejects.toMatchObject({ code: 'server-error' });
  });
});
