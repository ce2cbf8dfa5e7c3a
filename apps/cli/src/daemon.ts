import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Carrier } from '@onefold/control';
import { openHomeEngine } from '@onefold/engine/node';
import { pidPath, serveHome } from '@onefold/host';
import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { createPageServer } from './page/page-server.ts';
import { PRODUCT_VERSION } from './version.ts';

/** Where the page's files are: built into apps/desktop in a checkout, beside the bundle in a package. */
const PAGE_FOLDER = fileURLToPath(new URL('../../desktop/dist/renderer', import.meta.url));

/*
 *   starting --(home locked, engines made, socket open)--> running --(SIGINT, SIGTERM, or the call "stop")--> ending --> gone
 * The home's lock belongs to the process, so whatever kills it lets the next daemon start. Everything else the daemon starts is a thread
 * of it, or a child that lives for one call.
 */
export interface RunningDaemon {
  /** False: it waits for an account. */
  readonly isSetUp: boolean;
  readonly ended: Promise<void>;
  stop(): void;
}

/**
 * Starts the daemon of a home in this process. `beforeKnown` gets what ends it before the pid file names it: whoever reads that file may
 * send a signal at once. Rejects with `daemon-running`, `home-locked`. A home without account gets one by its
 * page, or by a command line beside it.
 */
export async function startDaemon(
  home: string,
  beforeKnown: (stop: () => void) => void = () => undefined,
): Promise<RunningDaemon> {
  const engine = await openHomeEngine({ home }).catch(async (thrown: unknown) => {
    throw await withPid(thrown, home);
  });
  if (engine.setup().kind === 'locked') {
    await engine.close();
    throw new OnefoldError('home-locked', LOCKED);
  }
  let finish: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let serve: (carrier: Carrier) => void = (carrier) => carrier.close();
  const page = createPageServer({
    folder: PAGE_FOLDER,
    serve: (carrier) => serve(carrier),
    monotonicMs: () => performance.now(),
  });
  const served = await serveHome({
    home,
    engine,
    identity: { version: PRODUCT_VERSION, pid: process.pid },
    serverProgram: serverProgram(),
    calls: {
      uiUrl: async () => ({ url: await page.url() }),
      stop: () => {
        finish();
        return {};
      },
    },
    beforeKnown: () => beforeKnown(finish),
  });
  serve = (carrier) => served.control.serve(carrier);

  async function end(): Promise<void> {
    await asked;
    try {
      await served.close();
    } finally {
      await page.close();
    }
  }
  return { isSetUp: engine.core() !== null, ended: end(), stop: finish };
}

/** Not a dependency, which would bring the server and its engines along everywhere: where it stands beside, as in a checkout, it is used. */
function serverProgram(): URL | null {
  try {
    return new URL(import.meta.resolve('@onefold/server/worker'));
  } catch {
    return null;
  }
}

const LOCKED =
  'the keys of this home are sealed by the desktop app: open the app, or switch the sealing off in its settings';
const NOT_SET_UP = '\nThis device is in no account yet: open the address that "onefold ui" prints.';

/** Says which process it is that runs already. */
async function withPid(thrown: unknown, home: string): Promise<unknown> {
  if (!(thrown instanceof OnefoldError) || thrown.code !== 'daemon-running') return thrown;
  const pid = (await readFile(pidPath(home), 'utf8').catch(() => '')).trim();
  return new OnefoldError('daemon-running', `a daemon runs for ${home} already${pid === '' ? '' : ` (pid ${pid})`}`, {
    cause: thrown,
  });
}

/** Runs the daemon in the foreground until a signal or `stop`; prints one ready line. Answers the exit code. */
export async function runDaemon(home: string, isJson: boolean): Promise<number> {
  const daemon = await startDaemon(home, (stop) => {
    // Whoever asks twice must not cut the ending short: closing has a deadline of its own.
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ event: 'ready', pid: process.pid, home: join(home), isSetUp: daemon.isSetUp })}\n`
      : `onefold daemon ready, pid ${process.pid}, home ${home}${daemon.isSetUp ? '' : NOT_SET_UP}\n`,
  );
  try {
    await daemon.ended;
    return 0;
  } catch (thrown) {
    process.stderr.write(`onefold: ${toOnefoldError(thrown).message}\n`);
    return 1;
  }
}
