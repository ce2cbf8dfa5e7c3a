import { Worker } from 'node:worker_threads';
import { fromReport, OnefoldError } from '@onefold/protocol';

/** The part of the server's configuration that is chosen here. */
export interface ServerThreadConfig {
  readonly data: string;
  readonly listen: string;
  readonly logFile: string;
  readonly registration: 'first';
}

export interface ServerThread {
  readonly port: number;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
  /** Lets it answer what was asked. */
  close(): Promise<void>;
}

/** Runs the server in a thread until it answers. Throws what the server says of its configuration, or `internal`. */
export async function startServerThread(program: URL, config: ServerThreadConfig): Promise<ServerThread> {
  const worker = new Worker(program, { workerData: config });
  // Otherwise an error in the thread would end the process.
  let failure: unknown = null;
  worker.on('error', (error: unknown) => {
    failure = error;
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const said = await Promise.race([
    new Promise<Said>((resolve) => worker.once('message', resolve)),
    ended.then((): Said => ({})),
  ]);
  if (said.error !== undefined) throw fromReport(said.error);
  if (said.url === undefined)
    throw new OnefoldError('internal', 'the server ended before it answered', { cause: failure });
  return {
    port: Number(new URL(said.url).port),
    ended,
    async close() {
      worker.postMessage('close');
      await ended;
    },
  };
}

interface Said {
  readonly url?: string;
  readonly error?: { readonly code: string; readonly message: string };
}
