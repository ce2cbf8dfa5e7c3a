import type { Carrier } from '@onefold/control';
import type { HomeKey } from '@onefold/engine/node';
import { createPortCarrier } from '@onefold/host';
import type { EnginePort } from '@onefold/host';

/** What the host runs, or speaks to: the engine behind the control surface's calls. */
export interface HostedEngine {
  /** Answers one line until it ends. */
  readonly serve: (carrier: Carrier) => void;
  /** Resolves when an engine that is not of this process ends. */
  readonly gone: Promise<void>;
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

/** Exit codes of the engine's process, for whoever forked it. */
export const ENGINE_EXIT = { asked: 0, cannotStart: 1, daemonGone: 3 } as const;

/*
 *   keyless --(the parent has said with which key the home opens)--> opening
 *   opening --(engine open)--> serving --stop--> closing --> ended, `asked`
 *      |                          |  '--(an attached daemon ended)--> ended, `daemonGone`: the next one runs the engine itself
 *      |                       lines that came while opening are served now
 *      '--(cannot open)--> ended, `cannotStart`: whoever forked us starts us again, later each time
 */
export interface EngineHost {
  /** The exit code, once there is nothing left to do. */
  readonly ended: Promise<number>;
}

export function createEngineHost(
  parent: HostParent,
  openEngine: (onStopAsked: () => void, key: HomeKey | null) => Promise<HostedEngine>,
): EngineHost {
  const early: EnginePort[] = [];
  let engine: HostedEngine | null = null;
  let askToStop: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    askToStop = resolve;
  });

  let giveKey: (key: HomeKey | null) => void = () => undefined;
  const given = new Promise<HomeKey | null>((resolve) => {
    giveKey = resolve;
  });

  parent.on('message', ({ data, ports }) => {
    const { kind, key } = (data ?? {}) as { kind?: unknown; key?: unknown };
    if (kind === 'key') giveKey(readKey(key));
    if (kind === 'stop') askToStop();
    if (kind !== 'line') return;
    for (const port of ports) {
      if (engine === null) early.push(port);
      else engine.serve(createPortCarrier(port));
    }
  });

  async function run(): Promise<number> {
    let opened: HostedEngine;
    try {
      opened = await openEngine(askToStop, await given);
    } catch (error) {
      process.stderr.write(
        `onefold: the engine cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return ENGINE_EXIT.cannotStart;
    }
    engine = opened;
    for (const port of early.splice(0)) opened.serve(createPortCarrier(port));
    const code = await Promise.race([
      asked.then(() => ENGINE_EXIT.asked),
      opened.gone.then(() => ENGINE_EXIT.daemonGone),
    ]);
    await opened.close();
    return code;
  }

  return { ended: run() };
}

/** What the main process says of the home's key; null where the home is opened without one. */
function readKey(said: unknown): HomeKey | null {
  const { key, sealed, isWanted } = (said ?? {}) as { key?: unknown; sealed?: unknown; isWanted?: unknown };
  if (typeof key !== 'string' || typeof sealed !== 'string') return null;
  return { key: Buffer.from(key, 'base64'), sealed: Buffer.from(sealed, 'base64'), isWanted: isWanted === true };
}
