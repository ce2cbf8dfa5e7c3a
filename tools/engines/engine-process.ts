import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

/*
 * Real engines (PostgreSQL, Redis, Ceph's S3, HAProxy) as children of this process, on loopback, in a folder of their own. They run in the
 * foreground and are killed by the system when this process ends, however it ends: nothing is left behind.
 */

const execute = promisify(execFile);
const READY_MS = 60_000;

export interface EngineProcess {
  readonly pid: number;
  isRunning(): boolean;
  /** Sends a signal; SIGSTOP and SIGCONT hang an engine and let it go on. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it and waits for its end. */
  kill(): Promise<void>;
}

export interface EngineCommand {
  readonly name: string;
  /** Holds its log, NAME.log, and is its working folder. */
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Runs as this user where this process is root. */
  readonly user?: string;
}

/** Words that come before a command so that it ends with this process and, if need be, runs as another user. */
function leash(user: string | undefined): string[] {
  const other = user !== undefined && process.getuid?.() === 0 ? [`--reuid=${user}`, `--regid=${user}`] : [];
  return ['--pdeathsig', 'SIGKILL', ...other, ...(other.length > 0 ? ['--clear-groups'] : []), '--'];
}

export function spawnEngine({ name, folder, command, args, user }: EngineCommand): EngineProcess {
  const log = openSync(join(folder, `${name}.log`), 'a');
  const child = spawn('setpriv', [...leash(user), command, ...args], { stdio: ['ignore', log, log], cwd: folder });
  closeSync(log);
  let isRunning = true;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isRunning = false;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  return {
    pid: child.pid ?? -1,
    isRunning: () => isRunning,
    signal: (signal) => void child.kill(signal),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs a command to its end and answers its stdout. Throws with its words when it fails. */
export async function runEngineCommand(
  command: string,
  args: readonly string[],
  options: { readonly folder: string; readonly user?: string },
): Promise<string> {
  const { stdout } = await execute('setpriv', [...leash(options.user), command, ...args], { cwd: options.folder });
  return stdout;
}

/** Waits until `isReady` answers true. Throws with the end of the engine's log when it ends before, or never gets there. */
export async function whenReady(
  engine: EngineProcess,
  { name, folder }: Pick<EngineCommand, 'name' | 'folder'>,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadlineMs = performance.now() + READY_MS;
  while (!(await isReady().catch(() => false))) {
    if (!engine.isRunning() || performance.now() > deadlineMs)
      throw new Error(`${name} did not get ready: ${readFileSync(join(folder, `${name}.log`), 'utf8').slice(-2_000)}`);
    await sleep(20);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether something accepts connections at the port of loopback. */
export function answersAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Different ports on loopback that nothing listens on at this moment. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Makes a folder that another user may enter, and hands it to that user where this process is root. */
export async function makeEngineFolder(folder: string, user?: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (user !== undefined && process.getuid?.() === 0) await execute('chown', [`${user}:${user}`, folder]);
}
