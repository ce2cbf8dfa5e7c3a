import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CtHash } from '@onefold/protocol';
import { startPostgres, type Postgres } from '../../../tools/engines/postgres.ts';
import { fsck } from './admin/fsck.ts';
import { createScrubber } from './collect/scrub.ts';
import { createPresence } from './events/presence.ts';
import { createTreeSumFiller } from './journal/fill-tree-sums.ts';
import { BLOCK_LOST, BLOCK_STORED } from './metadata/tables.ts';
import { openDiskPackStore } from './packs/disk.ts';
import { startServer } from './server.ts';
import { packFiles } from './testing/deaths.ts';
import { engineFolder } from './testing/engine-folder.ts';
import {
  BEGUN_AT_MS,
  collectAll,
  DAY_MS,
  giveWork,
  HOUR_MS,
  JOBS_CONFIG,
  LEASE_MS,
  outcomeOf,
  retain,
} from './testing/job-work.ts';
import { createClient, createFolder, valueOf } from './testing/test-client.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { endedOrWaiting, openNode, rowsIn, watchChanges, type Node, type Step } from './testing/two-nodes.ts';
import { createUploadSweeper } from './uploads/sweep-uploads.ts';

/** Noted once, however many nodes did it; or not any more. */
const ONCE = ['journal-truncated', 'namespace-removed', 'trash-purged', 'versions-purged', 'account-created'];
const NEVER = new AbortController().signal;
const folder = engineFolder();
const filled = mkdtempSync(join(tmpdir(), 'onefold-filled-'));
let engine: Postgres;
let count = 0;
/** What the current versions are made of. */
let kept: CtHash[] = [];

beforeAll(async () => {
  engine = await startPostgres({ folder: folder.path });
  const postgres = { urls: [await engine.createDatabase('filled')] };
  const options = { ...JOBS_CONFIG, postgres, data: filled, listen: '127.0.0.1:0', logLevel: 'silent' } as const;
  const server = await startServer(options, () => BEGUN_AT_MS);
  kept = await giveWork(server.url);
  await server.close();
}, 120_000);
afterAll(async () => {
  await engine.kill();
  folder.remove();
  rmSync(filled, { recursive: true, force: true });
});

/** A database, its store of packs, and the time at which nodes find them. */
interface Place {
  readonly database: string;
  readonly data: string;
  readonly atMs: number;
}

/** Work of a node, which may move the clock of all of them. */
type Work = (context: Node['context'], later: (ms: number) => void) => Promise<void>;

/** Where a node stands still: at the how manieth step of its sort. */
interface Pause {
  readonly step: Step;
  readonly number: number;
  readonly kind: string;
}

/** A copy of a place, for nodes of one clock. */
async function copyOf({ database, data: from, atMs }: Place) {
  const data = temporaryFolder();
  cpSync(from, data, { recursive: true });
  const name = `copy${++count}`;
  await engine.query(`create database "${name}" template "${database}"`);
  const url = engine.url.replace(/postgres$/, name);
  const clock = { nowMs: atMs };
  const nowMs = (): number => clock.nowMs;
  const packs = await openDiskPackStore({ folder: join(data, 'packs'), nowMs });
  const nodes: Node[] = [];
  const close = async (): Promise<void> => {
    for (const node of nodes.splice(0)) await node.close();
  };
  onTestFinished(close);
  return {
    url,
    data,
    database: name,
    clock,
    close,
    /** A hundred of them would fill the disk. */
    async drop(): Promise<void> {
      await close();
      await engine.query(`drop database "${name}"`);
      rmSync(data, { recursive: true });
    },
    run: (node: Node, work: Work) => work(node.context, (ms) => void (clock.nowMs += ms)),
    async node(onStep: (step: Step, what: string) => Promise<void> = () => Promise.resolve()): Promise<Node> {
      const name = String(nodes.length);
      const node = await openNode({ url, data, packs, nowMs, config: JOBS_CONFIG, name, onStep });
      nodes.push(node);
      return node;
    },
    /** What stands in the end, which is sound, and what was published; and nobody complained of anything. */
    async outcome(): Promise<Record<string, unknown>> {
      const { context } = nodes[0] ?? (await this.node());
      expect((await fsck(context.metadata, context.packs)).damage).toEqual([]);
      const rows = await rowsIn(context.metadata);
      const stored = (rows['block'] ?? []).filter(({ state }) => state === BLOCK_STORED).map((row) => row['ct_hash']);
      expect(stored).toEqual(expect.arrayContaining(kept));
      expect(nodes.flatMap((node) => node.complaints())).toEqual([]);
      await nextTurn();
      const published = nodes.flatMap((node) => node.published).map((message) => JSON.stringify(message));
      return { ...outcomeOf(rows, packFiles(data), ONCE), published: published.sort() };
    },
  };
}
type Copy = Awaited<ReturnType<typeof copyOf>>;

