/*
 * The Remote port of one device: the model server behind a network that loses, repeats, delays and cuts.
 *
 *   link: up <-> down (partition, or server stopped). Events flow while it is up; each time it comes up the server says hello.
 */
import { OnefoldError, type ErrorCode, type ServerEvent } from '@onefold/protocol';
import type { Remote } from '../ports.ts';
import type { MemoryServer, ServerCalls } from './memory-server-calls.ts';
import type { Gate, Lane, Scheduler } from './scheduler.ts';

/**
 * What happens to the next call of a kind (or to any). `drop-answer` and `late` act on the server though the caller hears of a failure;
 * `late` acts only after a while, when the caller may have gone on.
 */
export type NetworkFault =
  | { readonly kind: 'drop-request' | 'drop-answer' | 'duplicate'; readonly call: CallName | 'any' }
  | { readonly kind: 'delay' | 'late'; readonly call: CallName | 'any'; readonly delayMs: number }
  | { readonly kind: 'code'; readonly call: CallName | 'any'; readonly code: ErrorCode };

export type CallName = keyof ServerCalls;

/** Conditions of one device's link. Outlives its engines. */
export interface LinkConditions {
  isCut: boolean;
  readonly faults: NetworkFault[];
  /** Share of pushed events that are lost. */
  eventLoss: number;
}

type Listener = Parameters<Remote['subscribe']>[0];

export interface MemoryLink {
  readonly remote: Remote;
  /** The link went down or came back. */
  changed(): void;
  deliver(event: ServerEvent): void;
}

const CALL_DEADLINE_MS = 30_000;

export function createMemoryLink(options: {
  readonly scheduler: Scheduler;
  readonly lane: Lane;
  readonly serverLane: () => Lane;
  readonly gate: Gate;
  readonly server: MemoryServer;
  readonly calls: ServerCalls;
  readonly isServerUp: () => boolean;
  readonly conditions: LinkConditions;
  readonly chance: (p: number) => boolean;
  readonly onFault: (label: string) => void;
  readonly onCall: (name: CallName) => void;
}): MemoryLink {
  const { scheduler, lane, gate, server, calls, conditions } = options;
  const listeners = new Set<Listener>();
  let wasUp = false;

  const isUp = () => !conditions.isCut && options.isServerUp();

  function takeFault(call: CallName): NetworkFault | undefined {
    const index = conditions.faults.findIndex((fault) => fault.call === call || fault.call === 'any');
    return index < 0 ? undefined : conditions.faults.splice(index, 1)[0];
  }

  async function call<T>(name: CallName, act: () => T): Promise<T> {
    await gate(`call ${name}`);
    options.onCall(name);
    const fault = takeFault(name);
    if (!isUp()) throw new OnefoldError('server-unreachable', 'no way to the server');
    if (fault === undefined) return act();
    options.onFault(fault.kind === 'code' ? `net ${name} ${fault.code}` : `net ${name} ${fault.kind}`);
    switch (fault.kind) {
      case 'drop-request':
        await scheduler.sleep(lane, CALL_DEADLINE_MS);
        throw new OnefoldError('timed-out', 'no answer');
      case 'drop-answer':
        await attempt(act);
        await scheduler.sleep(lane, CALL_DEADLINE_MS);
        throw new OnefoldError('timed-out', 'no answer');
      case 'duplicate':
        await attempt(act);
        return act();
      case 'delay':
        await scheduler.sleep(lane, fault.delayMs);
        if (!isUp()) throw new OnefoldError('server-unreachable', 'the way to the server was lost');
        return act();
      case 'late':
        void lateAct(act, fault.delayMs);
        throw new OnefoldError('timed-out', 'no answer');
      case 'code':
        throw new OnefoldError(fault.code, 'planted by the network');
    }
  }

  async function lateAct(act: () => unknown, delayMs: number): Promise<void> {
    await scheduler.sleep(options.serverLane(), delayMs);
    scheduler.note('late call acts');
    await attempt(act);
  }

  async function tell(event: Parameters<Listener>[0]): Promise<void> {
    await gate(`event ${event.event}`);
    const isOfConnection = event.event === 'connected' || event.event === 'disconnected';
    if (!isOfConnection && !isUp()) return;
    for (const listener of [...listeners]) listener(event);
  }

  function changed(): void {
    const up = isUp();
    if (up === wasUp || listeners.size === 0) return;
    wasUp = up;
    void tell({ event: up ? 'connected' : 'disconnected' });
    if (up) void tell({ event: 'hello', heads: [server.head()], heartbeatMs: 30_000 });
  }

  const remote: Remote = {
    head: () => call('head', () => calls.head()),
    entries: (after, minSeq) => call('entries', () => calls.entries(after, minSeq)),
    skipped: (after, to) => call('skipped', () => calls.skipped(after, to)),
    snapshot: (seq, after) => call('snapshot', () => calls.snapshot(seq, after)),
    announce: (request) => call('announce', () => calls.announce(request)),
    upload: (uploadId) => call('upload', () => calls.upload(uploadId)),
    putPack: (uploadId, packId, pack) => call('putPack', () => calls.putPack(uploadId, packId, pack)),
    commit: (request) => call('commit', () => calls.commit(request)),
    readBlocks: (blocks) => call('readBlocks', () => calls.readBlocks(blocks)),
    versions: (node) => call('versions', () => calls.versions(node)),
    lostBlocks: (after) => call('lostBlocks', () => calls.lostBlocks(after)),
    retention: () => call('retention', () => calls.retention()),
    setRetention: (policy) => call('retention', () => calls.setRetention(policy)),
    purge: (node, version) => call('purge', () => calls.purge(node, version)),
    purgedAmong: (nodes) => call('purgedAmong', () => calls.purgedAmong(nodes)),
    usage: () => call('usage', () => calls.usage()),
    times: (asked) => call('times', () => calls.times(asked)),
    subscribe(listener) {
      listeners.add(listener);
      changed();
      return () => listeners.delete(listener);
    },
    // What is given up may have reached the server all the same.
    interrupt: () => undefined,
    inBulk: () => remote,
  };

  return {
    changed,
    deliver(event) {
      if (listeners.size === 0 || !isUp() || options.chance(conditions.eventLoss)) return;
      void tell(event);
    },
    remote,
  };
}

/** Acts for an answer that nobody hears. */
async function attempt(act: () => unknown): Promise<void> {
  try {
    act();
  } catch (error) {
    if (!(error instanceof OnefoldError)) throw error;
  }
}
