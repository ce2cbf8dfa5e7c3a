/*
 * `node bench/figures.ts`: what the engine promises of itself, measured on the product's own processes. Keeps the figures in bench/results/,
 * unless the work was made smaller. Options: --files 100000  --large-gib 20  --idle-seconds 60  --only responsive,limits,large
 *
 *   responsive   a tree of many files arrives in one namespace: how long status takes meanwhile, from asking to answer, and how long a file
 *                of another namespace takes to the other device; then a rescan of all of it, and what the daemon costs at rest
 *   limits       a limit of 4 MB/s against the time an upload took; the bytes that went after a pause
 *   large        one large file, sparse with a MiB of noise every 16: memory of both daemons and the server on its way
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runOk } from '../tools/command-line.ts';
import { countFiles, sizeOf, timeUntil, usageOf } from './measure.ts';
import { onefold } from './peers/onefold.ts';
import type { Peer } from './peers/peer.ts';
import { makeLargeFile, makeSmallFiles } from './work.ts';

const FULL = { files: 100_000, largeGib: 20, idleSeconds: 60 };
const MIB = 1024 * 1024;

type Figures = Record<string, number | string>;

/** The daemon's own line, as any program would speak it: one JSON text each way. */
function openLine(home: string): { ask(call: string, args?: unknown): Promise<unknown>; close(): void } {
  const socket = connect(join(home, 'control.sock'));
  const waiting = new Map<number, (result: unknown) => void>();
  let pending = '';
  let next = 1;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const { id, result } = JSON.parse(line) as { id?: number; result?: unknown };
      if (id !== undefined) waiting.get(id)?.(result);
    }
  });
  return {
    ask: (call, args = {}) =>
      new Promise((resolve) => {
        const id = next++;
        waiting.set(id, resolve);
        socket.write(`${JSON.stringify({ id, call, args })}\n`);
      }),
    close: () => void socket.destroy(),
  };
}