/** Runs the work on one node, and on another one as the next run would; answers the first step of every kind, of writes the last as well, and what came out. */
async function runAlone(place: Place, work: Work): Promise<{ pauses: Pause[]; copy: Copy }> {
  const copy = await copyOf(place);
  const next = await copy.node();
  const changes = watchChanges(next.context.metadata, copy.data);
  await changes();
  const pauses = new Map<string, Pause>();
  const numbers: Record<Step, number> = { between: 0, within: 0 };
  let last = 'nothing';
  const node = await copy.node(async (step, what) => {
    const number = ++numbers[step];
    if (step === 'between') last = (await changes()).join(', ') || last;
    const kind = `${what}, after a change of ${last}`;
    const key = `${step} ${kind}`;
    if (!pauses.has(key)) pauses.set(key, { step, number, kind });
    else if (what === 'write') pauses.set(`last ${key}`, { step, number, kind });
  });
  await copy.run(node, work);
  await copy.run(next, work);
  return { pauses: [...pauses.values()], copy };
}

/** Runs the work on one node, which stands still where it is told until another one has done all it can; then the next run. */
async function runBeside(place: Place, work: Work, pause: Pause): Promise<Record<string, unknown>> {
  const copy = await copyOf(place);
  const numbers: Record<Step, number> = { between: 0, within: 0 };
  const [next, other] = [await copy.node(), await copy.node()];
  let others: Promise<void> | undefined;
  const node = await copy.node(async (step) => {
    if (++numbers[step] !== pause.number || step !== pause.step) return;
    copy.clock.nowMs += LEASE_MS;
    others = copy.run(other, work);
    await (step === 'between' ? others : endedOrWaiting(next.context.metadata, others));
  });
  try {
    await copy.run(node, work);
    expect(others).toBeDefined();
    await others;
    await copy.run(next, work);
    return await copy.outcome();
  } finally {
    await others?.catch(() => undefined);
    await copy.drop();
  }
}

/** Lets a node stand still at every kind of step; each time the same comes out. `free`: what may differ. */
async function standStillEverywhere(place: Place, work: Work, free: readonly string[] = []): Promise<Pause[]> {
  const { pauses, copy } = await runAlone(place, work);
  const outcome = await copy.outcome();
  await copy.close();
  for (const pause of pauses) {
    const found = await runBeside(place, work, pause).catch((thrown: unknown): Record<string, unknown> => ({ thrown }));
    const names = 'thrown' in found ? ['thrown'] : Object.keys({ ...found, ...outcome });
    const different = names.filter((name) => !free.includes(name) && !isDeepStrictEqual(found[name], outcome[name]));
    const told = different.map((name) => [name, found[name], outcome[name]]);
    expect.soft({ pause, told }).toEqual({ pause, told: [] });
  }
  return pauses;
}

const kindsOf = (pauses: readonly Pause[]): string[] => pauses.map(({ step, kind }) => `${step} ${kind}`);

