import type { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** How long connections at rest stay open once the server stops: a balancer may be sending a call on one of them at this moment. */
const LAST_CALLS_MS = 100;
/** How often it is looked for connections that have come to rest. */
const LOOK_EVERY_MS = 25;

export interface Connections {
  /** Closes those on which nothing has ever come. For Node they are not idle, as if they were about to ask; browsers open them ahead of need. */
  closeSilent(): void;
  /** Closes all, those as well that are still agreeing on TLS or have become a WebSocket. */
  closeAll(): void;
}

/** Follows the connections of a server that does not listen yet. */
export function followConnections(server: Server): Connections {
  const open = new Set<Socket>();
  const follow = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  server.on('connection', follow);
  // What comes over TLS comes on another object, which counts only what is said within.
  server.on('secureConnection', follow);
  return {
    closeSilent() {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    },
    closeAll() {
      for (const socket of open) socket.destroy();
    },
  };
}

/**
 * Takes no more connections; calls that run, and those that come on open connections, are answered, each as the last one of its connection. What is left when
 * the time is up is cut.
 */
export async function drain(app: FastifyInstance, connections: Connections, drainMs: number): Promise<void> {
  const { server } = app;
  // Those that wait to be accepted would be reset with the listening socket.
  await nextTurn();
  // The close of an HTTP server would close connections at rest with it.
  NetServer.prototype.close.call(server);
  const cut = setTimeout(() => connections.closeAll(), drainMs);
  const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  if (open > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(LAST_CALLS_MS, drainMs)));
  // A connection that falls idle after its last answer would otherwise be kept for the next request.
  const idle = setInterval(() => {
    server.closeIdleConnections();
    connections.closeSilent();
  }, LOOK_EVERY_MS);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(cut);
  }
}
