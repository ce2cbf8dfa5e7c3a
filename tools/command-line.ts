import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SMALL_HEAP_FLAGS, withSmallHeap } from '../packages/launcher/src/small-heap.mjs';
import { findFreePorts } from './engines/engine-process.ts';

/*
 * Runs the product the way a person does: by its command lines, as processes of their own. Every process started here ends with this one,
 * however this one dies: the children hold a channel whose end they notice.
 */

const GUARDED_ENTRY = fileURLToPath(new URL('../packages/launcher/src/guarded-entry.mjs', import.meta.url));
const ENTRIES = {
  onefold: new URL('../apps/cli/src/main.ts', import.meta.url).href,
  'onefold-server': new URL('../apps/server/src/main.ts', import.meta.url).href,
} as const;

export type Program = keyof typeof ENTRIES;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A command that ends in running the one that follows it, as `unshare` does. */
  readonly within?: readonly string[];
  /** Gets every line the process writes to stderr. */
  readonly onStderr?: (line: string) => void;
  /** Once aborted, commands and services not yet ready are ended and no further one starts. A ready service is its holder's to end. */
  readonly signal?: AbortSignal;
}

function start(program: Program, args: readonly string[], options: StartOptions): ChildProcess {
  options.signal?.throwIfAborted();
  const isLongLived = args[0] === 'daemon';
  const flags = isLongLived ? SMALL_HEAP_FLAGS : [];
  const [command = '', ...rest] = [
    ...(options.within ?? []),
    process.execPath,
    ...flags,
    GUARDED_ENTRY,
    ENTRIES[program],
    ...args,
  ];
  return spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...(isLongLived ? withSmallHeap(process.env) : process.env), ...options.env },
  });
}

/** Ends the child when the signal aborts, until the answer is called. */
function endOnAbort(child: ChildProcess, signal: AbortSignal | undefined): () => void {
  const end = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', end);
  return () => signal?.removeEventListener('abort', end);
}

/** Runs a command to its end; the exit code says how it went. Rejects only where the signal has aborted before. */
export function run(program: Program, args: readonly string[], options: StartOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = start(program, args, options);
    const release = endOnAbort(child, options.signal);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => resolve({ code: null, stdout, stderr: `${stderr}${error.message}` }));
    child.on('close', (code) => {
      release();
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a command that must succeed; answers its stdout. Throws with its words otherwise. */
export async function runOk(program: Program, args: readonly string[], options: StartOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options);
  if (code !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}: ${stderr.trim()} ${stdout.trim()}`);
  return stdout;
}

export interface Service {
  readonly pid: number;
  /** What its ready line said. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly exited: Promise<number | null>;
  isRunning(): boolean;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a server or daemon with `--json` and waits for its ready line. Throws with its words when it ends before. */
export async function startService(
  program: Program,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Service> {
  const child = start(program, [...args, '--json'], options);
  const release = endOnAbort(child, options.signal);
  const lastWords: string[] = [];
  let isRunning = true;
  const exited = new Promise<number | null>((resolve) => {
    child.on('exit', (code) => {
      isRunning = false;
      resolve(code);
    });
  });
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastWords.push(line);
      if (lastWords.length > 20) lastWords.shift();
      options.onStderr?.(line);
    });
  }
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('error', reject);
    void exited.then((code) =>
      reject(new Error(`${program} ended with ${String(code)} before it was ready: ${lastWords.join('\n')}`)),
    );
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const said = JSON.parse(line) as Record<string, unknown>;
      if (said['event'] === 'ready') resolve(said);
      else lastWords.push(typeof said['message'] === 'string' ? said['message'] : line);
    });
  }).finally(release);
  return {
    pid: child.pid ?? -1,
    ready,
    exited,
    isRunning: () => isRunning,
    async end(signal) {
      if (isRunning) child.kill(signal);
      return exited;
    },
  };
}

/** A port on loopback that nothing listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}
