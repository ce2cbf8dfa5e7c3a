import { workerData } from 'node:worker_threads';
import type { Side } from '../../ports.ts';
import { serveCalls } from '../worker-calls.ts';
import { MIGRATIONS } from './migrations.ts';
import { openNodeTable, type NodeTable } from './node-table.ts';
import { openStateDatabase, stateError } from './open-database.ts';
import { decodeRow, encodeRow, nameOf, type FlatRow } from './row-columns.ts';
import { openSideTables, type Keyed, type KnownBlock, type StoredReferences } from './side-tables.ts';

/* One thread per engine's database. Every call is synchronous, so a commit and the reads around it never interleave. */

/** A Batch whose parts are values only. */
export interface FlatBatch {
  readonly forgetLocal: boolean;
  readonly forgetJournal: boolean;
  readonly rows: readonly FlatRow[];
  readonly removedRows: readonly string[];
  readonly references: readonly (readonly [node: string, value: StoredReferences | null])[];
  readonly blocks: readonly KnownBlock[];
  readonly hashes: readonly (readonly [seq: number, hash: string])[];
  /** Named values: cursor, members, in-flight. null removes. */
  readonly singles: readonly (readonly [name: string, value: Uint8Array | null])[];
  readonly intents: readonly Keyed[];
  readonly removedIntents: readonly string[];
  readonly diskIntents: readonly Keyed[];
  readonly removedDiskIntents: readonly string[];
  readonly attention: readonly Keyed[];
  readonly removedAttention: readonly string[];
  readonly activity: readonly string[];
  readonly facts: readonly (readonly [key: string, value: string | null])[];
}

const { file } = workerData as { readonly file: string };
let opened: ReturnType<typeof open> | undefined;

function open() {
  const database = openStateDatabase(file, MIGRATIONS);
  try {
    const nodes = openNodeTable(database);
    const side = openSideTables(database);
    const apply = database.transaction((batch: FlatBatch) => {
      if (batch.forgetLocal) forgetLocal(nodes);
      if (batch.forgetJournal) {
        forgetRemote(nodes);
        side.forgetJournal();
      }
      nodes.put(batch.rows);
      nodes.remove(batch.removedRows);
      for (const [node, value] of batch.references) side.putReferences(node, value);
      side.putBlocks(batch.blocks);
      for (const [seq, hash] of batch.hashes) side.putHash(seq, hash);
      for (const [name, value] of batch.singles) side.putSingle(name, value);
      for (const [node, json] of batch.intents) side.putIntent(node, json);
      for (const node of batch.removedIntents) side.removeIntent(node);
      side.putKeyed('disk_intent', batch.diskIntents);
      side.removeKeyed('disk_intent', batch.removedDiskIntents);
      side.putKeyed('attention', batch.attention);
      side.removeKeyed('attention', batch.removedAttention);
      side.addActivity(batch.activity);
      for (const [key, value] of batch.facts) side.putFact(key, value);
    });
    return { database, nodes, side, apply };
  } catch (error) {
    database.close();
    throw error;
  }
}

function forgetLocal(nodes: NodeTable): void {
  const rows = nodes.all().map(decodeRow);
  nodes.remove(rows.filter((row) => row.remote === null).map((row) => row.node));
  const kept = rows.filter((row) => row.remote !== null && (row.local !== null || row.synced !== null));
  nodes.put(kept.map((row) => encodeRow({ ...row, local: null, synced: null })));
}

function forgetRemote(nodes: NodeTable): void {
  const rows = nodes.all().map(decodeRow);
  nodes.remove(rows.filter((row) => row.local === null && row.synced === null).map((row) => row.node));
  const kept = rows.filter((row) => row.remote !== null && (row.local !== null || row.synced !== null));
  nodes.put(kept.map((row) => encodeRow({ ...row, remote: null })));
}

/** Runs `work` on the open database; SQLite's errors become the product's. */
function on<V>(work: (state: ReturnType<typeof open>) => V): V {
  try {
    return work((opened ??= open()));
  } catch (error) {
    throw stateError(error);
  }
}

const LAST_DELETED = 'hidden = 1 ORDER BY last_seq DESC';
const CHILD_TAGGED = 'parent = unhex(?) AND tag = unhex(?) AND hidden = 0';
const CALLED_ON_DISK = 'parent = unhex(?) AND disk_name = ?';
const CALLED_THE_SAME = 'parent = unhex(?) AND name = ? AND disk_name IS NULL';
const HAS_CONTENT = 'substr(content, 1, 8) = substr(unhex(?), 1, 8) AND content = unhex(?)';
/** As the index has it. */
const CALLED_AS_RULES = "name = '.onefoldignore'";
const MOST_PER_CONTENT = 8;

function childNamed(side: Side): string {
  return `parent = unhex(?) AND name = ?${side === 'remote' ? ' AND hidden = 0' : ''}`;
}

/** Local children, and remote ones that are alive and not here, in the order of their names; each side is read as far as it is shown. */
function childrenPage(nodes: NodeTable, parent: string, after: string, limit: number): FlatRow[] {
  const here = nodes.byName('local', 'parent = unhex(?) AND name > ?', [parent, after], limit);
  const last = here.length < limit ? null : nameIn(here.at(-1));
  const there = nodes.byName(
    'remote',
    last === null ? ONLY_THERE : `${ONLY_THERE} AND name <= ?`,
    [parent, after, ...(last === null ? [] : [last])],
    limit,
  );
  return [...here, ...there].sort((a, b) => Buffer.compare(bytesIn(a), bytesIn(b))).slice(0, limit);
}

