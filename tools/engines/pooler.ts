import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answersAt,
  findFreePorts,
  makeEngineFolder,
  spawnEngine,
  whenReady,
  type EngineCommand,
} from './engine-process.ts';

export interface Pooler {
  /** The address of a database as the pooler has it. */
  urlOf(database: string): string;
  kill(): Promise<void>;
}

const USER = 'postgres';

/** PgBouncer before a PostgreSQL on loopback. `settings`: more lines of its section `pgbouncer`. */
export async function startPooler(options: {
  readonly folder: string;
  readonly postgresPort: number;
  readonly mode: 'session' | 'transaction';
  readonly settings?: readonly string[];
}): Promise<Pooler> {
  const [port = 0] = await findFreePorts(1);
  const folder = join(options.folder, `pooler${port}`);
  await makeEngineFolder(folder, USER);
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    // `any` lets everybody in, as the user that is named here.
    `* = user=postgres host=127.0.0.1 port=${options.postgresPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${options.mode}`,
    ...(options.settings ?? []),
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o644 });
  const command: EngineCommand = {
    name: 'pgbouncer',
    folder,
    command: '/usr/sbin/pgbouncer',
    args: [file],
    user: USER,
  };
  const engine = spawnEngine(command);
  await whenReady(engine, command, () => answersAt(port));
  return { urlOf: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`, kill: () => engine.kill() };
}
