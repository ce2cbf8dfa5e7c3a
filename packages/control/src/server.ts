import { OnefoldError, toOnefoldError } from '@onefold/protocol';
import { CALLS } from './calls.ts';
import type { CallArgs, CallName, CallResult } from './calls.ts';
import type { Carrier } from './carrier.ts';
import { EVENTS } from './events.ts';
import type { EventData, EventName } from './events.ts';
import { describeIssues, readMessage, requestSchema } from './messages.ts';

/** Who is asking. `onClose` lets a long call stop when nobody waits for its answer any more. */
export interface CallContext {
  readonly isClosed: () => boolean;
  /** @returns a function that takes the listener away again */
  readonly onClose: (listener: () => void) => () => void;
}

/** One function a call. What it throws reaches the caller as code and message; anything but an OnefoldError is `internal`. */
export type ControlHandlers = {
  readonly [N in CallName]: (args: CallArgs<N>, context: CallContext) => CallResult<N> | Promise<CallResult<N>>;
};

export interface ControlServer {
  /** Answers the calls of one carrier until it closes. The carrier must already be authenticated. */
  serve(carrier: Carrier): void;
  /** Sends an event to everyone connected. Throws `internal` when the data is not what the table says. */
  publish<N extends EventName>(event: N, data: EventData<N>): void;
  readonly connectionCount: () => number;
  /** Closes every carrier; later ones are closed at once. */
  close(): void;
}

/** The answering end of the control surface. */
export function createControlServer(handlers: ControlHandlers): ControlServer {
  const carriers = new Set<Carrier>();
  let isClosed = false;

  function serve(carrier: Carrier): void {
    if (isClosed) {
      carrier.close();
      return;
    }
    carriers.add(carrier);
    const listeners = new Set<() => void>();
    const context: CallContext = {
      isClosed: () => !carriers.has(carrier),
      onClose(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    carrier.onClose(() => {
      carriers.delete(carrier);
      for (const listener of listeners) listener();
      listeners.clear();
    });
    carrier.onMessage((message) => {
      const request = readMessage(requestSchema, message);
      // Whoever sends anything else does not speak this protocol, and no id says what to answer.
      if (request === null) {
        carrier.close();
        return;
      }
      void answer(handlers, request.call, request.args, context).then((outcome) => {
        if (carriers.has(carrier)) carrier.send(JSON.stringify({ id: request.id, ...outcome }));
      });
    });
  }

  function publish<N extends EventName>(event: N, data: EventData<N>): void {
    if (carriers.size === 0) return;
    const parsed = EVENTS[event].safeParse(data);
    if (!parsed.success) throw new OnefoldError('internal', `event ${event}: ${describeIssues(parsed.error)}`);
    const message = JSON.stringify({ event, data: parsed.data });
    for (const carrier of [...carriers]) carrier.send(message);
  }

  function close(): void {
    isClosed = true;
    for (const carrier of [...carriers]) carrier.close();
  }

  return { serve, publish, connectionCount: () => carriers.size, close };
}

type Outcome = { ok: true; result: unknown } | { error: { code: string; message: string } };

/** Never rejects. */
async function answer(handlers: ControlHandlers, call: string, args: unknown, context: CallContext): Promise<Outcome> {
  try {
    if (!isCallName(call)) throw new OnefoldError('invalid-argument', `no such call: ${call.slice(0, 64)}`);
    const parsedArgs = CALLS[call].args.safeParse(args);
    if (!parsedArgs.success) throw new OnefoldError('invalid-argument', `${call}: ${describeIssues(parsedArgs.error)}`);
    // The table ties the arguments to the handler of the same name; TypeScript cannot follow that through a variable name.
    const handler = handlers[call] as (args: unknown, context: CallContext) => unknown;
    const parsedResult = CALLS[call].result.safeParse(await handler(parsedArgs.data, context));
    if (!parsedResult.success) throw new OnefoldError('internal', `${call}: ${describeIssues(parsedResult.error)}`);
    return { ok: true, result: parsedResult.data };
  } catch (thrown) {
    return { error: toOnefoldError(thrown).toReport() };
  }
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(CALLS, name);
}
