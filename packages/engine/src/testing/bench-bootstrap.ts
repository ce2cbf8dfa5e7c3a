/*
 * node packages/engine/src/testing/bench-bootstrap.ts [ENTRIES] [FILES]
 *
 * What a new device has to read before it knows the tree: the whole journal, or a checkpoint and what came after it. The real predicate, signatures and
 * state; sealed parts say what they hold in clear, and the server answers at once. Results go to bench/results/.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256, signEntry } from '@onefold/journal';
import {
  changesetBodySchema,
  encodeWire,
  entriesResponse,
  ROOT_NODE,
  skippedResponse,
  snapshotResponse,
  type Change,
  type NodeId,
  type OpId,
} from '@onefold/protocol';
import type { Remote } from '../ports.ts';
import { openRunner, secret } from './bench-runner.ts';
import { memoryAccount } from './memory-account.ts';
import { createMemorySealing } from './memory-sealing.ts';
import { createMemoryServer } from './memory-server.ts';

const ENTRIES = Number(process.argv[2] ?? 20_000);
const FILES = Number(process.argv[3] ?? 2_000);
/** Come after the checkpoint. */
const LATER = 100;
const PAGE_ENTRIES = 1_000;
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

const account = memoryAccount(2);
const server = createMemoryServer(account, PAGE_ENTRIES);
const [author, fresh] = [account.devices[0]!, account.devices[1]!];
const sealing = createMemorySealing({ device: author.device, user: account.user, sign: author.sign });
const calls = server.callsOf(author.device);
const versions = new Map<number, number>();
let deviceSeq = 0;

const nodeOf = (file: number): NodeId => sha256(secret(`node ${file}`)).slice(0, 32) as NodeId;

function commit(changes: Change[]): void {
  const { seq, hash, namespaceId } = server.head();
  const body = encodeWire(changesetBodySchema, { changes });
  const header = {
    format: 1,
    type: 'changeset',
    namespaceId,
    epoch: 0,
    device: author.device,
    deviceSeq: ++deviceSeq,
    baseSeq: seq,
    baseHash: hash,
    opId: sha256(secret(`op ${deviceSeq}`)).slice(0, 32) as OpId,
    changesHash: sha256(body),
  } as const;
  const { outcome } = calls.commit({ entry: signEntry(author.sign, header, body) });
  if (outcome !== 'committed') throw new Error(outcome);
}

/** Links: they have content, and nothing that is stored apart. */
function create(file: number): Change {
  const [node, name] = [nodeOf(file), `file ${file}`];
  const at = { node, version: 1, epoch: 0 };
  versions.set(file, 1);
  const content = { added: [], dropped: [], sealed: sealing.sealContent(at, { kind: 'link', target: `${file} 1` }) };
  const place = sealing.sealPlace(at, name);
  return {
    op: 'create',
    node,
    kind: 'link',
    parent: ROOT_NODE,
    nameTag: sealing.nameTag(ROOT_NODE, name),
    place,
    content,
  };
}

function edit(file: number): Change {
  const base = versions.get(file)!;
  const at = { node: nodeOf(file), version: base + 1, epoch: 0 };
  versions.set(file, base + 1);
  const sealed = sealing.sealContent(at, { kind: 'link', target: `${file} ${base + 1}` });
  return { op: 'content', node: at.node, base, added: [], dropped: [], sealed };
}

/** A new device, until its state holds the tree as of the head. */
async function bootstrap(scratch: string) {
  mkdirSync(scratch);
  const read = { calls: 0, bytes: 0 };
  const weigh = <T>(schema: Parameters<typeof encodeWire>[0], answer: T): T => {
    read.calls++;
    read.bytes += encodeWire(schema, answer as never).length;
    return answer;
  };
  let before = process.cpuUsage();
  let known: { readonly atMs: number; readonly cpu: NodeJS.CpuUsage } | null = null;
  const { runner, close } = await openRunner(scratch, { account, server, device: fresh }, (ports) => {
    const remote: Remote = {
      ...ports.remote,
      entries: async (after, minSeq) => weigh(entriesResponse, await ports.remote.entries(after, minSeq)),
      skipped: async (after, to) => weigh(skippedResponse, await ports.remote.skipped(after, to)),
      snapshot: async (seq, after) => weigh(snapshotResponse, await ports.remote.snapshot(seq, after)),
      inBulk: () => remote,
    };
    const store: typeof ports.store = {
      ...ports.store,
      async commit(batch) {
        await ports.store.commit(batch);
        if (batch.cursor?.remoteSeq === server.head().seq)
          known ??= { atMs: performance.now(), cpu: process.cpuUsage(before) };
      },
    };
    return { ...ports, remote, store };
  });
  const startMs = performance.now();
  before = process.cpuUsage();
  await runner.cycle();
  await close();
  const reached = known as { readonly atMs: number; readonly cpu: NodeJS.CpuUsage } | null;
  if (reached === null) throw new Error('the head was not reached');
  const { user, system } = reached.cpu;
  return { seconds: round((reached.atMs - startMs) / 1_000), cpuSeconds: round((user + system) / 1e6), ...read };
}

const round = (value: number): number => Math.round(value * 100) / 100;

const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'bootstrap-')));
const loadBefore = loadavg()[0];
try {
  for (let at = 0; at < FILES; at += 100)
    commit(Array.from({ length: Math.min(100, FILES - at) }, (_, i) => create(at + i)));
  for (let i = server.head().seq; i < ENTRIES; i++) commit([edit(i % FILES)]);
  const whole = await bootstrap(join(scratch, 'whole'));
  server.truncate();
  for (let i = 0; i < LATER; i++) commit([edit(i % FILES)]);
  const truncated = await bootstrap(join(scratch, 'truncated'));
  const date = new Intl.DateTimeFormat('sv-SE').format();
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  const commitId = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT }).toString().trim();
  const result = {
    what: 'bootstrap',
    date,
    commit: commitId,
    machine: { ...machine, loadBefore, loadAfter: loadavg()[0] },
    entries: ENTRIES,
    nodes: FILES,
    entriesAfterCheckpoint: LATER,
    whole,
    truncated,
  };
  const file = join(ROOT, 'bench/results', `bootstrap-${date}.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n${file}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
