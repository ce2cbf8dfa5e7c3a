import { setTimeout as pass } from 'node:timers/promises';
import { decodeWire, serverEventSchema, waitResponse, type ServerEvent } from '@onefold/protocol';
import { WebSocket, type RawData } from 'ws';
import { valueOf } from '../test-client.ts';
import { CALL_MS, ImpatientClient, outcomeOfFailure } from './clients.ts';
import type { Operation } from './operation.ts';

const LONGEST_SOCKET_MS = 10_000;
const WAIT_MS = 1_500;
const PAUSE_MS = 200;

export interface ListenOptions {
  readonly random: () => number;
  readonly urlOf: () => string;
  readonly note: (operation: Operation) => void;
  readonly isOver: () => boolean;
}

/** The same device, by calls of its own. */
function besides({ url, account, device, namespace, token, head }: ImpatientClient): ImpatientClient {
  const other = new ImpatientClient(url, account, device, namespace);
  other.token = token;
  other.head = head;
  return other;
}

/** A device that keeps a socket open, now to this node and now to that one. What `hello` tells is read; what comes then is announced. */
export async function keepSocket(client: ImpatientClient, options: ListenOptions): Promise<void> {
  const { random, note } = options;
  while (!options.isOver()) {
    const startMs = performance.now();
    const socket = new WebSocket(`${options.urlOf().replace('http', 'ws')}/v1/events`, {
      headers: { authorization: `Bearer ${client.token ?? ''}` },
      handshakeTimeout: CALL_MS,
    });
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.on('error', () => socket.terminate());
    });
    socket.on('message', (data: RawData) => {
      const event = decodeWire(serverEventSchema, new Uint8Array(data as Buffer));
      for (const { startsMs, head } of headsOf(event, startMs))
        if (head.namespaceId === client.namespace)
          note({
            startMs: startsMs,
            endMs: performance.now(),
            outcome: { kind: startsMs === startMs ? 'read' : 'announced', seq: head.seq, hash: head.hash },
          });
    });
    const until = performance.now() + random() * LONGEST_SOCKET_MS;
    while (performance.now() < until && socket.readyState <= WebSocket.OPEN && !options.isOver()) await pass(50);
    socket.terminate();
    await closed;
    await pass(random() * PAUSE_MS);
  }
}

/** `hello` is an answer to whoever connects; an announcement may come late. */
function headsOf(event: ServerEvent, connectedMs: number) {
  switch (event.event) {
    case 'hello':
      return event.heads.map((head) => ({ startsMs: connectedMs, head }));
    case 'head':
      return [{ startsMs: -Infinity, head: event.head }];
    default:
      return [];
  }
}

/** A device that waits by long poll for what comes behind the newest head it has heard of. */
export async function keepWaiting(client: ImpatientClient, options: ListenOptions): Promise<void> {
  const own = besides(client);
  let after = own.head.seq;
  while (!options.isOver()) {
    own.url = options.urlOf();
    const startMs = performance.now();
    try {
      const path = `/v1/wait?after=${own.namespace}:${after}:0&timeoutMs=${WAIT_MS}`;
      const { events } = valueOf(await own.call('GET', path, waitResponse));
      const endMs = performance.now();
      const heads = events.flatMap((event) => (event.event === 'head' ? [event.head] : []));
      if (heads.length === 0) options.note({ startMs, endMs, outcome: { kind: 'silence', after } });
      for (const { seq, hash } of heads) {
        options.note({ startMs: -Infinity, endMs, outcome: { kind: 'announced', seq, hash } });
        after = Math.max(after, seq);
      }
    } catch (thrown) {
      options.note({ startMs, endMs: performance.now(), outcome: outcomeOfFailure(thrown, 'wait') });
      await pass(options.random() * PAUSE_MS);
    }
  }
}
