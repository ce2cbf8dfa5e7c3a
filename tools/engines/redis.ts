import { connect } from 'node:net';
import { join } from 'node:path';
import {
  answersAt,
  findFreePorts,
  makeEngineFolder,
  spawnEngine,
  whenReady,
  type EngineProcess,
} from './engine-process.ts';

export interface Redis {
  readonly port: number;
  readonly url: string;
  /** Forgets everything. */
  flush(): Promise<void>;
  /** Runs a command that answers OK. */
  run(command: string): Promise<void>;
  process(): EngineProcess;
  kill(): Promise<void>;
  /** Starts it again after `kill`, empty, at the same port. */
  restart(): Promise<void>;
}

/** A Redis on loopback that keeps nothing on disk. */
export async function startRedis(options: { readonly folder: string }): Promise<Redis> {
  const folder = join(options.folder, 'redis');
  await makeEngineFolder(folder);
  const [port = 0] = await findFreePorts(1);
  const keepNothing = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const command = {
    name: 'redis',
    folder,
    command: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...keepNothing],
  };
  let engine = spawnEngine(command);
  await whenReady(engine, command, () => answersAt(port));
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    flush: () => sendCommand(port, 'FLUSHALL'),
    run: (command) => sendCommand(port, command),
    process: () => engine,
    kill: () => engine.kill(),
    async restart() {
      engine = spawnEngine(command);
      await whenReady(engine, command, () => answersAt(port));
    },
  };
}

/** Sends one inline command and waits for its answer. */
function sendCommand(port: number, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+OK')) resolve();
      else reject(new Error(answer.toString()));
    });
  });
}
