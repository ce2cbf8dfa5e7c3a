import type { ControlHandlers, ControlServer, Status } from '@onefold/control';
import type { DaemonCore } from '@onefold/engine/node';

/** What a running host says of itself in every status. */
export interface Identity {
  readonly version: string;
  readonly pid: number;
}

/** Calls that belong to the process and not to the engine. */
export type HostCalls = Pick<ControlHandlers, 'uiUrl' | 'stop'>;

/** The engine behind every call of the control surface, the same whoever hosts it. */
export function createCoreHandlers(core: DaemonCore, identity: Identity, own: HostCalls): ControlHandlers {
  const status = (): Status => ({ ...core.status(), ...identity });
  return {
    ...core.calls,
    ...own,
    status,
    pause: ({ folder }) => core.pause(folder).then(nothing),
    resume: ({ folder }) => core.resume(folder).then(nothing),
    add: async ({ path, namespace }) => ({ folder: await core.add(path, namespace ?? null) }),
    remove: ({ path }) => core.remove(path).then(nothing),
    syncWait: async ({ timeoutMs }, context) => ({
      outcome: await core.syncWait(timeoutMs ?? null, () => context.isClosed()),
      status: status(),
    }),
    confirm: ({ id }) => core.confirm(id).then(nothing),
    reject: ({ id }) => core.reject(id).then(nothing),
  };
}

/** Sends the engine's events to everyone connected until the function it returns is called. */
export function publishCoreEvents(core: DaemonCore, identity: Identity, server: ControlServer): () => void {
  const unsubscribes = [
    core.on('status', () => server.publish('status', { ...core.status(), ...identity })),
    core.on('activity', (items) => server.publish('activity', { items })),
    core.on('throughput', (throughput) => server.publish('throughput', throughput)),
    core.on('linking', (linking) => server.publish('linking', { linking })),
    core.on('uploading', (uploading) => server.publish('uploading', uploading)),
  ];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}

function nothing(): Record<string, never> {
  return {};
}
