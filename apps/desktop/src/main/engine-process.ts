import { utilityProcess } from 'electron';
import type { MessagePortMain, UtilityProcess } from 'electron';
import { restartDelayMs } from './restart-delay.ts';

/*
 *   stopped --start--> running --(ended by itself)--> waiting --(after a delay)--> running
 *                         '--stop--> stopping --(ended, or killed after a while)--> stopped
 */
export interface EngineProcess {
  /** Gives the engine one end of a line. False when it does not run: the port is then closed. */
  readonly join: (port: MessagePortMain) => boolean;
  /** Lets the engine finish what it is writing, then ends it. */
  readonly stop: () => Promise<void>;
}

interface EngineProcessOptions {
  readonly modulePath: string;
  readonly version: string;
  /** Called each time the process ends, and with it every line. */
  readonly onEnded: () => void;
}

const STOP_WITHIN_MS = 10_000;
const RUNS_KEPT = 32;

/** Runs the engine in a process of its own and starts it again whenever it ends by itself. */
export function startEngineProcess({ modulePath, version, onEnded }: EngineProcessOptions): EngineProcess {
  const ranMs: number[] = [];
  let child: UtilityProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isStopping = false;

  function start(): void {
    const startedMs = performance.now();
    const started = utilityProcess.fork(modulePath, [version], { serviceName: 'Onefold engine', stdio: 'inherit' });
    child = started;
    started.once('exit', () => {
      child = null;
      onEnded();
      if (isStopping) return;
      ranMs.push(performance.now() - startedMs);
      ranMs.splice(0, ranMs.length - RUNS_KEPT);
      timer = setTimeout(start, restartDelayMs(ranMs));
    });
  }

  async function stop(): Promise<void> {
    isStopping = true;
    if (timer !== null) clearTimeout(timer);
    const running = child;
    if (running === null) return;
    await new Promise<void>((resolve) => {
      const impatience = setTimeout(() => running.kill(), STOP_WITHIN_MS);
      running.once('exit', () => {
        clearTimeout(impatience);
        resolve();
      });
      running.postMessage({ kind: 'stop' });
    });
  }

  start();
  return {
    join(port) {
      if (child === null || isStopping) {
        port.close();
        return false;
      }
      child.postMessage({ kind: 'line' }, [port]);
      return true;
    },
    stop,
  };
}
