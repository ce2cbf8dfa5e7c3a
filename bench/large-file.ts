/*
 * `node bench/large-file.ts --folder DIR`: one large file of noise goes up from one device and comes down on another, each daemon killed with
 * SIGKILL in the middle. May be run in pieces: after `--minutes` everything is killed, and the next run goes on where it stood. Ends with exit
 * code 0 when all is done, 3 when there is more to do. Options: --gib 20  --minutes 9
 *
 *   made -> up -> (the sender's copy is deleted, so that two copies are enough room) -> down -> compared by SHA-256 -> done
 *
 * What is kept in DIR/figures.json: the most resident memory of each process, CPU time, and what was moved in all, by which a transfer
 * that began again would show. Linux only.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runOk, startService, type Service } from '../tools/command-line.ts';
import { sizeOf } from './measure.ts';
import { processUse } from './process-use.ts';
import { makeLargeFile } from './work.ts';

const MIB = 2 ** 20;
const PORT = 17_633;
const PIECE = Buffer.allocUnsafe(8 * MIB);

interface Leg {
  seconds: number;
  mostRssMib: number;
  serverMostRssMib: number;
  cpuSeconds: number;
  serverCpuSeconds: number;
  /** What the killed daemon had brought over by then. */
  kills: { atMib: number; movedMib: number }[];
  /** Written by the sender to its sockets and files, or by the server to its own. */
  movedMib: number;
  highestLoad: number;
}

interface Progress {
  sizeBytes: number;
  at: 'up' | 'down' | 'done';
  sha256: string;
  up: Leg;
  down: Leg;
  isSame?: boolean;
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    gib: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '9' },
  },
});
if (values.folder === undefined) throw new Error('say --folder DIR: a folder with room for twice the file');
const folder = values.folder;
const noteFile = join(folder, 'figures.json');
const deadlineMs = performance.now() + Number(values.minutes) * 60_000;
const isLate = (): boolean => performance.now() > deadlineMs;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const home = (name: string): string[] => ['--home', join(folder, 'homes', name)];
const mib = (bytes: number): number => Math.round(bytes / MIB);

function emptyLeg(): Leg {
  return {
    seconds: 0,
    mostRssMib: 0,
    serverMostRssMib: 0,
    cpuSeconds: 0,
    serverCpuSeconds: 0,
    kills: [],
    movedMib: 0,
    highestLoad: 0,
  };
}

function sumOf(path: string): string {
  const file = openSync(path, 'r');
  const sum = createHash('sha256');
  for (let read = readSync(file, PIECE); read > 0; read = readSync(file, PIECE)) sum.update(PIECE.subarray(0, read));
  closeSync(file);
  return sum.digest('hex');
}

/** Bytes on the disk below a folder. */
async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => stat(join(entry.parentPath, entry.name)).catch(() => null)),
  );
  return sizes.reduce((sum, found) => sum + (found === null ? 0 : found.blocks * 512), 0);
}

async function setUp(): Promise<void> {
  const password = join(folder, 'password.txt');
  writeFileSync(password, 'benchmark password\n', { mode: 0o600 });
  const account = [
    '--server',
    `http://127.0.0.1:${PORT}`,
    '--email',
    'bench@onefold.example',
    '--password-file',
    password,
  ];
  for (const [name, verb] of [
    ['left', ['account', 'create']],
    ['right', ['login']],
  ] as const) {
    mkdirSync(join(folder, name), { recursive: true });
    await runOk('onefold', [...verb, ...account, '--kit', join(folder, 'kit'), '--device-name', name, ...home(name)]);
    await runOk('onefold', ['add', join(folder, name), ...home(name)]);
  }
}

