import { rm } from 'node:fs/promises';
import { createControlServer, type ControlServer } from '@onefold/control';
import type { HomeEngine } from '@onefold/engine/node';
import { listenForControl } from './control-socket.ts';
import { createHomeHandlers, publishHomeEvents, type HostCalls, type Identity } from './core-handlers.ts';
import { controlAddress } from './home.ts';
import { openOwnServer } from './own-server.ts';
import { dropPidFile, keepPidFile } from './pid-file.ts';

/** A moment for the answer to "stop" to leave before its line closes. */
const LAST_WORDS_MS = 50;

export interface ServedHome {
  /** Takes lines of other kinds than the socket's, too. */
  readonly control: ControlServer;
  /** Ends every line, then the engine; what it was doing is written or can be taken up again. */
  close(): Promise<void>;
}

/**
 * Lets everyone who may reach an engine: command lines and the app by the home's socket, others by lines that the caller serves. The
 * engine holds the home's lock. `beforeKnown` runs before the pid file names this process: whoever reads that file may send a
 * signal at once.
 */
export async function serveHome(options: {
  readonly home: string;
  readonly engine: HomeEngine;
  readonly identity: Identity;
  readonly calls: HostCalls;
  /** What runs the server in a thread; null where it is not installed. */
  readonly serverProgram: URL | null;
  readonly beforeKnown?: () => void;
}): Promise<ServedHome> {
  const { home, engine, identity, calls } = options;
  // An engine that found nobody at its server would else wait, longer each time.
  const ownServer = await openOwnServer(home, options.serverProgram, () => engine.core()?.resumed());
  const control = createControlServer(createHomeHandlers(engine, ownServer, identity, calls));
  const unsubscribe = publishHomeEvents(engine, identity, control);
  const socket = await listenForControl(home, (carrier) => control.serve(carrier));
  options.beforeKnown?.();
  await keepPidFile(home);
  return {
    control,
    async close() {
      unsubscribe();
      socket.close();
      await new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
      control.close();
      await engine.close();
      // After the engine, which may have something to say to it.
      await ownServer.close();
      if (process.platform !== 'win32') await rm(controlAddress(home), { force: true });
      await dropPidFile(home);
    },
  };
}
