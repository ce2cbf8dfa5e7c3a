import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFreePorts,
  makeEngineFolder,
  runEngineCommand,
  sleep,
  spawnEngine,
  whenReady,
  type EngineProcess,
} from './engine-process.ts';

const USER = 'postgres';
/** Where Debian keeps the programs of its PostgreSQL versions. */
const BINARIES = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
/** How often, and how long apart, one is started on the folder of one that was killed. */
const RESTARTS = 50;
const RESTART_MS = 100;
const QUICK = ['fsync=off', 'full_page_writes=off'];

export interface PostgresOptions {
  /** Parent of its data; its own user must be able to enter it. */
  readonly folder: string;
  /** Commits outlive `kill -9` of the machine's processes; off for tests that kill nothing. */
  readonly isDurable?: boolean;
  readonly settings?: readonly string[];
}

export interface Postgres {
  readonly port: number;
  /** Of its database `postgres`; `createDatabase` answers one like it. */
  readonly url: string;
  createDatabase(name: string): Promise<string>;
  /** Runs SQL through psql and answers the rows, columns parted by `|`. */
  query(sql: string, database?: string): Promise<string>;
  /** What an operator's backup of a database is: pg_dump, into a file of its own format. Answers the file. */
  dump(database: string): Promise<string>;
  /** Fills an empty database from such a file. */
  load(file: string, database: string): Promise<void>;
  process(): EngineProcess;
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same data and port. */
  restart(): Promise<void>;
  /** A streaming standby that this one waits for with each commit. */
  addSynchronousStandby(name: string): Promise<Postgres>;
  promote(): Promise<void>;
}

function binary(name: string): string {
  const folder = BINARIES.find((candidate) => existsSync(join(candidate, 'initdb')));
  if (folder === undefined) throw new Error('PostgreSQL is not installed');
  return join(folder, name);
}

/** A fresh PostgreSQL on loopback. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const folder = join(options.folder, 'postgres');
  await makeEngineFolder(folder, USER);
  const args = ['-U', 'postgres', '-A', 'trust', '--no-sync', '--no-instructions', '-E', 'UTF8', '--locale=C.UTF-8'];
  await runEngineCommand(binary('initdb'), ['-D', join(folder, 'data'), ...args], { folder, user: USER });
  return serve(folder, options);
}

async function serve(folder: string, options: PostgresOptions): Promise<Postgres> {
  const [port = 0] = await findFreePorts(1);
  const settings = [
    ...(options.isDurable === true ? [] : QUICK),
    'max_connections=300',
    'shared_buffers=128MB',
    'max_wal_senders=5',
    'wal_keep_size=256MB',
    'wal_receiver_status_interval=1',
    ...(options.settings ?? []),
  ];
  const command = {
    name: 'postgres',
    folder,
    command: binary('postgres'),
    args: [
      ...['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', String(port), '-k', folder],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    user: USER,
  };
  let engine = spawnEngine(command);
  const isReady = async (): Promise<boolean> => {
    await runEngineCommand(binary('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)], { folder });
    return true;
  };
  await whenReady(engine, command, isReady);
  const urlOf = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const query = (sql: string, database = 'postgres'): Promise<string> =>
    runEngineCommand(binary('psql'), ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(database), '-c', sql], {
      folder,
    });
  return {
    port,
    url: urlOf('postgres'),
    query,
    async createDatabase(name) {
      await query(`create database "${name}"`);
      return urlOf(name);
    },
    async dump(database) {
      const file = join(tmpdir(), `onefold-${randomUUID()}.dump`);
      await runEngineCommand(binary('pg_dump'), ['-Fc', '-d', urlOf(database), '-f', file], { folder });
      return file;
    },
    async load(file, database) {
      await runEngineCommand(binary('pg_restore'), ['--exit-on-error', '-d', urlOf(database), file], { folder });
    },
    process: () => engine,
    kill: () => engine.kill(),
    async restart() {
      for (let tries = 1; ; tries++) {
        engine = spawnEngine(command);
        try {
          await whenReady(engine, command, isReady);
          return;
        } catch (thrown) {
          // Whoever served under one that was killed holds its memory until it notices.
          if (tries === RESTARTS || !String(thrown).includes('pre-existing shared memory block')) throw thrown;
          await sleep(RESTART_MS);
        }
      }
    },
    async addSynchronousStandby(name) {
      const standby = `${folder}-${name}`;
      await makeEngineFolder(standby, USER);
      const source = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
      await runEngineCommand(
        binary('pg_basebackup'),
        ['-D', join(standby, 'data'), '-R', '-X', 'stream', '-c', 'fast', '--no-sync', ...source],
        { folder: standby, user: USER },
      );
      const connection = `host=127.0.0.1 port=${port} user=postgres application_name=${name}`;
      await appendFile(join(standby, 'data', 'postgresql.auto.conf'), `primary_conninfo = '${connection}'\n`);
      const started = await serve(standby, { ...options, settings: [...(options.settings ?? []), 'hot_standby=on'] });
      await query(`alter system set synchronous_standby_names = '${name}'`);
      await query('select pg_reload_conf()');
      const isSynchronous = async (): Promise<boolean> =>
        (await query(`select sync_state from pg_stat_replication where application_name = '${name}'`)).trim() ===
        'sync';
      await whenReady(engine, command, isSynchronous);
      return started;
    },
    async promote() {
      await query(`alter system reset synchronous_standby_names`);
      await query('select pg_reload_conf(), pg_promote(true, 30)');
    },
  };
}