describe('background work of two nodes at once comes to the same end, wherever one of them stands still:', () => {
  const later = (): Place => ({ database: 'filled', data: filled, atMs: BEGUN_AT_MS + 100 * DAY_MS });

  test('cutting a journal, purging, removing a namespace, and forgetting notes', { timeout: 240_000 }, async () => {
    const kinds = kindsOf(await standStillEverywhere(later(), retain));
    expect(kinds).toEqual(
      expect.arrayContaining([
        'within write, after a change of audit, doomed_namespace, namespace, tree_sum',
        'between read checkpoint, after a change of audit, block, file_version, retention_pass, version_block',
        'within write, after a change of entry, entry_stub, namespace',
        'between write, after a change of checkpoint',
      ]),
    );
  });

  test('collecting and repacking', { timeout: 240_000 }, async () => {
    const { copy } = await runAlone(later(), retain);
    await copy.close();
    const place = { ...copy, atMs: BEGUN_AT_MS + 101 * DAY_MS };
    // How many packs there are in the end depends on which were small when somebody looked; that they fit their blocks was checked.
    const kinds = kindsOf(await standStillEverywhere(place, collectAll, ['pack', 'namespace']));
    expect(kinds).toEqual(
      expect.arrayContaining([
        'between put, after a change of block',
        'within write, after a change of files',
        'between remove, after a change of dead_object',
      ]),
    );
  });

  test('sweeping uploads, adding up trees, scrubbing, and forgetting who was here', { timeout: 240_000 }, async () => {
    const copy = await copyOf({ database: 'filled', data: filled, atMs: BEGUN_AT_MS });
    await copy.close();
    const options = { ...JOBS_CONFIG, postgres: { urls: [copy.url] }, data: copy.data };
    const server = await startServer({ ...options, listen: '127.0.0.1:0', logLevel: 'silent' }, () => BEGUN_AT_MS);
    const client = await createClient(server.url);
    for (let i = 0; i < 60; i++) valueOf(await client.commit([createFolder()]));
    await server.close();
    const endedAtMs = BEGUN_AT_MS - 8 * DAY_MS;
    for (const statement of [
      // A node died before it looked whether the upload is whole; others wait for blocks, or ended long ago.
      `update upload set state = 'pending', expires_at_ms = ${BEGUN_AT_MS + DAY_MS}`,
      `insert into upload select made.* from upload u, generate_series(1, 6) i, jsonb_populate_record(u, jsonb_build_object(
        'upload', '\\x' || md5(i::text), 'op_id', '\\x' || md5('op' || i), 'is_complete_list', 0,
        'state', case when i <= 3 then 'pending' else 'expired' end,
        'expires_at_ms', case when i <= 3 then ${BEGUN_AT_MS} else ${endedAtMs} end)) made`,
      `update block set state = ${BLOCK_LOST} where ct_hash in (select ct_hash from block order by ct_hash limit 5)`,
      // As a journal from before there were sums.
      `delete from node_row where namespace not in (select namespace from checkpoint)`,
      `delete from tree_sum where namespace not in (select namespace from checkpoint)`,
      `insert into presence select device, 'gone', ${BEGUN_AT_MS} from device`,
    ])
      await engine.query(statement, copy.database);
    const sweepAll: Work = async (context) => {
      await createUploadSweeper(context)(NEVER);
      await createTreeSumFiller(context)(NEVER);
      await createScrubber(context, Infinity, new Uint8Array())(NEVER);
      const onError = (error: unknown): void => context.log.error({ err: error }, 'presence');
      const options = { metadata: context.metadata, nowMs: context.nowMs, onError };
      await createPresence({ ...options, isHere: () => false, here: () => [] }).refresh();
    };
    const place = { ...copy, atMs: BEGUN_AT_MS + HOUR_MS };
    const kinds = kindsOf(await standStillEverywhere(place, sweepAll));
    expect(kinds).toEqual(
      expect.arrayContaining([
        'within write, after a change of upload',
        'within write, after a change of node_row, tree_sum',
        'between read block, after a change of block, namespace',
      ]),
    );
  });
});
