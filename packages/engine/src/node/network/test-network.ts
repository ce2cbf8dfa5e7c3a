import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/* For tests: what stands between a device and its server on an ordinary network, small but real. */

export interface Standing {
  readonly port: number;
  close(): Promise<void>;
}

export interface TestProxy extends Standing {
  /** `GET http://...` and `CONNECT host:port`, in the order they came. */
  readonly asked: string[];
  /** Bytes of the bodies that clients have sent. */
  sentBytes(): number;
}

/** A forwarding proxy that also tunnels; with `credentials` (`name:password`) only for who knows them. `change` is what it does to the heads of answers. */
export async function startProxy(
  credentials: string | null = null,
  change: (headers: IncomingHttpHeaders) => IncomingHttpHeaders = (headers) => headers,
): Promise<TestProxy> {
  const asked: string[] = [];
  let sentBytes = 0;
  const expected = credentials === null ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const isWelcome = (authorization: string | undefined): boolean =>
    expected === undefined || authorization === expected;
  const server = createServer((incoming, answer) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (!isWelcome(incoming.headers['proxy-authorization'])) {
      answer.writeHead(407, { 'proxy-authenticate': 'Basic', 'content-type': 'text/html' }).end('<html>who?</html>');
      return;
    }
    const onward = request(incoming.url ?? '', { method: incoming.method, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, change(response.headers));
      response.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502, { 'content-type': 'text/html' }).end('<html>no way</html>'));
    incoming.on('data', (chunk: Buffer) => (sentBytes += chunk.length));
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, client: Socket, head) => {
    asked.push(`CONNECT ${incoming.url}`);
    client.on('error', () => undefined);
    if (!isWelcome(incoming.headers['proxy-authorization'])) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onward = connect(Number(port || 80), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    onward.on('error', () => client.destroy());
    client.on('close', () => onward.destroy());
  });
  return { asked, sentBytes: () => sentBytes, ...(await listen(server)) };
}

/** Answers every call with the same page, as a network does that wants a person to sign in. */
export function startPortal(port: number, status: 200 | 302 | 511): Promise<Standing> {
  const headers = { 'content-type': 'text/html', ...(status === 302 ? { location: 'http://portal.test/login' } : {}) };
  return listen(
    createServer((_incoming, answer) => answer.writeHead(status, headers).end('<html>Welcome</html>')),
    port,
  );
}

/** A server of another age: speaks only the versions it names. */
export function startOtherAge(port: number, range: string): Promise<Standing> {
  const headers = { 'content-type': 'application/cbor', 'onefold-protocol': range };
  return listen(
    createServer((_incoming, answer) => answer.writeHead(200, headers).end(Buffer.of(0xa0))),
    port,
  );
}

/** Serves one text at every path. */
export function startText(text: string): Promise<Standing> {
  return listen(createServer((_incoming, answer) => answer.end(text)));
}

export interface TestTls extends Standing {
  /** The authority that signed it. */
  readonly authoritiesFile: string;
}

/** TLS for `localhost` before a plain port, by an authority of its own. */
export async function startTls(onwardPort: number): Promise<TestTls> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tls-'));
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const subject = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...subject, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority');
  openssl('req', ...subject.slice(0, 3), '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=localhost');
  execFileSync(
    'bash',
    [
      '-c',
      'openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out cert.pem -extfile <(echo subjectAltName=DNS:localhost)',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const read = (name: string): Buffer => readFileSync(path.join(folder, name));
  const server = createTlsServer({ key: read('key.pem'), cert: read('cert.pem') }, (client) => {
    const onward = connect(onwardPort, '127.0.0.1');
    client.on('error', () => onward.destroy());
    onward.on('error', () => client.destroy());
    client.pipe(onward).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  const standing = await listen(server as unknown as Server);
  return {
    port: standing.port,
    authoritiesFile: path.join(folder, 'ca.pem'),
    async close() {
      await standing.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server, port = 0): Promise<Standing> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close').catch(() => undefined);
    },
  };
}
