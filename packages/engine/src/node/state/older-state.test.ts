/* A state that an earlier version of the product wrote: brought up to date when it is opened, with all that is in it. */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT_NODE, type ContentId, type DeviceId, type NameTag, type NodeId } from '@onefold/protocol';
import type { NodeRow } from '../../core/tree.ts';
import type { Batch } from '../../ports.ts';
import { MIGRATIONS } from './migrations.ts';
import { openStateDatabase } from './open-database.ts';
import { openStore } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NODE = '0a'.repeat(16) as NodeId;
const VERSIONS = { placeVersion: 1, contentVersion: 2, attributesVersion: 1 };
const CONTENT = { kind: 'file' as const, contentId: '0c'.repeat(32) as ContentId, sizeBytes: 5 };
const ATTRIBUTES = { mtimeNs: 1_700_000_000_123_456_789n, mode: 0o640 };
const STAT = {
  kind: 'file' as const,
  sizeBytes: 5,
  mtimeNs: 7n,
  ctimeNs: 8n,
  birthtimeNs: 9n,
  inode: 10n,
  device: 11n,
  linkCount: 1,
  mode: 0o640,
};
const ROW: NodeRow = {
  node: NODE,
  local: { kind: 'file', parent: ROOT_NODE, name: 'letter.txt', stat: STAT, content: CONTENT },
  remote: {
    kind: 'file',
    parent: ROOT_NODE,
    nameTag: '0b'.repeat(32) as NameTag,
    name: 'letter.txt',
    hidden: false,
    hiddenAbove: false,
    unticked: false,
    ...VERSIONS,
    lastSeq: 3,
    author: '0d'.repeat(16) as DeviceId,
    content: CONTENT,
    attributes: ATTRIBUTES,
    quarantined: false,
  },
  synced: {
    kind: 'file',
    parent: ROOT_NODE,
    name: 'letter.txt',
    content: CONTENT,
    attributes: ATTRIBUTES,
    shown: null,
    ...VERSIONS,
  },
};
const BATCH: Batch = {
  rows: [ROW],
  facts: { 'a fact': 'kept' },
  attention: { put: [{ id: 'asked', code: 'mass-change', path: 'f', message: 'm', detail: '{}', sinceMs: 1 }] },
};

/** What `now` holds, as a version wrote it that knew the first `steps` of the schema alone. */
function writeAsOf(steps: number, file: string, now: string): void {
  const old = new Database(file);
  for (const sql of MIGRATIONS.slice(0, steps)) old.exec(sql);
  old.pragma(`user_version = ${steps}`);
  old.exec(`ATTACH '${now}' AS now`);
  const tables = old.prepare<[], string>(`SELECT name FROM main.sqlite_schema WHERE type = 'table'`).pluck().all();
  for (const table of tables.filter((name) => !name.startsWith('sqlite_'))) {
    const columns = old.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}', 'main')`).pluck().all();
    old.exec(`INSERT INTO main.${table} (${columns.join()}) SELECT ${columns.join()} FROM now.${table}`);
  }
  old.close();
}

it.each(MIGRATIONS.slice(1).map((_, i) => i + 1))(
  'a state of schema %i is opened with all that is in it, and found by name',
  async (steps) => {
    const now = path.join(folder, 'now.sqlite');
    const written = await openStore(now);
    await written.commit(BATCH);
    const rows = await written.rows([NODE]);
    // What is to be moved is told anew as rows are written.
    const { bytesToMove: _, ...counts } = await written.counts();
    await written.close();
    const file = path.join(folder, 'old.sqlite');
    writeAsOf(steps, file, now);

    const store = await openStore(file);
    expect(store.isMadeAnew).toBe(false);
    expect(await store.rows([NODE])).toEqual(rows);
    expect(await store.named(['letter'], false, 9)).toEqual(rows);
    expect(await store.fact('a fact')).toBe('kept');
    expect(await store.attention()).toEqual(BATCH.attention!.put);
    expect(await store.counts()).toMatchObject(counts);
    await store.close();
    // Brought up to date once and for all.
    const again = new Database(file);
    expect(again.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    again.close();
  },
);

it('a step that fails leaves the state as it was, to be opened again', async () => {
  const file = path.join(folder, 'state.sqlite');
  const store = await openStore(file);
  await store.commit(BATCH);
  const rows = await store.rows([NODE]);
  await store.close();
  const broken = [...MIGRATIONS, 'CREATE TABLE half (a); DELETE FROM fact; INSERT INTO nowhere VALUES (1)'];
  expect(() => openStateDatabase(file, broken)).toThrow();
  const again = await openStore(file);
  expect(again.isMadeAnew).toBe(false);
  expect([await again.rows([NODE]), await again.fact('a fact')]).toEqual([rows, 'kept']);
  await again.close();
});

it('steps of the schema that are in use are frozen: what states were made by is never made otherwise', () => {
  const hashes = MIGRATIONS.map((sql) => createHash('sha256').update(sql).digest('hex').slice(0, 16));
  expect(hashes).toEqual([
    'f23d6eaaaa61eb7a',
    '793d3b31c10e96e9',
    'dda5a3217a65d63d',
    '09ef91fdbab220fc',
    '3a23a80c48c7ba5a',
    '65ca1e707b924046',
    'd557ef57161ac934',
    '125dfba6a11f0426',
  ]);
});
