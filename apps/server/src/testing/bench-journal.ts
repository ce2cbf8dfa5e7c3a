import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { entryHash, nextHash } from '@onefold/journal';
import { LIMITS, type Hash } from '@onefold/protocol';
import { keepResult, spread } from './bench-result.ts';
import { spawnServer } from './spawned-server.ts';
import { createClient, createFile, valueOf, type TestClient } from './test-client.ts';

/*
 * node apps/server/src/testing/bench-journal.ts [LENGTH...]
 *
 * What a commit and reads cost as one journal grows, on SQLite. Its first entries are not committed one by one: they are put into the tables by SQL, entries and nodes of
 * the size and with the random keys that real ones have, under the real indexes, and never looked into. What is measured are real calls on top of them. Results go to
 * bench/results/.
 */

const LENGTHS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1e3, 1e4, 1e5, 1e6, 1e7];
const COMMITS = 300;
const READS = 100;
const PAGE = 100;
/** The file's own pages, kept in memory while rows are put in. */
const CACHE_KIB = 3_000_000;
const BATCH = 250_000;
const HEADER = 210;
const BODY = 620;

/** Grows the journal of the only namespace to `length` entries, each of which makes a node. */
function grow(file: string, length: number): TestClient['head'] {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  const head = database.prepare('select namespace, head_seq, head_hash from namespace').get() as {
    namespace: Buffer;
    head_seq: number;
    head_hash: Buffer;
  };
  // Random keys go into an index that is made afterwards many times faster.
  const indexes = database
    .prepare(
      `select name, sql from sqlite_master where type = 'index' and tbl_name in ('entry', 'node') and sql is not null`,
    )
    .all() as { name: string; sql: string }[];
  if (length - head.head_seq > BATCH) for (const { name } of indexes) database.exec(`drop index "${name}"`);
  const entry = database.prepare(
    `insert into entry values (?, ?, ?, ?, ?, ?, ?, ?, 'changeset', ?, ?, ?, ${HEADER + 64 + BODY}, ?)`,
  );
  const node = database.prepare(`insert into node values (?, ?, 'folder', ?, ?, 0, 1, 0, 1, ?, null, null)`);
  const device = Buffer.alloc(16, 7);
  const root = Buffer.alloc(16);
  let { head_seq: seq, head_hash: hash } = head;
  while (seq < length) {
    const to = Math.min(length, seq + BATCH);
    database.exec('begin');
    while (seq < to) {
      seq++;
      const noise = randomBytes(HEADER + 64 + BODY + 64);
      const [header, signature] = [noise.subarray(0, HEADER), noise.subarray(HEADER, HEADER + 64)];
      const body = noise.subarray(HEADER + 64, HEADER + 64 + BODY);
      const tag = noise.subarray(HEADER + 64 + BODY, HEADER + 96 + BODY);
      const next = Buffer.from(nextHash(hash.toString('hex') as Hash, seq, entryHash({ header, signature })), 'hex');
      // Ids rise, so that they go in fast, and leave room for the random ones of real entries between them.
      const id = Buffer.from(noise.subarray(noise.length - 16));
      id.writeUInt32BE(Math.floor((seq / length) * (2 ** 32 - 1)));
      entry.run(
        head.namespace,
        seq,
        header,
        signature,
        body,
        hash,
        next,
        tag,
        device,
        seq,
        id,
        1_700_000_000_000 + seq,
      );
      node.run(head.namespace, id, root, tag, seq);
      hash = next;
    }
    database.exec('commit');
  }
  for (const { sql } of indexes) database.exec(sql.replace(/^create (unique )?index/i, 'create $1index if not exists'));
  database.prepare('update namespace set head_seq = ?, head_hash = ?').run(seq, hash);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  return { seq, hash: hash.toString('hex') as Hash };
}

async function times(count: number, call: () => Promise<unknown>): Promise<object> {
  const taken: number[] = [];
  for (let i = 0; i < count; i++) {
    const startMs = performance.now();
    await call();
    taken.push(performance.now() - startMs);
  }
  return spread(taken);
}

async function measure(client: TestClient, data: string): Promise<object> {
  await client.openSession();
  const length = client.head.seq;
  const commit = async (): Promise<void> => {
    const { outcome } = valueOf(await client.commit([createFile([])]));
    if (outcome !== 'committed') throw new Error(outcome);
  };
  const page = async (after: number): Promise<void> => {
    const { entries } = await client.entries(after);
    if (entries.length < PAGE) throw new Error(`${entries.length} entries after ${after}`);
  };
  // What the operating system has of the file is not what it has after a start: both are measured from the second call on.
  await commit();
  return {
    entries: length,
    databaseBytes: statSync(join(data, 'metadata.db')).size,
    commit: await times(COMMITS, commit),
    headRead: await times(READS, () => client.entries(client.head.seq)),
    lastHundred: await times(READS, () => page(client.head.seq - PAGE)),
    fullPageAnywhere: await times(READS, () =>
      page(Math.floor(Math.random() * Math.max(1, length - LIMITS.entriesPerPage))),
    ),
  };
}

const data = mkdtempSync(join(tmpdir(), 'onefold-bench-'));
process.env['ONEFOLD_SERVER_LIMITS_DEVICE_PER_MINUTE'] = '100000000';
process.env['ONEFOLD_SERVER_LOG_LEVEL'] = 'error';
const lengths: object[] = [];
let server = await spawnServer(data);
try {
  const client = await createClient(server.url);
  for (const length of LENGTHS) {
    await server.end('SIGTERM');
    const startMs = performance.now();
    client.head = grow(join(data, 'metadata.db'), length);
    process.stdout.write(`${length} entries after ${Math.round(performance.now() - startMs)} ms\n`);
    server = await spawnServer(data);
    client.url = server.url;
    lengths.push(await measure(client, data));
    process.stdout.write(`${JSON.stringify(lengths.at(-1))}\n`);
  }
  keepResult('server-journal', { database: 'sqlite', commits: COMMITS, reads: READS, lengths });
} finally {
  await server.end('SIGTERM');
  rmSync(data, { recursive: true, force: true });
}
process.exit(0);
