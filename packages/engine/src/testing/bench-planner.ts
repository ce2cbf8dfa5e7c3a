/*
 * node packages/engine/src/testing/bench-planner.ts [FILES] [NODES]
 *
 * What one change costs in a large tree: a real disk, the real state and real workers around a server that answers at once, so that what is
 * measured is the engine's. Then a state of very many nodes, all of them to be planned. Results go to bench/results/.
 */
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ROOT_NODE, toHex, type DeviceId, type NameTag, type NamespaceId, type NodeId } from '@onefold/protocol';
import type { FileStat, NodeRow } from '../core/tree.ts';
import { systemClock } from '../node/machine/clock.ts';
import { systemRandom } from '../node/machine/random.ts';
import { openStore } from '../node/state/store.ts';
import type { Ports } from '../ports.ts';
import { createRunner, type Runner } from '../sync/runner.ts';
import { planFor } from '../sync/load-view.ts';
import { openRunner, outside, remoteOf, secret } from './bench-runner.ts';
import { memoryAccount } from './memory-account.ts';
import { createMemorySealing } from './memory-sealing.ts';
import { createMemoryServer } from './memory-server.ts';

const FILES = Number(process.argv[2] ?? 100_000);
const NODES = Number(process.argv[3] ?? 1_000_000);
const FILES_PER_FOLDER = 100;
const EDITS = 200;
const ROWS_PER_PAGE = 2_000;
const MIB = 1024 * 1024;
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

const round = (value: number): number => Math.round(value * 100) / 100;

