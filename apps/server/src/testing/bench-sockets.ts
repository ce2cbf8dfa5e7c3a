import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { WebSocket } from 'ws';
import { createClient, createFile, valueOf } from './test-client.ts';

/*
 * node apps/server/src/testing/bench-sockets.ts [SOCKETS] [COMMITS]
 *
 * How much memory a server takes for each open WebSocket, and how long after a commit was sent the last listener hears of it. The server is a process of its own;
 * the listeners are in this one, so receiving counts into the times. Results go to bench/results/.
 */

const SOCKETS = Number(process.argv[2] ?? 10_000);
const COMMITS = Number(process.argv[3] ?? 30);
const OPENING_AT_ONCE = 50;
const PAUSE_MS = 300;

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

async function startServer(data: string): Promise<{ pid: number; url: string; end: () => void }> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'apps/server/src/main.ts'), '--data', data, '--listen', '127.0.0.1:0', '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ONEFOLD_SERVER_LIMITS_SOCKETS_PER_DEVICE: String(SOCKETS + 1),
        ONEFOLD_SERVER_LIMITS_DEVICE_PER_MINUTE: '100000000',
        // Every one of them, and the calls, come from this machine.
        ONEFOLD_SERVER_LIMITS_CONNECTIONS_PER_ADDRESS: String(2 * SOCKETS),
        ONEFOLD_SERVER_LOG_LEVEL: 'error',
      },
    },
  );
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  const { pid, url } = JSON.parse(line) as { pid: number; url: string };
  return { pid, url, end: () => void child.kill('SIGTERM') };
}

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function openSockets(url: string, token: string): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < SOCKETS)
    sockets.push(
      ...(await Promise.all(
        Array.from(
          { length: Math.min(OPENING_AT_ONCE, SOCKETS - sockets.length) },
          () =>
            new Promise<WebSocket>((resolve, reject) => {
              const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events`, {
                headers: { authorization: `Bearer ${token}` },
                perMessageDeflate: false,
              });
              // The first message is `hello`: from here on nothing is missed.
              socket.once('message', () => resolve(socket));
              socket.once('error', reject);
            }),
        ),
      )),
    );
  return sockets;
}

const data = mkdtempSync(join(tmpdir(), 'onefold-bench-'));
const server = await startServer(data);
try {
  const client = await createClient(server.url);
  valueOf(await client.commit([createFile([])]));
  await pass(2_000);
  const emptyBytes = residentBytes(server.pid);
  const openedAtMs = performance.now();
  const sockets = await openSockets(server.url, client.token ?? '');
  const openMs = performance.now() - openedAtMs;
  await pass(3_000);
  const fullBytes = residentBytes(server.pid);

  let arrivals: number[] = [];
  let sentAtMs = 0;
  for (const socket of sockets) socket.on('message', () => arrivals.push(performance.now() - sentAtMs));
  const each: number[] = [];
  const last: number[] = [];
  for (let i = 0; i < COMMITS; i++) {
    arrivals = [];
    sentAtMs = performance.now();
    valueOf(await client.commit([createFile([])]));
    while (arrivals.length < SOCKETS) await pass(5);
    each.push(...arrivals);
    last.push(Math.max(...arrivals.slice(-100)));
    await pass(PAUSE_MS);
  }
  each.sort((a, b) => a - b);
  last.sort((a, b) => a - b);
  const round = (value: number): number => Math.round(value * 10) / 10;
  const result = {
    what: 'server-sockets',
    date: new Date().toISOString(),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version },
    sockets: SOCKETS,
    openMs: Math.round(openMs),
    memoryPerSocketBytes: Math.round((fullBytes - emptyBytes) / SOCKETS),
    serverResidentBytes: { without: emptyBytes, with: fullBytes },
    commits: COMMITS,
    /** From the commit's request to one listener's message, and to the last listener's. */
    fanOutMs: {
      p50: round(percentile(each, 0.5)),
      p99: round(percentile(each, 0.99)),
      max: round(each[each.length - 1] as number),
    },
    lastListenerMs: { p50: round(percentile(last, 0.5)), max: round(last[last.length - 1] as number) },
  };
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  const file = join(ROOT, 'bench/results', `server-sockets-${result.date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n${file}\n`);
  for (const socket of sockets) socket.terminate();
} finally {
  server.end();
  rmSync(data, { recursive: true, force: true });
}
