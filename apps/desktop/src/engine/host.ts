import { createControlServer } from '@onefold/control';
import type { ControlHandlers, ControlServer } from '@onefold/control';
import { createPortCarrier } from './port-carrier.ts';
import type { EnginePort } from './port-carrier.ts';

/** What the host runs: the engine behind the control surface's calls. */
export interface HostedEngine {
  readonly handlers: ControlHandlers;
  /** Sends the engine's events to the server until the function it returns is called. */
  readonly publishTo: (server: ControlServer) => () => void;
  /** Ends when everything begun is written or can be taken up again. */
  readonly close: () => Promise<void>;
}

/** The process that forked this one. */
export interface HostParent {
  on(
    event: 'message',
    listener: (event: { readonly data: unknown; readonly ports: readonly EnginePort[] }) => void,
  ): unknown;
}

/*
 *   opening --(engine open)--> serving --stop--> closing --> ended
 *      |                          lines that came while opening are served now
 *      '--(cannot open)--> ended with code 1: whoever forked us starts us again, later each time
 */
export interface EngineHost {
  /** The exit code, once there is nothing left to do. */
  readonly ended: Promise<number>;
}

export function createEngineHost(parent: HostParent, openEngine: () => Promise<HostedEngine>): EngineHost {
  const early: EnginePort[] = [];
  let server: ControlServer | null = null;
  let askToStop: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    askToStop = resolve;
  });

  parent.on('message', ({ data, ports }) => {
    const kind = (data as { kind?: unknown } | null)?.kind;
    if (kind === 'stop') askToStop();
    if (kind !== 'line') return;
    for (const port of ports) {
      if (server === null) early.push(port);
      else server.serve(createPortCarrier(port));
    }
  });

  async function run(): Promise<number> {
    let engine: HostedEngine;
    try {
      engine = await openEngine();
    } catch (error) {
      process.stderr.write(
        `onefold: the engine cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return 1;
    }
    const handlers: ControlHandlers = {
      ...engine.handlers,
      stop: () => {
        askToStop();
        return {};
      },
    };
    const opened = createControlServer(handlers);
    server = opened;
    const unsubscribe = engine.publishTo(opened);
    for (const port of early.splice(0)) opened.serve(createPortCarrier(port));
    await asked;
    unsubscribe();
    opened.close();
    await engine.close();
    return 0;
  }

  return { ended: run() };
}