function spread(values: readonly number[]): { medianMs: number; p99Ms: number; worstMs: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { medianMs: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
}

/** Cycles until nothing is left to do. */
async function rest(runner: Runner): Promise<void> {
  do await runner.cycle();
  while (!runner.isQuiet());
}

async function measureTree(scratch: string): Promise<Record<string, unknown>> {
  const account = memoryAccount(1);
  const device = account.devices[0]!;
  const { runner, root, close } = await openRunner(scratch, { account, device, server: createMemoryServer(account) });
  for (let i = 0; i < FILES; i++) {
    const folder = join(root, `folder-${Math.floor(i / FILES_PER_FOLDER)}`);
    if (i % FILES_PER_FOLDER === 0) mkdirSync(folder);
    writeFileSync(join(folder, `file-${i}.txt`), `this is file ${i}\n`);
  }
  const importMs = performance.now();
  await rest(runner);
  const importSeconds = (performance.now() - importMs) / 1000;

  const whole: number[] = [];
  const own: number[] = [];
  const idle: number[] = [];
  /** CPU time of all threads: what a busy machine does not change. */
  const cpu: number[] = [];
  for (let i = 0; i < EDITS + 3; i++) {
    const number = Math.floor((i / EDITS) * FILES) % FILES;
    const path = `folder-${Math.floor(number / FILES_PER_FOLDER)}/file-${number}.txt`;
    writeFileSync(join(root, path), `edited ${i}\n`);
    // Until the file counts as standing still.
    await pass(120);
    runner.hint([path]);
    outside.blocksMs = outside.serverMs = 0;
    const startMs = performance.now();
    const cpuBefore = process.cpuUsage();
    do await runner.cycle();
    while (runner.status().pending > 0);
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    const idleMs = performance.now();
    await runner.cycle();
    // The first ones start the worker threads.
    if (i < 3) continue;
    whole.push(tookMs);
    cpu.push((user + system) / 1000);
    own.push(tookMs - outside.blocksMs - outside.serverMs);
    idle.push(performance.now() - idleMs);
  }

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const scanMs = performance.now();
  const wanted = runner.requestFull();
  do await runner.cycle();
  while (runner.completedScan() < wanted);
  const rescanSeconds = (performance.now() - scanMs) / 1000;
  delay.disable();
  await close();
  return {
    files: FILES,
    importSeconds: round(importSeconds),
    edits: EDITS,
    editEngineMs: spread(own),
    editWholeMs: spread(whole),
    editCpuMs: spread(cpu),
    cycleWithNothingToDoMs: spread(idle),
    rescanSeconds: round(rescanSeconds),
    rescanHoldsLoopMs: { p99: round(delay.percentile(99) / 1e6), worst: round(delay.max / 1e6) },
  };
}

const idOf = (n: number): NodeId => toHex(secret(`node ${n}`).subarray(0, 16)) as NodeId;

function statOf(n: number, kind: FileStat['kind']): FileStat {
  const timeNs = 1_700_000_000_000_000_000n + BigInt(n);
  const numbers = { mtimeNs: timeNs, ctimeNs: timeNs, birthtimeNs: timeNs, inode: BigInt(n + 1), device: 1n };
  return { kind, sizeBytes: 100, ...numbers, linkCount: 1, mode: 0o644 };
}

/** A tree of folders of a hundred: here only, or there only. */
function rowOf(n: number, side: 'local' | 'remote'): NodeRow {
  const isFolder = n % (FILES_PER_FOLDER + 1) === 0;
  const parent = isFolder ? ROOT_NODE : idOf(n - (n % (FILES_PER_FOLDER + 1)));
  const kind = isFolder ? 'folder' : 'file';
  const name = `${kind} number ${n}`;
  const none = { node: idOf(n), local: null, remote: null, synced: null };
  if (side === 'local') return { ...none, local: { kind, parent, name, stat: statOf(n, kind), content: null } };
  const contentId = toHex(secret(`content ${n}`)) as never;
  return {
    ...none,
    remote: {
      kind,
      parent,
      name,
      nameTag: toHex(secret(`tag ${n}`)) as NameTag,
      hidden: false,
      hiddenAbove: false,
      unticked: false,
      quarantined: false,
      placeVersion: 1,
      contentVersion: isFolder ? 0 : 1,
      attributesVersion: 0,
      lastSeq: 1,
      author: 'd'.repeat(32) as DeviceId,
      content: isFolder ? null : { kind: 'file', contentId, sizeBytes: 100 },
      attributes: null,
    },
  };
}

/** In a process of its own, whose memory is then that of planning. */
async function measurePlanning(scratch: string, side: 'local' | 'remote'): Promise<Record<string, unknown>> {
  const store = await openStore(join(scratch, `${side}.sqlite`));
  for (let from = 0; from < NODES; from += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, NODES - from) }, (_, i) => rowOf(from + i, side));
    await store.commit({ rows });
  }
  const filledBytes = process.memoryUsage().rss;
  const account = memoryAccount(1);
  const device = account.devices[0]!;
  const ports = {
    clock: systemClock,
    random: systemRandom,
    store,
    remote: remoteOf(createMemoryServer(account).callsOf(device.device)),
    sealing: createMemorySealing({ device: device.device, user: account.user, sign: device.sign }),
    log: { write: () => undefined },
  } as unknown as Ports;
  const quiet = { wake: () => undefined, status: () => undefined, activity: () => undefined };
  const namespaceId = 'a'.repeat(64) as NamespaceId;
  const { session } = createRunner(ports, { namespaceId, deviceName: 'Laptop', folderId: 'bench' }, quiet);
  const loadMs = performance.now();
  await session.guard.load();
  const guardSeconds = (performance.now() - loadMs) / 1000;
  const startMs = performance.now();
  let planned = 0;
  let after: NodeId | null = null;
  for (;;) {
    const rows: readonly NodeRow[] = await store.unsettled(ROWS_PER_PAGE, after);
    if (rows.length === 0) break;
    const plan = await planFor(session, rows, false);
    planned += rows.length;
    if (plan.up.length + plan.down.length < rows.length) throw new Error('not everything was planned');
    after = rows.at(-1)!.node;
  }
  const planSeconds = (performance.now() - startMs) / 1000;
  await store.close();
  return {
    nodes: planned,
    guardSeconds: round(guardSeconds),
    planSeconds: round(planSeconds),
    nodesPerSecond: Math.round(planned / planSeconds),
    rssAfterFillingMib: Math.round(filledBytes / MIB),
    peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function inProcessOfItsOwn(scratch: string, side: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [String(FILES), String(NODES), side, scratch]);
    child.once('message', (result) => resolve(result as Record<string, unknown>));
    child.once('exit', (code) => reject(new Error(`it ended with ${String(code)}`)));
  });
}

const [, , , , side, folder] = process.argv;
if (side !== undefined && folder !== undefined) {
  process.send?.(await measurePlanning(folder, side === 'local' ? 'local' : 'remote'));
  process.disconnect();
} else {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'onefold-bench-')));
  try {
    const loadBefore = round(loadavg()[0] ?? 0);
    const tree = FILES === 0 ? null : await measureTree(scratch);
    const here = NODES === 0 ? null : await inProcessOfItsOwn(scratch, 'local');
    const there = NODES === 0 ? null : await inProcessOfItsOwn(scratch, 'remote');
    const result = {
      what: 'planner',
      date: new Intl.DateTimeFormat('sv-SE').format(),
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim(),
      machine: { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version },
      tree,
      planning: { hereOnly: here, thereOnly: there },
      loadBefore,
      loadAfter: round(loadavg()[0] ?? 0),
    };
    const text = `${JSON.stringify(result, undefined, 2)}\n`;
    process.stdout.write(text);
    if (FILES === 100_000 && NODES === 1_000_000)
      writeFileSync(join(ROOT, `bench/results/planner-${result.date}.json`), text);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
