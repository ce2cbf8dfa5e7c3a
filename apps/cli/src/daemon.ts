import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createControlServer,
  type Carrier,
  type ControlHandlers,
  type ControlServer,
  type Status,
} from '@onefold/control';
import { createDaemonCore, type DaemonCore } from '@onefold/engine/node';
import { toOnefoldError } from '@onefold/protocol';
import { listenForControl } from './control-socket.ts';
import { controlAddress, pidPath } from './home.ts';
import { createPageServer } from './page/page-server.ts';
import { writeWhole } from './write-whole.ts';
import { PRODUCT_VERSION } from './version.ts';

/** Where the page's files are: built into apps/desktop in a checkout, beside the bundle in a package. */
const PAGE_FOLDER = fileURLToPath(new URL('../../desktop/dist/renderer', import.meta.url));

/*
 *   starting --(home locked, engines made, socket open)--> running --(SIGINT, SIGTERM, or the call "stop")--> ending --> gone
 * The home's lock belongs to the process, so whatever kills it lets the next daemon start. Everything else the daemon starts is a thread
 * of it, or a child that lives for one call.
 */
export interface RunningDaemon {
  readonly ended: Promise<void>;
  stop(): void;
}

/**
 * Starts the daemon of a home in this process. `beforeKnown` gets what ends it before the pid file names it: whoever reads that file may
 * send a signal at once. Rejects with `daemon-running` or `not-logged-in`.
 */
export async function startDaemon(
  home: string,
  beforeKnown: (stop: () => void) => void = () => undefined,
): Promise<RunningDaemon> {
  const core = await createDaemonCore({ home });
  let finish: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const page = createPageServer({
    folder: PAGE_FOLDER,
    serve: (carrier) => control.serve(carrier),
    monotonicMs: () => performance.now(),
  });
  const control = createControlServer(createHandlers(core, page, finish));
  const unsubscribe = publishEvents(core, control);
  const socket = await listenForControl(home, (carrier: Carrier) => control.serve(carrier));
  beforeKnown(finish);
  await writeWhole(pidPath(home), `${process.pid}\n`, 0o644);

  async function end(): Promise<void> {
    await asked;
    unsubscribe();
    socket.close();
    // A moment for the answer to "stop" to leave before its line closes.
    await new Promise((resolve) => setTimeout(resolve, 50));
    control.close();
    await page.close();
    await core.close();
    if (process.platform !== 'win32') await rm(controlAddress(home), { force: true });
    await removeOwnPid(home);
  }
  return { ended: end(), stop: finish };
}

/** A pid file of a later daemon stays. */
async function removeOwnPid(home: string): Promise<void> {
  const text = await readFile(pidPath(home), 'utf8').catch(() => '');
  if (text.trim() === String(process.pid)) await rm(pidPath(home), { force: true });
}

function fullStatus(core: DaemonCore): Status {
  return { ...core.status(), version: PRODUCT_VERSION, pid: process.pid };
}

function createHandlers(core: DaemonCore, page: { url(): Promise<string> }, stop: () => void): ControlHandlers {
  return {
    status: () => fullStatus(core),
    pause: async ({ folder }) => {
      await core.pause(folder);
      return {};
    },
    resume: async ({ folder }) => {
      await core.resume(folder);
      return {};
    },
    add: async ({ path, namespace }) => ({ folder: await core.add(path, namespace ?? null) }),
    remove: async ({ path }) => {
      await core.remove(path);
      return {};
    },
    syncWait: async ({ timeoutMs }, context) => ({
      outcome: await core.syncWait(timeoutMs ?? null, () => context.isClosed()),
      status: fullStatus(core),
    }),
    confirm: async ({ id }) => {
      await core.confirm(id);
      return {};
    },
    reject: async ({ id }) => {
      await core.reject(id);
      return {};
    },
    ls: (args) => core.ls(args),
    versions: (args) => core.versions(args),
    restore: (args) => core.restore(args),
    conflicts: () => core.conflicts(),
    devices: () => core.devices(),
    doctor: () => core.doctor(),
    activity: (args) => core.activity(args),
    uiUrl: async () => ({ url: await page.url() }),
    stop: () => {
      stop();
      return {};
    },
  };
}

function publishEvents(core: DaemonCore, control: ControlServer): () => void {
  const unsubscribes = [
    core.on('status', () => control.publish('status', fullStatus(core))),
    core.on('activity', (items) => control.publish('activity', { items })),
    core.on('throughput', (throughput) => control.publish('throughput', throughput)),
    core.on('uploading', (uploading) => control.publish('uploading', uploading)),
  ];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}

/** Runs the daemon in the foreground until a signal or `stop`; prints one ready line. Answers the exit code. */
export async function runDaemon(home: string, isJson: boolean): Promise<number> {
  const daemon = await startDaemon(home, (stop) => {
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ event: 'ready', pid: process.pid, home: join(home) })}\n`
      : `onefold daemon ready, pid ${process.pid}, home ${home}\n`,
  );
  try {
    await daemon.ended;
    return 0;
  } catch (thrown) {
    process.stderr.write(`onefold: ${toOnefoldError(thrown).message}\n`);
    return 1;
  }
}
