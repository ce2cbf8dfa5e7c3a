import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { keepResult, spread } from './bench-result.ts';
import { createTestDevice } from './test-account.ts';
import { addByFirst, createClient, createFile, TestClient, valueOf } from './test-client.ts';

/*
 * node apps/server/src/testing/bench-sockets.ts [SOCKETS] [COMMITS] [ACCOUNTS]
 *
 * How much memory a server takes for each open WebSocket, and how long after a commit was sent its listeners hear of it: once with all sockets in one folder, which is the
 * most that one commit can have to tell, and once with a device of its own for each, in folders of as many accounts, where a commit is made in every folder at once. The
 * server is a process of its own; the listeners are in this one, so receiving counts into the times. Results go to bench/results/.
 */

const SOCKETS = Number(process.argv[2] ?? 10_000);
const COMMITS = Number(process.argv[3] ?? 30);
const ACCOUNTS = Number(process.argv[4] ?? 100);
const OPENING_AT_ONCE = 50;
const PAUSE_MS = 300;
const SETTLE_MS = 3_000;

const COMMAND = fileURLToPath(new URL('../main.ts', import.meta.url));

interface Server {
  readonly pid: number;
  readonly url: string;
  end(): void;
}

async function startServer(data: string): Promise<Server> {
  const child = spawn(process.execPath, [COMMAND, '--data', data, '--listen', '127.0.0.1:0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ONEFOLD_SERVER_LIMITS_SOCKETS_PER_DEVICE: String(SOCKETS + 1),
      ONEFOLD_SERVER_LIMITS_DEVICE_PER_MINUTE: '100000000',
      // Every one of them, and the calls, come from this machine.
      ONEFOLD_SERVER_LIMITS_CONNECTIONS_PER_ADDRESS: String(2 * SOCKETS),
      ONEFOLD_SERVER_LIMITS_ANONYMOUS_PER_MINUTE: '100000000',
      ONEFOLD_SERVER_LOG_LEVEL: 'error',
    },
  });
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const { pid, url } = JSON.parse(line) as { pid: number; url: string };
  return { pid, url, end: () => void child.kill('SIGTERM') };
}

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** An open socket: its first message was `hello`, so that from here on nothing is missed. */
function openSocket({ url, token }: TestClient): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, {
      headers: { authorization: `Bearer ${token ?? ''}` },
      perMessageDeflate: false,
    });
    socket.once('message', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Opens one for each client, a few at a time. */
async function openSockets(clients: readonly TestClient[]): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < clients.length)
    sockets.push(
      ...(await Promise.all(clients.slice(sockets.length, sockets.length + OPENING_AT_ONCE).map(openSocket))),
    );
  return sockets;
}

/** As many clients of the account as asked for, each on a device of its own. */
async function addDevices(first: TestClient, count: number): Promise<TestClient[]> {
  const clients = [first];
  while (clients.length < count) {
    const client = new TestClient(first.url, first.account, createTestDevice());
    await addByFirst(first, client.device);
    valueOf(await client.openSession());
    clients.push(client);
  }
  return clients;
}

/** Commits by every writer at once, many times: how long until each listener heard, and until all but a hundred of them had. */
async function timeFanOut(writers: readonly TestClient[], sockets: readonly WebSocket[]): Promise<object> {
  let arrivals: number[] = [];
  let sentAtMs = 0;
  for (const socket of sockets) socket.on('message', () => arrivals.push(performance.now() - sentAtMs));
  const each: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < COMMITS; i++) {
    arrivals = [];
    sentAtMs = performance.now();
    await Promise.all(writers.map(async (writer) => valueOf(await writer.commit([createFile([])]))));
    while (arrivals.length < sockets.length) await pass(5);
    each.push(...arrivals);
    last.push(arrivals[sockets.length - 1] as number);
    await pass(PAUSE_MS);
  }
  return { commitsAtOnce: writers.length, times: COMMITS, listenerMs: spread(each), lastListenerMs: spread(last) };
}

/** On a server of its own: the sockets of these clients, and what commits of the writers cost. */
async function measure(
  makeClients: (url: string) => Promise<{ writers: TestClient[]; clients: TestClient[] }>,
): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'onefold-bench-'));
  const server = await startServer(data);
  try {
    const { writers, clients } = await makeClients(server.url);
    for (const writer of writers) valueOf(await writer.commit([createFile([])]));
    await pass(SETTLE_MS);
    const without = residentBytes(server.pid);
    const openedAtMs = performance.now();
    const sockets = await openSockets(clients);
    const openMs = Math.round(performance.now() - openedAtMs);
    await pass(SETTLE_MS);
    const open = residentBytes(server.pid);
    const fanOut = await timeFanOut(writers, sockets);
    for (const socket of sockets) socket.terminate();
    return {
      sockets: sockets.length,
      devices: new Set(clients.map(({ device }) => device.id)).size,
      openMs,
      memoryPerSocketBytes: Math.round((open - without) / sockets.length),
      serverResidentBytes: { without, with: open },
      ...fanOut,
    };
  } finally {
    server.end();
    rmSync(data, { recursive: true, force: true });
  }
}

const oneFolder = await measure(async (url) => {
  const client = await createClient(url);
  return { writers: [client], clients: Array.from({ length: SOCKETS }, () => client) };
});
const ownDevices = await measure(async (url) => {
  const writers: TestClient[] = [];
  const clients: TestClient[] = [];
  while (writers.length < ACCOUNTS) {
    const writer = await createClient(url);
    writers.push(writer);
    clients.push(...(await addDevices(writer, Math.ceil(SOCKETS / ACCOUNTS))));
  }
  return { writers, clients };
});
keepResult('server-sockets', { oneFolder, ownDevices });
