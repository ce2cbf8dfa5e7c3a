import type Database from 'better-sqlite3';
import { packedBlockIds } from './packed-references.ts';

/* Everything beside the nodes, inside the worker. Ids are hex text, references packed, the rest JSON. */

/** The newest so many items of activity are kept. */
const ACTIVITY_KEPT = 10_000;

const JOURNAL_TABLES = ['node_reference', 'node_block', 'known_block', 'single', 'intent'] as const;

export interface StoredReferences {
  readonly hasReferences: boolean;
  readonly entries: Uint8Array;
  readonly manifest: Uint8Array;
}

export type KnownBlock = readonly [block: string, epoch: number, ctHash: string, ctLength: number, plainLength: number];
export type Keyed = readonly [key: string, json: string];

export interface SideTables {
  putReferences(node: string, value: StoredReferences | null): void;
  references(nodes: readonly string[]): (StoredReferences | null)[];
  forgetNode(node: string): void;
  /** References, blocks, named values and intents: whatever came from the journal or waits for it. */
  forgetJournal(): void;
  putBlocks(blocks: readonly KnownBlock[]): void;
  knownBlocks(blocks: readonly string[]): (KnownBlock | undefined)[];
  nodesWithBlocks(blocks: readonly string[]): (string | undefined)[];
  putSingle(name: string, value: Uint8Array | null): void;
  single(name: string): Uint8Array | null;
  putHash(seq: number, hash: string): void;
  hash(seq: number): string | undefined;
  putIntent(node: string, json: string): void;
  removeIntent(node: string): void;
  intents(limit: number): string[];
  putKeyed(table: KeyedTable, rows: readonly Keyed[]): void;
  removeKeyed(table: KeyedTable, keys: readonly string[]): void;
  keyed(table: KeyedTable): string[];
  putFact(key: string, value: string | null): void;
  fact(key: string): string | null;
  addActivity(items: readonly string[]): void;
  activity(limit: number, before: number | null): (readonly [id: number, json: string])[];
}

export type KeyedTable = 'disk_intent' | 'attention';