function spread(name: string, values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    [`${name}Count`]: sorted.length,
    [`${name}MedianMs`]: at(0.5),
    [`${name}P99Ms`]: at(0.99),
    [`${name}WorstMs`]: at(1),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks for the status again and again until told to stop; answers how long each took. */
function sampleStatus(home: string): () => number[] {
  const line = openLine(home);
  const tookMs: number[] = [];
  let isOver = false;
  void (async () => {
    while (!isOver) {
      const startMs = performance.now();
      await line.ask('status');
      tookMs.push(performance.now() - startMs);
      await sleep(20);
    }
    line.close();
  })();
  return () => {
    isOver = true;
    return tookMs;
  };
}

async function responsive(peer: Peer, scratch: string, files: number, idleSeconds: number): Promise<Figures> {
  const home = join(scratch, 'peer', 'homes', 'left');
  const other = [join(scratch, 'other-left'), join(scratch, 'other-right')] as const;
  for (const [i, folder] of other.entries()) {
    mkdirSync(folder);
    const owner = join(scratch, 'peer', 'homes', i === 0 ? 'left' : 'right');
    await runOk('onefold', ['add', folder, '--namespace', 'other', '--home', owner]);
    await runOk('onefold', ['sync', '--wait', '--home', owner]);
  }
  const made = join(scratch, 'made');
  makeSmallFiles(made, files);
  const stopSampling = sampleStatus(home);
  const startMs = performance.now();
  renameSync(made, join(peer.left, 'tree'));
  const crossings: number[] = [];
  for (let i = 0; ; i++) {
    await sleep(1_000);
    const name = `small-${i}`;
    const sentMs = performance.now();
    writeFileSync(join(other[0], name), name);
    await timeUntil(() => sizeOf(join(other[1], name)) > 0);
    crossings.push(performance.now() - sentMs);
    const status = JSON.parse(await runOk('onefold', ['status', '--json', '--home', home])) as { notYetSafe: number };
    if (status.notYetSafe === 0 && i > 3) break;
  }
  const importSeconds = (performance.now() - startMs) / 1000;
  const samples = stopSampling();
  const line = openLine(home);
  const pauseMs: number[] = [];
  for (const call of ['pause', 'resume']) {
    const askedMs = performance.now();
    await line.ask(call, { folder: peer.left });
    pauseMs.push(performance.now() - askedMs);
  }
  line.close();
  await timeUntil(() => countFiles(join(peer.right, 'tree')) === files, 2_000);
  await runOk('onefold', ['sync', '--wait', '--home', home]);
  const scanMs = performance.now();
  await runOk('onefold', ['sync', '--wait', '--home', home]);
  const rescanSeconds = (performance.now() - scanMs) / 1000;
  const edits: number[] = [];
  for (let i = 0; i < 10; i++) {
    const editMs = performance.now();
    const text = `edited ${i} `.repeat(1_000 + i);
    writeFileSync(join(peer.left, 'tree', '7', 'file-700.dat'), text);
    await timeUntil(() => sizeOf(join(peer.right, 'tree', '7', 'file-700.dat')) === text.length);
    edits.push(performance.now() - editMs);
    await sleep(300);
  }
  await sleep(45_000);
  const [pid = -1] = peer.leftPids;
  const before = await usageOf(pid);
  await sleep(idleSeconds * 1000);
  const after = await usageOf(pid);
  return {
    files,
    importSeconds: round(importSeconds),
    ...spread('status', samples),
    ...spread('otherNamespace', crossings),
    pauseMs: round(pauseMs[0] ?? 0),
    resumeMs: round(pauseMs[1] ?? 0),
    rescanSeconds: round(rescanSeconds),
    ...spread('edit', edits),
    idleRssMib: round(after.rssBytes / MIB),
    idleCpuPercent: round(((after.cpuSeconds - before.cpuSeconds) / idleSeconds) * 100 * 10) / 10,
  };
}

async function limits(peer: Peer, scratch: string): Promise<Figures> {
  const home = join(scratch, 'peer', 'homes', 'left');
  const rate = 4_000_000;
  await runOk('onefold', ['settings', 'set', 'bandwidth.upBytesPerSecond', String(rate), '--home', home]);
  const sizeBytes = 100_000_000;
  const file = join(scratch, 'limited.bin');
  makeLargeFile(file, sizeBytes);
  const line = openLine(home);
  const done = async (): Promise<number> => {
    const status = (await line.ask('status')) as { progress?: { inFlight: { bytesDone: number }[] } };
    return status.progress?.inFlight[0]?.bytesDone ?? 0;
  };
  renameSync(file, join(peer.left, 'limited.bin'));
  while ((await done()) === 0) await sleep(50);
  const [fromMs, fromBytes] = [performance.now(), await done()];
  while ((await done()) < sizeBytes * 0.8) await sleep(20);
  const measured = ((await done()) - fromBytes) / ((performance.now() - fromMs) / 1000);
  await line.ask('pause', { folder: peer.left });
  await sleep(1_000);
  const atPause = await done();
  await sleep(3_000);
  const afterPauseBytes = (await done()) - atPause;
  await line.ask('resume', { folder: peer.left });
  line.close();
  await runOk('onefold', ['settings', 'set', 'bandwidth.upBytesPerSecond', 'null', '--home', home]);
  await timeUntil(() => sizeOf(join(peer.right, 'limited.bin')) === sizeBytes, 200);
  return {
    limitBytesPerSecond: rate,
    measuredBytesPerSecond: Math.round(measured),
    deviationPercent: round((measured / rate - 1) * 100),
    bytesLaterThanOneSecondAfterPause: afterPauseBytes,
  };
}

/** 16 MiB of hole, 1 MiB of noise, and so on. */
function makeSparseFile(path: string, sizeBytes: number): number {
  const file = openSync(path, 'w');
  truncateSync(path, sizeBytes);
  let noise = 0;
  for (let at = 0; at + MIB <= sizeBytes; at += 17 * MIB) {
    writeSync(file, randomBytes(MIB), 0, MIB, at);
    noise += MIB;
  }
  closeSync(file);
  return noise;
}

async function large(peer: Peer, scratch: string, sizeBytes: number): Promise<Figures> {
  const file = join(scratch, 'large.bin');
  const noise = makeSparseFile(file, sizeBytes);
  const most = { left: 0, right: 0 };
  const pids = { left: peer.leftPids[0] ?? -1, right: peer.rightPids?.[0] ?? -1 };
  let isOver = false;
  void (async () => {
    while (!isOver) {
      for (const side of ['left', 'right'] as const) {
        const usage = await usageOf(pids[side]).catch(() => null);
        most[side] = Math.max(most[side], usage?.rssBytes ?? 0);
      }
      await sleep(200);
    }
  })();
  const startMs = performance.now();
  renameSync(file, join(peer.left, 'large.bin'));
  await timeUntil(() => {
    process.stderr.write(
      `${Math.round((performance.now() - startMs) / 1000)} s, ${round(most.left / MIB)} and ${round(most.right / MIB)} MiB\n`,
    );
    return sizeOf(join(peer.right, 'large.bin')) === sizeBytes;
  }, 5_000);
  const seconds = (performance.now() - startMs) / 1000;
  isOver = true;
  return {
    largeBytes: sizeBytes,
    largeNoiseBytes: noise,
    largeSeconds: round(seconds),
    largeMibPerSecond: round(sizeBytes / MIB / seconds),
    sendingRssMib: round(most.left / MIB),
    receivingRssMib: round(most.right / MIB),
  };
}

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: String(FULL.files) },
    'large-gib': { type: 'string', default: String(FULL.largeGib) },
    'idle-seconds': { type: 'string', default: String(FULL.idleSeconds) },
    only: { type: 'string', default: 'limits,responsive,large' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'of-'));
const peer = await onefold.start(join(scratch, 'peer'));
const figures: Record<string, Figures> = {};
try {
  for (const one of values.only.split(',')) {
    const began = loadavg()[0] ?? 0;
    if (one === 'limits') figures[one] = await limits(peer, scratch);
    if (one === 'responsive')
      figures[one] = await responsive(peer, scratch, Number(values.files), Number(values['idle-seconds']));
    if (one === 'large')
      figures[one] = await large(peer, scratch, Math.round(Number(values['large-gib']) * 1024) * MIB);
    figures[one] = { ...figures[one], loadBefore: round(began), loadAfter: round(loadavg()[0] ?? 0) };
    process.stdout.write(`${one} ${JSON.stringify(figures[one], null, 2)}\n`);
    const day = new Date().toISOString().slice(0, 10);
    const isFull = one !== 'responsive' || Number(values.files) === FULL.files;
    const machine = { cpus: cpus().length, cpu: cpus()[0]?.model ?? '', kernel: release(), node: process.version };
    const target = fileURLToPath(new URL(`results/${one}-${day}.json`, import.meta.url));
    if (isFull) writeFileSync(target, `${JSON.stringify({ machine, ...figures[one] }, null, 2)}\n`);
  }
} finally {
  await peer.close();
  rmSync(scratch, { recursive: true, force: true });
}
