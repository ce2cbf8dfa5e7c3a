import { createDaemonCore } from '@onefold/engine/node';
import type { DaemonCore } from '@onefold/engine/node';
import { OnefoldError } from '@onefold/control';
import type { ControlHandlers, ControlServer, Status } from '@onefold/control';
import type { HostedEngine } from './host.ts';

/** Opens the device's engine. Rejects as createDaemonCore does: not logged in, or another process holds the home. */
export async function openEngine(home: string, version: string): Promise<HostedEngine> {
  const core = await createDaemonCore({ home });
  const status = (): Status => ({ ...core.status(), version, pid: process.pid });
  return {
    handlers: createHandlers(core, status),
    publishTo: (server) => publishEvents(core, status, server),
    close: () => core.close(),
  };
}

function createHandlers(core: DaemonCore, status: () => Status): ControlHandlers {
  return {
    status,
    pause: ({ folder }) => core.pause(folder).then(nothing),
    resume: ({ folder }) => core.resume(folder).then(nothing),
    add: async ({ path, namespace }) => ({ folder: await core.add(path, namespace ?? null) }),
    remove: ({ path }) => core.remove(path).then(nothing),
    syncWait: async ({ timeoutMs }, { isClosed }) => ({
      outcome: await core.syncWait(timeoutMs ?? null, isClosed),
      status: status(),
    }),
    confirm: ({ id }) => core.confirm(id).then(nothing),
    reject: ({ id }) => core.reject(id).then(nothing),
    ls: (args) => core.ls(args),
    versions: (args) => core.versions(args),
    restore: (args) => core.restore(args),
    conflicts: () => core.conflicts(),
    devices: () => core.devices(),
    doctor: () => core.doctor(),
    activity: (args) => core.activity(args),
    uiUrl: () => {
      throw new OnefoldError('usage', 'the app is its own page and serves none');
    },
    // The host's own: it ends the process.
    stop: nothing,
  };
}

function nothing(): Record<string, never> {
  return {};
}

function publishEvents(core: DaemonCore, status: () => Status, server: ControlServer): () => void {
  const unsubscribes = [
    core.on('status', () => server.publish('status', status())),
    core.on('activity', (items) => server.publish('activity', { items })),
    core.on('throughput', (throughput) => server.publish('throughput', throughput)),
    core.on('uploading', (uploading) => server.publish('uploading', uploading)),
  ];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}