/** Prepares all statements. Synchronous; throws what SQLite throws. */
export function openSideTables(database: Database.Database): SideTables {
  const run = (sql: string) => database.prepare(sql);
  const pluck = <R>(sql: string) => database.prepare<unknown[], R>(sql).pluck();
  const raw = <R>(sql: string) => database.prepare<unknown[], R>(sql).raw();
  const keyedStatements = (table: KeyedTable) => ({
    put: run(`INSERT INTO ${table} (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json`),
    remove: run(`DELETE FROM ${table} WHERE id = ?`),
    all: pluck<string>(`SELECT json FROM ${table} ORDER BY rowid`),
  });
  const keyed = { disk_intent: keyedStatements('disk_intent'), attention: keyedStatements('attention') };
  const s = {
    putReferences: run(
      `INSERT INTO node_reference (node, has_references, entries, manifest) VALUES (unhex(?), ?, ?, ?)
       ON CONFLICT (node) DO UPDATE SET has_references = excluded.has_references, entries = excluded.entries, manifest = excluded.manifest`,
    ),
    dropReferences: run('DELETE FROM node_reference WHERE node = unhex(?)'),
    references: raw<[number, Buffer, Buffer]>(
      'SELECT has_references, entries, manifest FROM node_reference WHERE node = unhex(?)',
    ),
    putNodeBlock: run('INSERT INTO node_block (block, node) VALUES (?, unhex(?)) ON CONFLICT DO NOTHING'),
    dropNodeBlock: run('DELETE FROM node_block WHERE block = ? AND node = unhex(?)'),
    nodeOfBlock: pluck<string>('SELECT lower(hex(node)) FROM node_block WHERE block = unhex(?) LIMIT 1'),
    putBlock: run(
      `INSERT INTO known_block (block, epoch, ct_hash, ct_length, plain_length) VALUES (unhex(?), ?, unhex(?), ?, ?)
       ON CONFLICT (block) DO UPDATE SET epoch = excluded.epoch, ct_hash = excluded.ct_hash, ct_length = excluded.ct_length, plain_length = excluded.plain_length`,
    ),
    block: raw<KnownBlock>(
      'SELECT lower(hex(block)), epoch, lower(hex(ct_hash)), ct_length, plain_length FROM known_block WHERE block = unhex(?)',
    ),
    putSingle: run(
      'INSERT INTO single (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    ),
    dropSingle: run('DELETE FROM single WHERE name = ?'),
    single: pluck<Buffer>('SELECT value FROM single WHERE name = ?'),
    putHash: run(
      'INSERT INTO entry_hash (seq, hash) VALUES (?, unhex(?)) ON CONFLICT (seq) DO UPDATE SET hash = excluded.hash',
    ),
    hash: pluck<string>('SELECT lower(hex(hash)) FROM entry_hash WHERE seq = ?'),
    putIntent: run(
      'INSERT INTO intent (node, json) VALUES (unhex(?), ?) ON CONFLICT (node) DO UPDATE SET json = excluded.json',
    ),
    dropIntent: run('DELETE FROM intent WHERE node = unhex(?)'),
    intents: pluck<string>('SELECT json FROM intent ORDER BY id LIMIT ?'),
    putFact: run('INSERT INTO fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'),
    dropFact: run('DELETE FROM fact WHERE key = ?'),
    fact: pluck<string>('SELECT value FROM fact WHERE key = ?'),
    addActivity: run('INSERT INTO activity (json) VALUES (?)'),
    trimActivity: run(`DELETE FROM activity WHERE id <= (SELECT max(id) FROM activity) - ${ACTIVITY_KEPT}`),
    activity: raw<[number, string]>('SELECT id, json FROM activity WHERE id < ? ORDER BY id DESC LIMIT ?'),
  };

  function references(node: string): StoredReferences | null {
    const row = s.references.get(node);
    return row === undefined ? null : { hasReferences: row[0] === 1, entries: row[1], manifest: row[2] };
  }

  function putReferences(node: string, value: StoredReferences | null): void {
    const before = references(node);
    if (before !== null) for (const block of packedBlockIds(before.entries)) s.dropNodeBlock.run(block, node);
    if (value === null) {
      if (before !== null) s.dropReferences.run(node);
      return;
    }
    const entries = Buffer.from(value.entries);
    s.putReferences.run(node, value.hasReferences ? 1 : 0, entries, Buffer.from(value.manifest));
    for (const block of packedBlockIds(entries)) s.putNodeBlock.run(block, node);
  }

  return {
    putReferences,
    references: (nodes) => nodes.map(references),
    forgetNode: (node) => putReferences(node, null),
    forgetJournal() {
      for (const table of JOURNAL_TABLES) database.exec(`DELETE FROM ${table}`);
    },
    putBlocks: (blocks) => blocks.forEach((block) => s.putBlock.run(...block)),
    knownBlocks: (blocks) => blocks.map((block) => s.block.get(block)),
    nodesWithBlocks: (blocks) => blocks.map((block) => s.nodeOfBlock.get(block)),
    putSingle(name, value) {
      if (value === null) s.dropSingle.run(name);
      else s.putSingle.run(name, Buffer.from(value));
    },
    single: (name) => s.single.get(name) ?? null,
    putHash: (seq, hash) => void s.putHash.run(seq, hash),
    hash: (seq) => s.hash.get(seq),
    putIntent: (node, json) => void s.putIntent.run(node, json),
    removeIntent: (node) => void s.dropIntent.run(node),
    intents: (limit) => s.intents.all(limit),
    putKeyed: (table, rows) => rows.forEach(([key, json]) => keyed[table].put.run(key, json)),
    removeKeyed: (table, keys) => keys.forEach((key) => keyed[table].remove.run(key)),
    keyed: (table) => keyed[table].all.all(),
    putFact(key, value) {
      if (value === null) s.dropFact.run(key);
      else s.putFact.run(key, value);
    },
    fact: (key) => s.fact.get(key) ?? null,
    addActivity(items) {
      for (const item of items) s.addActivity.run(item);
      if (items.length > 0) s.trimActivity.run();
    },
    activity: (limit, before) => s.activity.all(before ?? Number.MAX_SAFE_INTEGER, limit),
  };
}
