import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { OnefoldError } from '@onefold/protocol';
import { createChainCache } from './accounts/chain-cache.ts';
import { createHeadReads } from './accounts/head-reads.ts';
import { ensureDecoySecret } from './accounts/login.ts';
import { listenAddress, resolveConfig, type ServerConfigInput } from './config.ts';
import type { ServerContext } from './context.ts';
import type { DataFolder } from './data-folder.ts';
import type { Bus } from './bus/bus.ts';
import { acceptSockets } from './events/accept-sockets.ts';
import { createEventHub } from './events/event-hub.ts';
import { createPresence, type Presence } from './events/presence.ts';
import { serveAdmin } from './admin/page/serve-admin.ts';
import { createApp } from './http/app.ts';
import { createCallsUnderWay } from './http/calls-under-way.ts';
import { drain, followConnections } from './http/drain.ts';
import { createRequestLimits } from './http/request-limits.ts';
import { followTls } from './http/tls.ts';
import { createEntryCache } from './journal/entry-cache.ts';
import { createTurns } from './journal/turns.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openEngines, takeFolderOf } from './open-engines.ts';
import { createByteBudget } from './packs/byte-budget.ts';
import { createPackIntake } from './packs/pack-intake.ts';
import { createPushService } from './push/push-service.ts';
import { jobsOf, startJobs } from './jobs.ts';
import { reevaluatePacked } from './uploads/upload-state.ts';

/** What is wrong with the address, by the system's code. */
const LISTEN_FAILURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host',
  EACCES: 'this user may not listen there',
};

export interface RunningServer {
  /** http://HOST:PORT (or https), as it listens. */
  readonly url: string;
  /** Answers what was asked, then stops and gives the data folder back. Safe to call twice. */
  close(): Promise<void>;
}

/** Opens the data folder and answers calls until closed. Throws `daemon-running`, `state-newer`, `invalid-argument`, `disk-error`. */
export async function startServer(input: ServerConfigInput, nowMs: () => number = Date.now): Promise<RunningServer> {
  const config = resolveConfig(input);
  const address = listenAddress(config.listen);
  const folder = takeFolderOf(config);
  const closers: (() => Promise<void> | void)[] = [() => folder.release()];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const context = await openContext(config, folder, nowMs, closers);
    const limits = createRequestLimits(config);
    const app = createApp(context, limits);
    const connections = followConnections(app.server);
    const sockets = acceptSockets(app.server, context, limits);
    const jobs = startJobs(context, jobsOf(context));
    closers.push(async () => {
      // Told first and waited for last: the step a job is at may take longer than every call.
      const ended = jobs.stop();
      sockets.close();
      context.events.close();
      await drain(app, connections, config.drainMs);
      await ended;
    });
    await app.listen({ host: address.host, port: address.port }).catch((cause: unknown) => {
      const reason = LISTEN_FAILURES[(cause as NodeJS.ErrnoException).code ?? ''];
      if (reason === undefined) throw cause;
      throw new OnefoldError('invalid-argument', `cannot listen on ${config.listen}: ${reason}`, { cause });
    });
    if (config.tls !== undefined) closers.push(followTls(app.server as unknown as HttpsServer, config.tls, context));
    if (config.admin !== undefined) closers.push(await serveAdmin(context, config.admin, jobs));
    folder.writePid();
    const { port } = app.server.address() as AddressInfo;
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    context.log.info({ port }, 'ready');
    let closing: Promise<void> | undefined;
    const scheme = config.tls === undefined ? 'http' : 'https';
    return { url: `${scheme}://${host}:${port}`, close: () => (closing ??= closeAll()) };
  } catch (thrown) {
    await closeAll();
    throw thrown;
  }
}

async function openContext(
  config: ServerContext['config'],
  folder: DataFolder,
  nowMs: () => number,
  closers: (() => Promise<void> | void)[],
): Promise<ServerContext> {
  const log = createLog(config);
  const onError = (error: unknown): void => log.error({ err: error }, 'background work failed');
  const metrics = createMetrics(nowMs);
  let gap: () => Promise<void> = () => Promise.resolve();
  const engines = await openEngines(config, folder, {
    nowMs,
    onError,
    onStatement: metrics.statement,
    onPageLookUp: metrics.pageCache,
    // Made below; nothing is missed before anybody listens.
    onBusGap: () => void gap().catch(onError),
  });
  closers.push(() => engines.close());
  const { metadata, packs } = engines;
  // Made below; nobody listens before.
  const late: { presence?: Presence } = {};
  const events = createEventHub({
    bus: engines.bus,
    reader: metadata.read,
    onError,
    onEvent: metrics.event,
    onPresence: (device) => late.presence?.changed(device),
  });
  const presence = createPresence({
    metadata,
    nowMs,
    isHere: (device) => events.isOnline(device),
    here: () => events.online(),
    onError,
  });
  late.presence = presence;
  const push = await createPushService({ metadata, config: config.push, nowMs, metrics, presence, onError });
  closers.push(async () => {
    await push.close();
    await presence.close();
  });
  // Only the node on which something happens publishes it: it wakes who is away, for all of them.
  const bus: Bus = {
    ...engines.bus,
    publish(message) {
      engines.bus.publish(message);
      push.hear(message);
    },
  };
  const context: ServerContext = {
    config,
    log,
    metrics,
    nowMs,
    metadata,
    packs,
    bus,
    bodies: createByteBudget(config.limits.packMemoryBytes, config.limits.packPatienceMs, {
      nowMs: () => performance.now(),
      later: (work, delayMs) => void setTimeout(work, delayMs).unref(),
    }),
    calls: createCallsUnderWay(config.limits.callsPerDevice),
    chains: createChainCache(),
    heads: createHeadReads(metadata),
    pages: engines.pages,
    turns: createTurns(),
    entries: createEntryCache(config.limits.entryCacheBytes, metrics.entryCache),
    events,
    presence,
    push,
    intake: createPackIntake({
      metadata,
      packs,
      nowMs,
      uploadExpiryMs: config.uploadExpiryMs,
      graceMs: config.collection.graceMs,
      quotaBytesPerUser: config.quotaBytesPerUser,
      onRecorded: (recorded) => {
        metrics.packsRecorded(
          recorded.length,
          recorded.reduce((sum, pack) => sum + pack.sizeBytes, 0),
        );
        return reevaluatePacked(context, recorded).catch(onError);
      },
    }),
  };
  gap = () => context.events.catchUp();
  metrics.watch(context);
  await ensureDecoySecret(context);
  return context;
}
