import { WebSocket } from 'ws';
import {
  decodeWire,
  isOutOfAccount,
  OnefoldError,
  serverEventSchema,
  toOnefoldError,
  waitResponse,
  type NamespaceHead,
  type NamespaceId,
  type ServerEvent,
} from '@onefold/protocol';
import type { Way } from '../network/network.ts';
import { readAnswer, type HttpCall } from './http-calls.ts';

export type StreamEvent = ServerEvent | { readonly event: 'connected' | 'disconnected' };

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 60_000;
const HELLO_DEADLINE_MS = 15_000;
const POLL_MS = 55_000;
/** Silence of this many heartbeats means that the connection is dead, whatever the system says. */
const SILENT_HEARTBEATS = 2.5;
/** WebSockets that were refused this often in a row while plain calls work are blocked on the way: long poll takes over. */
const REFUSALS_UNTIL_POLL = 2;
/** While polling, a WebSocket is tried again so often. */
const RETRY_SOCKET_MS = 10 * 60_000;

/*
 *   connecting --hello--> open --silence, close, error--> waiting (growing, jittered) --> connecting
 *       |                                                       '--a call was answered: at once--> connecting
 *       '--refused twice while calls work--> polling --after ten minutes--> connecting
 *
 * Events are wake-ups. `connected` tells everyone to compare heads, so whatever was missed costs nothing.
 */
export interface EventStream {
  isConnected(): boolean;
  reconnect(): void;
  /** A plain call was answered: the server is there again, and nobody is to be told any longer that it is not. */
  answered(): void;
  close(): void;
}

export function createEventStream(options: {
  readonly url: string;
  readonly token: () => Promise<string>;
  /** Proxy and authorities for the socket. */
  readonly way: () => Promise<Way['socket']>;
  readonly send: (call: Omit<HttpCall, 'token'>) => Promise<Uint8Array>;
  readonly publish: (event: StreamEvent) => void;
  readonly onTokenRefused: () => void;
}): EventStream {
  const heads = new Map<NamespaceId, NamespaceHead>();
  let socket: WebSocket | null = null;
  let wake: AbortController = new AbortController();
  let isConnected = false;
  let waitsSinceMs: number | null = null;
  /** Waits that were cut short since a socket last worked: where sockets alone fail, each is cut later than the one before. */
  let cuts = 0;
  const closing = new AbortController();
  const isClosed = (): boolean => closing.signal.aborted;

  function setConnected(next: boolean): void {
    if (isConnected === next) return;
    isConnected = next;
    options.publish({ event: next ? 'connected' : 'disconnected' });
  }

  function take(event: ServerEvent): void {
    if (event.event === 'hello') for (const head of event.heads) heads.set(head.namespaceId, head);
    if (event.event === 'head') heads.set(event.head.namespaceId, event.head);
    options.publish(event);
  }

  /** One WebSocket from its opening to its end. Resolves with whether it had worked. */
  async function useSocket(token: string, way: Way['socket']): Promise<'worked' | 'refused' | 'unreachable'> {
    return new Promise((resolve) => {
      const current = new WebSocket(`${options.url.replace(/^http/, 'ws')}/v1/events`, {
        headers: { authorization: `Bearer ${token}` },
        ...way,
        perMessageDeflate: false,
        handshakeTimeout: HELLO_DEADLINE_MS,
        maxPayload: 16 * 1024 * 1024,
      });
      socket = current;
      let silentAfterMs = HELLO_DEADLINE_MS;
      let silence = setTimeout(() => current.terminate(), silentAfterMs);
      let outcome: 'worked' | 'refused' | 'unreachable' = 'unreachable';
      function heard(): void {
        clearTimeout(silence);
        silence = setTimeout(() => current.terminate(), silentAfterMs);
      }
      current.on('ping', heard);
      current.on('unexpected-response', (_request, response) => {
        outcome = 'refused';
        if (response.statusCode === 401 || response.statusCode === 403) options.onTokenRefused();
        current.terminate();
      });
      current.on('message', (data) => {
        heard();
        try {
          const event = decodeWire(serverEventSchema, toBytes(data));
          if (event.event === 'hello') {
            outcome = 'worked';
            silentAfterMs = event.heartbeatMs * SILENT_HEARTBEATS;
            heard();
            take(event);
            setConnected(true);
          } else take(event);
        } catch {
          current.terminate();
        }
      });
      current.on('error', () => current.terminate());
      current.on('close', (code) => {
        clearTimeout(silence);
        if (socket === current) socket = null;
        // Policy: the server wants another token, or none of this device any more.
        if (code === 1008) options.onTokenRefused();
        setConnected(false);
        resolve(outcome);
      });
    });
  }

  /** Long polls until one fails or a WebSocket is worth another try. */
  async function poll(): Promise<void> {
    const untilMs = performance.now() + RETRY_SOCKET_MS;
    while (!isClosed() && performance.now() < untilMs) {
      const after = [...heads.values()]
        .map((head) => `${head.namespaceId}:${head.seq}:${head.recoveryEpoch}`)
        .join(',');
      const path = `/v1/wait?after=${after}&timeoutMs=${isConnected ? POLL_MS : 1}`;
      const bytes = await options.send({ method: 'GET', path, deadlineMs: POLL_MS + 15_000, signal: wake.signal });
      setConnected(true);
      for (const event of readAnswer(waitResponse, { bytes, skewMs: null }).events) take(event);
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    let refusals = 0;
    while (!isClosed()) {
      wake = new AbortController();
      try {
        const outcome = await useSocket(await options.token(), await options.way());
        if (outcome === 'worked') failures = cuts = 0;
        refusals = outcome === 'worked' ? 0 : refusals + 1;
        if (refusals >= REFUSALS_UNTIL_POLL && !isClosed()) await poll();
      } catch (thrown) {
        if (isOutOfAccount(toOnefoldError(thrown).code)) return;
      }
      if (isClosed()) return;
      if (isConnected) setConnected(false);
      // Said again: what was asked at the loss may have been answered on an old connection, by a server on its way out.
      else if (failures > 0) options.publish({ event: 'disconnected' });
      const longestMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures++, 20));
      waitsSinceMs = performance.now();
      await sleep(longestMs / 2 + (Math.random() * longestMs) / 2, wake.signal);
      waitsSinceMs = null;
    }
  }

  void run();
  return {
    isConnected: () => isConnected,
    reconnect() {
      wake.abort();
      socket?.terminate();
    },
    answered() {
      if (waitsSinceMs === null || performance.now() - waitsSinceMs < FIRST_DELAY_MS * 2 ** cuts) return;
      cuts++;
      wake.abort();
    },
    close() {
      closing.abort();
      wake.abort(new OnefoldError('server-unreachable', 'closed'));
      socket?.terminate();
      setConnected(false);
    },
  };
}

function toBytes(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  throw new OnefoldError('server-answer-invalid', 'an event in pieces');
}

function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, delayMs);
    timer.unref();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