/** Runs one side until `isDone`; kills it once in the middle, and at the end. `done` says how many bytes stand at the other side of the wire. */
async function runLeg(
  progress: Progress,
  server: Service,
  name: 'left' | 'right',
  done: () => Promise<number>,
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  const leg = name === 'left' ? progress.up : progress.down;
  const startMs = performance.now();
  const secondsBefore = leg.seconds;
  const serverBefore = processUse(server.pid);
  const before = { ...leg };
  let past = { cpuMs: 0, writtenBytes: 0 };
  let daemon = await startService('onefold', ['daemon', ...home(name)]);
  let last = processUse(daemon.pid);
  const look = (): void => {
    last = processUse(daemon.pid);
    const atServer = processUse(server.pid);
    const written =
      name === 'left' ? past.writtenBytes + last.writtenBytes : atServer.writtenBytes - serverBefore.writtenBytes;
    leg.mostRssMib = Math.max(leg.mostRssMib, mib(last.mostRssBytes));
    leg.serverMostRssMib = Math.max(leg.serverMostRssMib, mib(atServer.mostRssBytes));
    leg.cpuSeconds = Math.round(before.cpuSeconds + (past.cpuMs + last.cpuMs) / 1000);
    leg.serverCpuSeconds = Math.round(before.serverCpuSeconds + (atServer.cpuMs - serverBefore.cpuMs) / 1000);
    leg.movedMib = before.movedMib + mib(written);
    leg.seconds = Math.round(secondsBefore + (performance.now() - startMs) / 1000);
    leg.highestLoad = Math.max(leg.highestLoad, loadavg()[0] ?? 0);
    writeFileSync(noteFile, `${JSON.stringify(progress, null, 2)}\n`);
  };
  const kill = async (): Promise<void> => {
    look();
    const atMib = mib(await done());
    await daemon.end('SIGKILL');
    past = { cpuMs: past.cpuMs + last.cpuMs, writtenBytes: past.writtenBytes + last.writtenBytes };
    leg.kills.push({ atMib, movedMib: leg.movedMib });
    process.stderr.write(`killed: ${JSON.stringify(leg)}\n`);
  };
  for (let i = 1; ; i++) {
    await sleep(500);
    look();
    if (i % 4 > 0) continue;
    if (await isDone()) break;
    const standing = await done();
    if (i % 40 === 0)
      process.stderr.write(`${name} ${leg.seconds} s, ${mib(standing)} MiB there, ${JSON.stringify(leg)}\n`);
    if (isLate()) {
      await kill();
      return false;
    }
    if (leg.kills.length === 0 && standing > progress.sizeBytes * 0.4) {
      await kill();
      daemon = await startService('onefold', ['daemon', ...home(name)]);
    }
  }
  look();
  await daemon.end('SIGTERM');
  return true;
}

mkdirSync(folder, { recursive: true });
const isNew = !existsSync(noteFile);
const server = await startService('onefold-server', [
  '--data',
  join(folder, 'server'),
  '--listen',
  `127.0.0.1:${PORT}`,
]);
const [here, there] = [join(folder, 'left', 'large.bin'), join(folder, 'right', 'large.bin')];
let isOver = true;
try {
  if (isNew) {
    const sizeBytes = Math.round(Number(values.gib) * 1024) * MIB;
    await setUp();
    makeLargeFile(here, sizeBytes);
    const sha256 = sumOf(here);
    const made: Progress = { sizeBytes, at: 'up', sha256, up: emptyLeg(), down: emptyLeg() };
    writeFileSync(noteFile, `${JSON.stringify(made, null, 2)}\n`);
  }
  const progress = JSON.parse(readFileSync(noteFile, 'utf8')) as Progress;
  if (progress.at === 'up') {
    const isSafe = async (): Promise<boolean> => {
      const answer = await runOk('onefold', ['status', '--json', ...home('left')]).catch(() => '{}');
      const { state, notYetSafe, pending } = JSON.parse(answer) as Record<string, unknown>;
      return state === 'idle' && notYetSafe === 0 && pending === 0;
    };
    const packs = (): Promise<number> => bytesBelow(join(folder, 'server'));
    isOver = await runLeg(
      progress,
      server,
      'left',
      packs,
      async () => (await packs()) > progress.sizeBytes && isSafe(),
    );
    if (isOver) {
      progress.at = 'down';
      rmSync(here);
    }
  }
  if (isOver && progress.at === 'down') {
    const staged = (): Promise<number> => bytesBelow(join(folder, 'right'));
    isOver = await runLeg(progress, server, 'right', staged, async () => sizeOf(there) === progress.sizeBytes);
    if (isOver) {
      progress.at = 'done';
      progress.isSame = sumOf(there) === progress.sha256;
    }
  }
  writeFileSync(noteFile, `${JSON.stringify(progress, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(progress, null, 2)}\n`);
} finally {
  await server.end('SIGTERM');
}
process.exit(isOver ? 0 : 3);
