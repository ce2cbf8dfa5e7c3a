import { MessageChannelMain, utilityProcess } from 'electron';
import type { MessagePortMain, UtilityProcess, WebContents } from 'electron';
import { WINDOW_MESSAGES } from '@onefold/control';
import type { EngineKey } from './home-key.ts';
import { restartDelayMs } from './restart-delay.ts';

/*
 *   stopped --start--> running --(ended by itself)--> waiting --(after a delay)--> running
 *                         |--(ended because somebody asked it to, by the command line)--> stopped: the app follows
 *                         '--stop--> stopping --(ended, or killed after a while)--> stopped
 */
export interface EngineProcess {
  /** Gives the engine one end of a line. False when it does not run: the port is then closed. */
  readonly join: (port: MessagePortMain) => boolean;
  /** Joins a page and the engine by a port, and keeps neither end. */
  readonly giveLine: (page: WebContents, line: number) => void;
  /** Lets the engine finish what it is writing, then ends it. */
  readonly stop: () => Promise<void>;
}

interface EngineProcessOptions {
  readonly modulePath: string;
  readonly version: string;
  /** What the engine opens the home with; asked each time it starts. */
  readonly key: () => Promise<EngineKey | null>;
  /** Called each time a process runs and can be joined. */
  readonly onStarted: () => void;
  /** Called each time the process ends, and with it every line. */
  readonly onEnded: () => void;
  /** Called instead of a new start when the engine was asked to end and not by this process. */
  readonly onAskedToEnd: () => void;
}

const STOP_WITHIN_MS = 10_000;
const RUNS_KEPT = 32;
/** The engine's exit code for an end that was asked for. */
const EXIT_ASKED = 0;

/** Runs the engine in a process of its own and starts it again whenever it ends by itself. */
export function startEngineProcess(options: EngineProcessOptions): EngineProcess {
  const { modulePath, version, key, onStarted, onEnded, onAskedToEnd } = options;
  const ranMs: number[] = [];
  let child: UtilityProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isStopping = false;

  function start(): void {
    const startedMs = performance.now();
    const started = utilityProcess.fork(modulePath, [version], { serviceName: 'Onefold engine', stdio: 'inherit' });
    child = started;
    started.once('spawn', () => {
      onStarted();
      // By this line alone: arguments and environment of a process are for others to read.
      void key()
        .catch(() => null)
        .then((opened) => started.postMessage({ kind: 'key', key: opened }));
    });
    started.once('exit', (code) => {
      child = null;
      onEnded();
      if (isStopping) return;
      if (code === EXIT_ASKED) {
        onAskedToEnd();
        return;
      }
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

  function join(port: MessagePortMain): boolean {
    if (child === null || isStopping) {
      port.close();
      return false;
    }
    child.postMessage({ kind: 'line' }, [port]);
    return true;
  }

  start();
  return {
    join,
    giveLine(page, line) {
      const { port1, port2 } = new MessageChannelMain();
      if (join(port1)) page.postMessage(WINDOW_MESSAGES.line, line, [port2]);
      else page.send(WINDOW_MESSAGES.linesEnded);
    },
    stop,
  };
}
