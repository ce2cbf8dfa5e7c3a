import { CALLS, type CallContext, type ControlHandlers, type ControlServer, type Status } from '@onefold/control';
import type { DaemonCore, HomeEngine } from '@onefold/engine/node';
import { OnefoldError } from '@onefold/protocol';
import type { OwnServerHost } from './own-server.ts';

/** What a running host says of itself in every status. */
export interface Identity {
  readonly version: string;
  readonly pid: number;
}

/** Calls that belong to the process and not to the engine. */
export type HostCalls = Pick<ControlHandlers, 'uiUrl' | 'stop'>;
type OwnServerCalls = Pick<ControlHandlers, 'ownServer' | 'startServer' | 'stopServer'>;

type SetupCalls = Pick<
  ControlHandlers,
  | 'setup'
  | 'createAccount'
  | 'recoverAccount'
  | 'keepKit'
  | 'signIn'
  | 'linkHere'
  | 'stopSetup'
  | 'signOut'
  | 'moveServer'
  | 'deleteAccount'
>;

/** The engine behind every call of the control surface, the same whoever hosts it, and what answers as long as there is none. */
export function createHomeHandlers(
  engine: HomeEngine,
  server: OwnServerHost,
  identity: Identity,
  own: HostCalls,
): ControlHandlers {
  const always = { ...own, ...setupCalls(engine, server), ...ownServerCalls(engine, server) };
  const without: Partial<ControlHandlers> = {
    settings: async () => ({ settings: await engine.settings() }),
    setSettings: async ({ changes }) => ({ settings: await engine.changeSettings(changes) }),
    ...always,
  };
  let known: { readonly core: DaemonCore; readonly handlers: ControlHandlers } | null = null;

  function current(): Partial<ControlHandlers> {
    const core = engine.core();
    if (core === null) return without;
    if (known?.core !== core) known = { core, handlers: { ...coreCalls(core, identity), ...always } };
    return known.handlers;
  }

  const names = Object.keys(CALLS) as (keyof ControlHandlers)[];
  const entries = names.map((name): [string, unknown] => [
    name,
    (args: never, context: CallContext): unknown => {
      const handler = current()[name] as ((args: never, context: CallContext) => unknown) | undefined;
      if (handler === undefined) throw new OnefoldError('not-logged-in', 'this device is in no account yet');
      return handler(args, context);
    },
  ]);
  // Every name of the table, each with the handler of that name.
  return Object.fromEntries(entries) as unknown as ControlHandlers;
}

function setupCalls(engine: HomeEngine, server: OwnServerHost): SetupCalls {
  const { steps } = engine;
  const setup = () => engine.setup();
  const answer = async (work: Promise<void>) => {
    await work;
    return { setup: setup() };
  };
  return {
    setup: () => ({ setup: setup() }),
    createAccount: (args) => answer(steps.createAccount(args)),
    recoverAccount: (args) => answer(steps.recoverAccount(args)),
    keepKit: () => answer(steps.keepKit()),
    signIn: (args) => answer(steps.signIn(args)),
    linkHere: (args) => {
      steps.linkHere(args);
      return { setup: setup() };
    },
    stopSetup: () => answer(steps.stop()),
    async moveServer({ server: address }) {
      // Before the engine begins anew, which calls a server of this computer by its port.
      await engine.moveServer(address, () => server.moved(address));
      return {};
    },
    signOut: () => engine.signOut().then(nothing),
    deleteAccount: (args) => engine.deleteAccount(args).then(nothing),
  };
}

function ownServerCalls(engine: HomeEngine, server: OwnServerHost): OwnServerCalls {
  const answer = () => ({ server: server.state(), canStart: server.canStart });
  return {
    ownServer: answer,
    startServer: ({ reach }) => server.start(reach, !['none', 'failed'].includes(engine.setup().kind)).then(answer),
    stopServer: () => server.stop().then(nothing),
  };
}

function coreCalls(
  core: DaemonCore,
  identity: Identity,
): Omit<ControlHandlers, keyof HostCalls | keyof SetupCalls | keyof OwnServerCalls> {
  const status = (): Status => ({ ...core.status(), ...identity });
  return {
    ...core.calls,
    status,
    pause: ({ folder }) => core.pause(folder).then(nothing),
    resume: ({ folder }) => core.resume(folder).then(nothing),
    add: async ({ path, namespace, make }) => ({ folder: await core.add(path, namespace ?? null, make) }),
    locate: async ({ folder, path }) => ({ folder: await core.locate(folder, path) }),
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
export function publishHomeEvents(engine: HomeEngine, identity: Identity, server: ControlServer): () => void {
  let followed: DaemonCore | null = null;
  let unfollow: () => void = () => undefined;

  function look(): void {
    const core = engine.core();
    if (core === followed) return;
    unfollow();
    followed = core;
    unfollow = core === null ? () => undefined : publishCoreEvents(core, identity, server);
  }

  look();
  const stop = engine.onChange(() => {
    look();
    server.publish('setup', { setup: engine.setup() });
  });
  return () => {
    stop();
    unfollow();
  };
}

function publishCoreEvents(core: DaemonCore, identity: Identity, server: ControlServer): () => void {
  const unsubscribes = [
    core.on('status', () => server.publish('status', { ...core.status(), ...identity })),
    core.on('activity', (items) => server.publish('activity', { items })),
    core.on('throughput', (throughput) => server.publish('throughput', throughput)),
    core.on('linking', (linking) => server.publish('linking', { linking })),
    core.on('conflicts', (count) => server.publish('conflicts', { count })),
    core.on('uploading', (uploading) => server.publish('uploading', uploading)),
  ];
  return () => {
    for (const unsubscribe of unsubscribes) unsubscribe();
  };
}

function nothing(): Record<string, never> {
  return {};
}