const ONLY_THERE =
  'parent = unhex(?) AND name > ? AND hidden = 0 AND hidden_above = 0 AND NOT EXISTS (SELECT 1 FROM local_node WHERE local_node.id = remote_node.id)';
const NAMESAKE = 'parent = unhex(?) AND name = ? ORDER BY last_seq DESC';

function nameIn([, , , , local, remote]: FlatRow): string {
  return nameOf(local, remote) ?? '';
}

function bytesIn(row: FlatRow): Buffer {
  return Buffer.from(nameIn(row));
}

/** Of the journal, deleted, and not here. */
function isDeleted(row: FlatRow): boolean {
  const { local, remote } = decodeRow(row);
  return local === null && remote !== null && (remote.hidden || remote.hiddenAbove);
}

function byContent(nodes: NodeTable, contentId: string): FlatRow[] {
  const found = new Map<string, FlatRow>();
  for (const side of ['local', 'remote'] as const) {
    for (const row of nodes.bySide(side, HAS_CONTENT, [contentId, contentId], MOST_PER_CONTENT)) found.set(row[0], row);
  }
  return [...found.values()].slice(0, MOST_PER_CONTENT);
}

const calls = {
  open: (): void => on(() => undefined),
  commit: (batch: FlatBatch): void =>
    on(({ nodes, apply }) => {
      try {
        apply.immediate(batch);
      } catch (error) {
        nodes.recount();
        throw error;
      }
    }),
  rows: (asked: readonly string[]) => on(({ nodes }) => nodes.byNode(asked)),
  children: (side: Side, parent: string) => on(({ nodes }) => nodes.bySide(side, 'parent = unhex(?)', [parent])),
  childByName: (side: Side, keys: readonly (readonly [string, string])[]) =>
    on(({ nodes }) => keys.map(([parent, name]) => nodes.bySide(side, childNamed(side), [parent, name], 1)[0])),
  childOnDisk: (keys: readonly (readonly [string, string])[]) =>
    on(({ nodes }) =>
      keys.map(
        (key) => nodes.bySide('local', CALLED_ON_DISK, key, 1)[0] ?? nodes.bySide('local', CALLED_THE_SAME, key, 1)[0],
      ),
    ),
  renamedHere: (limit: number) => on(({ nodes }) => nodes.bySide('local', 'disk_name IS NOT NULL', [], limit)),
  childByTag: (keys: readonly (readonly [string, string])[]) =>
    on(({ nodes }) => keys.map(([parent, tag]) => nodes.nodesBySide('remote', CHILD_TAGGED, [parent, tag])[0])),
  namesakes: (parent: string, name: string, limit: number) =>
    on(({ nodes }) => nodes.bySide('remote', NAMESAKE, [parent, name], limit)),
  childrenPage: (parent: string, after: string, limit: number) =>
    on(({ nodes }) => childrenPage(nodes, parent, after, limit)),
  named: (words: readonly string[], wantsDeleted: boolean, limit: number) =>
    on(({ nodes }) => nodes.named(words, (row) => isDeleted(row) === wantsDeleted, limit)),
  slice: (after: number, limit: number) => on(({ nodes }) => nodes.slice(after, limit)),
  changedAfter: (seq: number) => on(({ nodes }) => nodes.nodesBySide('remote', 'last_seq > ?', [seq])),
  byInode: (keys: readonly (readonly [bigint, bigint])[]) =>
    on(({ nodes }) =>
      keys.map(([device, inode]) => nodes.bySide('local', 'stat_inode = ? AND stat_device = ?', [inode, device])),
    ),
  byContent: (asked: readonly string[]) => on(({ nodes }) => asked.map((contentId) => byContent(nodes, contentId))),
  unsettled: (limit: number, after: string | null) => on(({ nodes }) => nodes.unsettled(limit, after)),
  rulesFiles: () => on(({ nodes }) => nodes.bySide('remote', CALLED_AS_RULES, [])),
  deleted: (limit: number) => on(({ nodes }) => nodes.bySide('remote', LAST_DELETED, [], limit)),
  counts: () => on(({ nodes }) => nodes.counts()),
  references: (asked: readonly string[]) => on(({ side }) => side.references(asked)),
  knownBlocks: (asked: readonly string[]) => on(({ side }) => side.knownBlocks(asked)),
  nodesWithBlocks: (asked: readonly string[]) => on(({ side }) => side.nodesWithBlocks(asked)),
  single: (name: string) => on(({ side }) => side.single(name)),
  hash: (seq: number) => on(({ side }) => side.hash(seq)),
  intents: (limit: number) => on(({ side }) => side.intents(limit)),
  diskIntents: () => on(({ side }) => side.keyed('disk_intent')),
  attention: () => on(({ side }) => side.keyed('attention')),
  activity: (limit: number, before: number | null) => on(({ side }) => side.activity(limit, before)),
  fact: (key: string) => on(({ side }) => side.fact(key)),
};

export type StateCalls = typeof calls;

serveCalls(
  calls,
  () => {
    opened?.database.pragma('optimize');
    opened?.database.close();
  },
  () => opened?.database.pragma('shrink_memory'),
);
