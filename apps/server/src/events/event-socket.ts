import type { WebSocket } from 'ws';
import { encodeWire, serverEventSchema, type ServerEvent } from '@onefold/protocol';

/*
 * One device's socket. Events wait in `pending`, the newest of a kind replacing the older, until the kernel has taken what was sent before:
 *
 *   idle     -> event -> sending        everything pending goes out in one burst
 *   sending  -> sent  -> idle | sending
 *   sending too long, or too much pending: the socket is dropped; the device connects again and compares heads. News of uploads, which inform and no
 *   more, are left out before that
 */

export interface EventSocketOptions {
  readonly heartbeatMs: number;
  readonly maxBufferedBytes: number;
}

const MAX_PENDING = 4_096;
/** WebSocket close codes, RFC 6455 section 7.4.1. */
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_POLICY = 1008;

export interface EventSocket {
  deliver(event: ServerEvent): void;
  /** Lets events through; until then they wait behind `hello`. */
  begin(hello: Extract<ServerEvent, { event: 'hello' }>): void;
}

const encodedEvents = new WeakMap<ServerEvent, Uint8Array>();

/** An event that goes to many is encoded once. */
function encodeEvent(event: ServerEvent): Uint8Array {
  const known = encodedEvents.get(event);
  if (known !== undefined) return known;
  const bytes = encodeWire(serverEventSchema, event);
  encodedEvents.set(event, bytes);
  return bytes;
}

/** Which older event a newer one makes pointless. */
function replaceKey(event: ServerEvent): string {
  switch (event.event) {
    case 'hello':
      return 'hello';
    case 'head':
      return `head/${event.head.namespaceId}`;
    case 'uploading':
      return `uploading/${event.uploadId}`;
    case 'chain':
      return 'chain';
  }
}

/** Heads may arrive out of order; a pending one is never replaced by an older one. */
function isOlder(event: ServerEvent, waiting: ServerEvent | undefined): boolean {
  if (event.event !== 'head' || waiting?.event !== 'head') return false;
  return event.head.recoveryEpoch === waiting.head.recoveryEpoch && event.head.seq < waiting.head.seq;
}

export function createEventSocket(socket: WebSocket, options: EventSocketOptions): EventSocket {
  const pending = new Map<string, ServerEvent>();
  let pendingBytes = 0;
  let isBegun = false;
  let isSending = false;
  let isScheduled = false;
  let isAnswering = true;

  function flush(): void {
    isScheduled = false;
    if (isSending || !isBegun || pending.size === 0 || socket.readyState !== socket.OPEN) return;
    const events = [...pending.values()];
    pending.clear();
    pendingBytes = 0;
    isSending = true;
    events.forEach((event, i) => {
      socket.send(encodeEvent(event), { binary: true }, i === events.length - 1 ? sent : undefined);
    });
    if (socket.bufferedAmount > options.maxBufferedBytes) socket.terminate();
  }

  function sent(): void {
    isSending = false;
    flush();
  }

  function schedule(): void {
    if (isScheduled || isSending) return;
    isScheduled = true;
    setImmediate(flush);
  }

  socket.on('pong', () => {
    isAnswering = true;
  });
  // A peer that answers no ping, or takes no bytes, for a whole interval is gone or too slow.
  let wasSending = false;
  const heartbeat = setInterval(() => {
    if (!isAnswering || (isSending && wasSending)) {
      socket.terminate();
      return;
    }
    wasSending = isSending;
    isAnswering = false;
    socket.ping();
  }, options.heartbeatMs);
  socket.on('close', () => clearInterval(heartbeat));

  return {
    deliver(event) {
      const key = replaceKey(event);
      if (isOlder(event, pending.get(key))) return;
      const sizeBytes = encodeEvent(event).length;
      if (event.event === 'uploading' && pendingBytes + sizeBytes > options.maxBufferedBytes / 2) return;
      pendingBytes += sizeBytes;
      // The newest stands last: order between different things is kept as far as it is told at all.
      pending.delete(key);
      pending.set(key, event);
      if (pending.size > MAX_PENDING) socket.terminate();
      else schedule();
    },
    begin(hello) {
      isBegun = true;
      const waiting = [...pending];
      pending.clear();
      pending.set('hello', hello);
      for (const [key, event] of waiting) pending.set(key, event);
      flush();
    },
  };
}
