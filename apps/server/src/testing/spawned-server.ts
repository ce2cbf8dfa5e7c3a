import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/onefold-server.mjs', import.meta.url));

export interface SpawnedServer {
  readonly pid: number;
  readonly url: string;
  /** Sends the signal to the server and waits for the end of the command. Answers its exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

export interface CommandResult {
  readonly code: number | string;
  readonly stdout: string;
}

function start(args: readonly string[], under: readonly string[] = []): ChildProcess {
  const [command = '', ...rest] = [...under, process.execPath, COMMAND, ...args];
  return spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)));
}

/** The real command on a folder, once it says it is ready. `under`: words that come before it, of a command that runs it. */
export async function spawnServer(data: string, under: readonly string[] = []): Promise<SpawnedServer> {
  const child = start(['--data', data, '--listen', '127.0.0.1:0', '--json'], under);
  const ended = endOf(child);
  if (child.stdout === null) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    ended.then((code) => {
      throw new Error(`the server ended: ${code}`);
    }),
  ]);
  const ready = JSON.parse(first) as { event: string; pid: number; url: string };
  if (ready.event !== 'ready') throw new Error(first);
  return {
    pid: ready.pid,
    url: ready.url,
    end: (signal) => {
      process.kill(ready.pid, signal);
      return ended;
    },
  };
}

/** The real command, run to its end. */
export async function runServerCommand(args: readonly string[]): Promise<CommandResult> {
  const child = start(args);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const code = await endOf(child);
  return { code, stdout };
}
