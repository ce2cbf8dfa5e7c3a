import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { MAX_MESSAGE_LENGTH, type Carrier } from '@onefold/control';
import { createPageSessions } from './page-session.ts';
import { createSocketCarrier } from './socket-carrier.ts';
import { readStaticFiles, type StaticFile } from './static-files.ts';

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * From the one-time address to the page. Whoever came from elsewhere, by a link or a file, is taken by the browser for coming from there through
 * every redirect, and a strict cookie is kept from them; a document of ours that goes on is us.
 */
const GO_ON =
  '<!doctype html><meta charset="utf-8"><title>Onefold</title><meta http-equiv="refresh" content="0;url=/"><a href="/">Onefold</a>\n';

/**
 * The daemon's own page. Listens on loopback only, and only once somebody asked for an address. Every request must name exactly this host
 * and port (a foreign page that points its DNS name here is refused), WebSockets must come from our own origin, and nothing but the
 * one-time address is answered without the session cookie.
 */
export interface PageServer {
  /** A fresh address that works once. Starts to listen at the first call. */
  url(): Promise<string>;
  close(): Promise<void>;
}

export function createPageServer(options: {
  readonly folder: string;
  readonly serve: (carrier: Carrier) => void;
  readonly monotonicMs: () => number;
}): PageServer {
  const sessions = createPageSessions(options.monotonicMs);
  let listening: Promise<{ server: Server; sockets: WebSocketServer; port: number }> | null = null;

  async function listen(): Promise<{ server: Server; sockets: WebSocketServer; port: number }> {
    const files = await readStaticFiles(options.folder);
    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_LENGTH * 4 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const host = `127.0.0.1:${port}`;
    // Cookies do not tell ports apart, so each daemon's cookie carries its own.
    const cookieName = `onefold-${port}`;

    server.on('request', (request, response) => {
      if (request.headers.host !== host) return refuse(response, 421, 'wrong host');
      if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET');
      answer(request, response, files, sessions, cookieName);
    });
    server.on('upgrade', (request, socket, head) => {
      const isOurs =
        request.headers.host === host &&
        request.headers.origin === `http://${host}` &&
        pathOf(request) === '/control' &&
        sessions.isOpen(cookieOf(request, cookieName));
      if (!isOurs) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (accepted) => options.serve(createSocketCarrier(accepted)));
    });
    return { server, sockets, port };
  }

  return {
    async url() {
      listening ??= listen();
      const { port } = await listening;
      return `http://127.0.0.1:${port}/open?token=${sessions.issue()}`;
    },
    async close() {
      if (listening === null) return;
      const { server, sockets } = await listening;
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, StaticFile>,
  sessions: ReturnType<typeof createPageSessions>,
  cookieName: string,
): void {
  const path = pathOf(request);
  if (path === '/open') {
    const token = new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? '';
    // A look-ahead by HEAD must not use the token up.
    const cookie = request.method === 'GET' ? sessions.open(token) : null;
    if (cookie === null && !sessions.isOpen(cookieOf(request, cookieName))) {
      return refuse(response, 403, 'This address was used already or is too old. "onefold ui" prints a new one.');
    }
    const headers: Record<string, string> = { ...SECURITY_HEADERS, 'content-type': 'text/html; charset=utf-8' };
    if (cookie !== null) headers['set-cookie'] = `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(200, headers).end(GO_ON);
    return;
  }
  if (!sessions.isOpen(cookieOf(request, cookieName))) {
    return refuse(response, 403, 'Open the address that "onefold ui" prints.');
  }
  if (files.size === 0) return refuse(response, 503, 'The page is not built; run: npm run build:renderer');
  const file = files.get(path === '/' ? '/index.html' : path);
  if (file === undefined) return refuse(response, 404, 'not here');
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': file.type, 'content-length': file.bytes.length });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
