import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { z } from 'zod';
import { decodeWire, toOnefoldError } from '@onefold/protocol';
import { readCallerNow, tokenHash } from '../accounts/access.ts';
import type { ServerContext } from '../context.ts';
import { statusOf } from '../http/error-status.ts';
import { isSurplus } from '../http/connection-limit.ts';
import { addressOf, type RequestLimits } from '../http/request-limits.ts';
import { proxiesBefore } from '../address-source.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { CLOSE_GOING_AWAY, CLOSE_POLICY, createEventSocket } from './event-socket.ts';

const PATH = '/v1/events';
const FIRST_MESSAGE_MS = 10_000;
const MAX_MESSAGE_BYTES = 4_096;
const firstMessageSchema = z.object({ token: z.string().max(200) });

export interface SocketAcceptor {
  /** Sends every socket away. */
  close(): void;
}

/**
 * Answers WebSocket requests for /v1/events. The token comes in the authorization header or, from a page that cannot set one, as the first message:
 * CBOR {token}.
 */
export function acceptSockets(server: Server, context: ServerContext, limits: RequestLimits): SocketAcceptor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  let isClosing = false;

  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy());
    const path = (request.url ?? '').split('?')[0];
    if (isClosing || path !== PATH) {
      refuse(connection, isClosing ? 503 : 404);
      return;
    }
    const token = bearerToken(request.headers.authorization);
    const proxies = proxiesBefore(context.config);
    const address = addressOf(request, proxies);
    if (isSurplus(connection) || (proxies > 0 && !takePlace(connection, address))) {
      refuse(connection, 429);
      return;
    }
    if (limits.take(address, token, context.nowMs()) > 0) {
      refuse(connection, 429);
      return;
    }
    if (token === undefined) {
      sockets.handleUpgrade(request, connection, head, (socket) => greet(socket, firstToken(socket)));
      return;
    }
    readCallerNow(context.metadata, tokenHash(token), context.nowMs())
      .then(() => sockets.handleUpgrade(request, connection, head, (socket) => greet(socket, Promise.resolve(token))))
      .catch((thrown: unknown) => refuse(connection, statusOf(toOnefoldError(thrown).code)));
  });

  /** Behind a proxy a socket is one of its peer's connections until it closes. */
  function takePlace(connection: Duplex, address: string): boolean {
    const place = limits.connections.take(address);
    connection.once('close', () => place.release());
    if (place.isSurplus) context.metrics.connectionRefused();
    return !place.isSurplus;
  }

  function greet(socket: WebSocket, token: Promise<string>): void {
    socket.on('error', () => socket.terminate());
    open(context, socket, token).catch((thrown: unknown) => {
      const { code } = toOnefoldError(thrown);
      socket.close(CLOSE_POLICY, code);
      if (code === 'internal' || code === 'server-error') context.log.error({ err: thrown }, 'event socket failed');
    });
  }

  return {
    close() {
      isClosing = true;
      for (const socket of sockets.clients) socket.close(CLOSE_GOING_AWAY, 'server stops');
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, 1_000).unref();
    },
  };
}

async function open(context: ServerContext, socket: WebSocket, token: Promise<string>): Promise<void> {
  const { heartbeatMs, limits } = context.config;
  const caller = await readCallerNow(context.metadata, tokenHash(await token), context.nowMs());
  // Gone while its token was looked up: nothing would ever end what is begun for it now.
  if (isGone(socket)) return;
  if (context.events.count(caller.device) >= limits.socketsPerDevice) {
    socket.close(CLOSE_POLICY, 'too-many-requests');
    return;
  }
  const events = createEventSocket(socket, { heartbeatMs, maxBufferedBytes: limits.socketBufferBytes });
  const subscription = await context.events.subscribe({
    user: caller.user,
    device: caller.device,
    deliver: (event) => events.deliver(event),
    end: () => socket.close(CLOSE_POLICY, 'device-revoked'),
  });
  if (isGone(socket)) {
    subscription.close();
    return;
  }
  socket.on('close', () => subscription.close());
  events.begin({ event: 'hello', heads: [...subscription.heads], heartbeatMs });
}

function isGone(socket: WebSocket): boolean {
  return socket.readyState !== socket.OPEN;
}

function firstToken(socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.terminate(), FIRST_MESSAGE_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.once('message', (data: RawData) => {
      clearTimeout(timer);
      try {
        const bytes = Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
        resolve(decodeWire(firstMessageSchema, bytes, 'invalid-argument').token);
      } catch (thrown) {
        reject(toOnefoldError(thrown));
      }
    });
  });
}

function refuse(connection: Duplex, status: number): void {
  connection.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
