import { openHomeEngine } from '@onefold/engine/node';
import type { HomeEngine, HomeKey } from '@onefold/engine/node';
import { OnefoldError } from '@onefold/control';
import { serveHome } from '@onefold/host';
import { attachToDaemon } from './attach-to-daemon.ts';
import type { HostedEngine } from './host.ts';

export interface OpenOptions {
  readonly home: string;
  readonly version: string;
  readonly key: HomeKey | null;
  readonly serverProgram: URL;
  /** Somebody asked for the engine's end by the call "stop". */
  readonly onStopAsked: () => void;
}

/**
 * Opens the device's engine in this process, or attaches to the daemon that already runs it. A home without account gets one by the page.
 * Rejects when another process holds the home and does not answer.
 */
export async function openEngine(options: OpenOptions): Promise<HostedEngine> {
  let engine: HomeEngine;
  try {
    engine = await openHomeEngine({ home: options.home, ...(options.key === null ? {} : { key: options.key }) });
  } catch (error) {
    if (error instanceof OnefoldError && error.code === 'daemon-running') return attachToDaemon(options.home);
    throw error;
  }
  return hostEngine(engine, options);
}

async function hostEngine(
  engine: HomeEngine,
  { home, version, serverProgram, onStopAsked }: OpenOptions,
): Promise<HostedEngine> {
  const served = await serveHome({
    home,
    engine,
    identity: { version, pid: process.pid },
    serverProgram,
    calls: {
      uiUrl: () => {
        throw new OnefoldError('usage', 'the app is its own page and serves none');
      },
      stop: () => {
        onStopAsked();
        return {};
      },
    },
  });
  return {
    serve: (carrier) => served.control.serve(carrier),
    // An engine of this process ends with it.
    gone: new Promise<never>(() => undefined),
    close: () => served.close(),
  };
}
