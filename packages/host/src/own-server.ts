import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { OwnServer, ServerReach } from '@onefold/control';
import { readOwnServer, writeOwnServer, type OwnServerFile } from '@onefold/engine/node';
import { OnefoldError } from '@onefold/protocol';
import { networkAddresses } from './network-address.ts';
import { startServerThread, type ServerThread } from './server-thread.ts';

const USUAL_PORT = 7_440;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;

/*
 * The server that this computer runs for its user, as a thread of the process that runs the home's engine.
 *
 *   none --start--> running --(its thread ends, or cannot begin)--> waiting --(after a delay, later each time)--> running
 *   running, waiting --stop--> none      any --close--> closed
 *
 * HOME/server.json is written once it runs, so that a start cut short leaves nothing, and goes before its thread ends.
 */
export interface OwnServerHost {
  /** Null where there is none. */
  state(): OwnServer | null;
  readonly canStart: boolean;
  /**
   * Resolves once it answers. @param isInUse whether an account is kept at it: its devices have its address, so the reach is then fixed. Throws `invalid-argument`.
   */
  start(reach: ServerReach, isInUse: boolean): Promise<void>;
  stop(): Promise<void>;
  /** The account's devices are to look for their server at an address: where that is this one, at an address this computer has now, it is noted. */
  moved(address: string): Promise<void>;
  /** Ends the thread; the next process of the home starts it again. */
  close(): Promise<void>;
}

/**
 * Starts what the home says. Throws `state-corrupt`.
 * @param program the server's worker, null where it is not installed
 * @param onAnswering called whenever it can be called again
 */
export async function openOwnServer(
  home: string,
  program: URL | null,
  onAnswering: () => void,
): Promise<OwnServerHost> {
  const folder = join(home, 'server');
  let kept: OwnServerFile | null = await readOwnServer(home);
  let thread: ServerThread | null = null;
  let timer: NodeJS.Timeout | null = null;
  let delayMs = FIRST_DELAY_MS;
  let isClosed = false;
  let turn: Promise<void> = Promise.resolve();

  /** One start or stop after the other. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function run(port: number, reach: ServerReach): Promise<ServerThread> {
    if (program === null) throw new OnefoldError('invalid-argument', 'the server is not installed beside this program');
    const started = await startServerThread(program, {
      data: folder,
      listen: `${reach === 'network' ? '0.0.0.0' : '127.0.0.1'}:${port}`,
      logFile: join(home, 'logs', 'server.log'),
      // Whoever is in the same network is not thereby a guest on this disk.
      registration: 'first',
    });
    thread = started;
    onAnswering();
    void started.ended.then(() => {
      if (thread !== started) return;
      thread = null;
      later();
    });
    return started;
  }

  function later(): void {
    if (isClosed || kept === null) return;
    timer = setTimeout(() => {
      void inTurn(again);
    }, delayMs);
    timer.unref();
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }

  async function again(): Promise<void> {
    if (isClosed || kept === null || thread !== null) return;
    try {
      await run(kept.port, kept.reach);
      delayMs = FIRST_DELAY_MS;
    } catch {
      later();
    }
  }

  async function endThread(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    const ending = thread;
    thread = null;
    await ending?.close();
  }

  async function start(reach: ServerReach): Promise<void> {
    const host = reach === 'here' ? '127.0.0.1' : networkAddresses(networkInterfaces())[0];
    if (host === undefined) throw new OnefoldError('invalid-argument', 'this computer is in no network');
    await endThread();
    const started = await run(kept?.port ?? USUAL_PORT, reach).catch((thrown: unknown) => {
      // The usual port is taken: any other serves as well.
      if (kept === null && program !== null) return run(0, reach);
      throw thrown;
    });
    kept = { port: started.port, reach, address: `http://${host}:${started.port}` };
    await writeOwnServer(home, kept);
  }

  if (kept !== null) void inTurn(again);
  return {
    canStart: program !== null,
    state() {
      if (kept === null) return null;
      const { address, reach } = kept;
      const here = new URL(address).hostname;
      const isAtAddress = reach === 'here' || networkAddresses(networkInterfaces()).includes(here);
      return { address, reach, isRunning: thread !== null, isAtAddress, folder };
    },
    start: (reach, isInUse) =>
      inTurn(async () => {
        if (kept?.reach === reach && thread !== null) return;
        if (kept !== null && isInUse && kept.reach !== reach)
          throw new OnefoldError('invalid-argument', 'the devices of the account know it by its address');
        await start(reach);
      }),
    stop: () =>
      inTurn(async () => {
        await writeOwnServer(home, null);
        kept = null;
        await endThread();
      }),
    moved: (address) =>
      inTurn(async () => {
        const { hostname, port } = new URL(address);
        const isHere = kept?.reach === 'network' && networkAddresses(networkInterfaces()).includes(hostname);
        if (kept === null || !isHere || Number(port) !== kept.port) return;
        kept = { ...kept, address: new URL(address).origin };
        await writeOwnServer(home, kept);
      }),
    async close() {
      isClosed = true;
      await inTurn(endThread);
    },
  };
}
