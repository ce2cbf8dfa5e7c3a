import { OnefoldError, fromReport } from '@onefold/protocol';
import { CALLS } from './calls.ts';
import type { CallArgs, CallName, CallResult } from './calls.ts';
import type { Carrier } from './carrier.ts';
import { EVENTS } from './events.ts';
import type { EventData, EventName } from './events.ts';
import { describeIssues, readMessage, replySchema } from './messages.ts';

export interface ControlClient {
  /**
   * Rejects with an OnefoldError: the other side's own, `invalid-argument` for arguments that are not what the table says,
   * `server-answer-invalid` for such an answer, `daemon-not-running` when the line ends first.
   */
  call<N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N>>;
  /** @returns a function that takes the listener away again */
  on<N extends EventName>(event: N, listener: (data: EventData<N>) => void): () => void;
  /** Called once when the line ends, at once if it has. */
  onClose(listener: () => void): void;
  close(): void;
}

interface Waiting {
  readonly name: CallName;
  readonly resolve: (result: never) => void;
  readonly reject: (error: OnefoldError) => void;
}

/** The asking end of the control surface. */
export function createControlClient(carrier: Carrier): ControlClient {
  const waiting = new Map<number, Waiting>();
  const eventListeners = new Map<EventName, Set<(data: never) => void>>();
  const closeListeners = new Set<() => void>();
  let nextId = 1;
  let isClosed = false;

  carrier.onClose(() => {
    isClosed = true;
    for (const call of waiting.values()) call.reject(lineEnded());
    waiting.clear();
    for (const listener of closeListeners) listener();
    closeListeners.clear();
  });

  carrier.onMessage((message) => {
    const reply = readMessage(replySchema, message);
    if (reply === null) carrier.close();
    else if ('event' in reply) dispatch(reply.event, reply.data);
    else settle(reply.id, reply);
  });

  function dispatch(name: string, data: unknown): void {
    // An event of a newer daemon: not ours to know.
    if (!isEventName(name)) return;
    const parsed = EVENTS[name].safeParse(data);
    if (!parsed.success) return;
    for (const listener of [...(eventListeners.get(name) ?? [])]) listener(parsed.data as never);
  }

  function settle(
    id: number,
    reply: { ok: true; result?: unknown } | { error: { code: string; message: string } },
  ): void {
    const call = waiting.get(id);
    if (call === undefined) return;
    waiting.delete(id);
    if ('error' in reply) {
      call.reject(fromReport(reply.error));
      return;
    }
    const parsed = CALLS[call.name].result.safeParse(reply.result);
    if (parsed.success) call.resolve(parsed.data as never);
    else call.reject(new OnefoldError('server-answer-invalid', `${call.name}: ${describeIssues(parsed.error)}`));
  }

  function call<N extends CallName>(name: N, args: CallArgs<N>): Promise<CallResult<N>> {
    return new Promise((resolve, reject) => {
      const parsed = CALLS[name].args.safeParse(args);
      if (!parsed.success) {
        reject(new OnefoldError('invalid-argument', `${name}: ${describeIssues(parsed.error)}`));
        return;
      }
      if (isClosed) {
        reject(lineEnded());
        return;
      }
      const id = nextId++;
      waiting.set(id, { name, resolve, reject });
      carrier.send(JSON.stringify({ id, call: name, args: parsed.data }));
    });
  }

  function on<N extends EventName>(event: N, listener: (data: EventData<N>) => void): () => void {
    const listeners = eventListeners.get(event) ?? new Set();
    eventListeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function onClose(listener: () => void): void {
    if (isClosed) listener();
    else closeListeners.add(listener);
  }

  return { call, on, onClose, close: () => carrier.close() };
}

function lineEnded(): OnefoldError {
  return new OnefoldError('daemon-not-running', 'the connection to Onefold ended');
}

function isEventName(name: string): name is EventName {
  return Object.hasOwn(EVENTS, name);
}
