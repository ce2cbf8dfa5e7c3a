import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { OnefoldError } from '@onefold/protocol';
import { proxiesBefore, sourceOf } from '../address-source.ts';
import type { ServerContext } from '../context.ts';

/*
 * How many connections one address may have open. They cost memory and a file descriptor each before anybody has said who he is, and whoever takes all of them
 * shuts everybody else out.
 *
 *   within the limit    open for as long as it likes
 *   surplus             may ask once, within a moment, and is told that there are too many; twice the limit and more are closed unheard
 *
 * Behind a proxy the connections are the proxy's: what is counted there is what one address has open through it, calls under way and sockets.
 */

/** How long a surplus connection has to ask. */
const SURPLUS_MS = 2_000;
const RETRY_AFTER_S = 5;

export interface ConnectionLimit {
  /** One more of this address. `release` is called when it ends; `isSurplus`: it is to be told so; `isExcess`: not even that. */
  take(address: string): { readonly isSurplus: boolean; readonly isExcess: boolean; release(): void };
  /** Open now, of all addresses. */
  open(): number;
}

export function createConnectionLimit(perAddress: number): ConnectionLimit {
  const counts = new Map<string, number>();
  let open = 0;
  return {
    open: () => open,
    take(address) {
      const source = sourceOf(address);
      const count = (counts.get(source) ?? 0) + 1;
      counts.set(source, count);
      open++;
      let isReleased = false;
      return {
        isSurplus: count > perAddress,
        isExcess: count > 2 * perAddress,
        release() {
          if (isReleased) return;
          isReleased = true;
          open--;
          const left = (counts.get(source) ?? 1) - 1;
          if (left === 0) counts.delete(source);
          else counts.set(source, left);
        },
      };
    },
  };
}

const surplus = new WeakSet<object>();

/** Whether this connection is one too many of its address. */
export function isSurplus(connection: object): boolean {
  return surplus.has(connection);
}

/** Counts connections where no proxy stands before the server, over TLS as well. */
function limitConnections(server: Server, limit: ConnectionLimit, onRefused: () => void): void {
  const plain = new Map<string, object>();
  const keyOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;
  server.on('connection', (socket: Socket) => {
    const place = limit.take(socket.remoteAddress ?? '');
    socket.once('close', () => place.release());
    if (!place.isSurplus) return;
    onRefused();
    if (place.isExcess) {
      socket.destroy();
      return;
    }
    surplus.add(socket);
    plain.set(keyOf(socket), socket);
    const timer = setTimeout(() => socket.destroy(), SURPLUS_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      plain.delete(keyOf(socket));
    });
  });
  // A request over TLS comes on another object than the connection.
  server.on('secureConnection', (socket: Socket) => {
    if (plain.has(keyOf(socket))) surplus.add(socket);
  });
}

function tooMany(): OnefoldError {
  return new OnefoldError(
    'too-many-requests',
    'too many connections from this address; close some, or try again later',
  );
}

/** Holds every address to `limits.connectionsPerAddress`. `isExempt`: calls that are never refused. */
export function holdConnections(
  app: FastifyInstance,
  { config, metrics }: Pick<ServerContext, 'config' | 'metrics'>,
  limit: ConnectionLimit,
  isExempt: (url: string) => boolean,
): void {
  metrics.watchConnections(() => limit.open());
  const isProxied = proxiesBefore(config) > 0;
  if (!isProxied) limitConnections(app.server, limit, metrics.connectionRefused);
  app.addHook('onRequest', (request, reply, done) => {
    if (isExempt(request.url)) {
      done();
      return;
    }
    let isOver = isSurplus(request.raw.socket);
    if (isProxied) {
      const place = limit.take(request.ip);
      reply.raw.once('close', () => place.release());
      isOver = place.isSurplus;
      if (isOver) metrics.connectionRefused();
    }
    if (!isOver) {
      done();
      return;
    }
    void reply.header('retry-after', String(RETRY_AFTER_S)).header('connection', 'close');
    done(tooMany());
  });
}
