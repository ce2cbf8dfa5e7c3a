import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Change, NodeId } from '@onefold/protocol';
import { backUp } from '../admin/backup.ts';
import { restore } from '../admin/restore.ts';
import { fsck } from '../admin/fsck.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startServer } from '../server.ts';
import { followJournal, goOn, signCheckpoint } from '../testing/follow-journal.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  editFile,
  packOf,
  randomBlock,
  valueOf,
  type TestClient,
} from '../testing/test-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { dropEntries, type CutStep } from './drop-entries.ts';

let data: string;
let client: TestClient;
const filled = mkdtempSync(join(tmpdir(), 'onefold-filled-'));

beforeAll(async () => {
  data = filled;
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  client = await createClient(server.url);
  const save = async (changes: Change[]): Promise<void> => void valueOf(await client.commit(changes));
  const [first, second, third] = [randomBlock(), randomBlock(), randomBlock()];
  const node = randomId<NodeId>(16);
  valueOf(await client.commit([createFolder(), createFile([first], { node })], { pack: packOf([first]) }));
  const edit = (base: number, from: typeof first, to: typeof first): Change => editFile(node, base, [to], [from]);
  valueOf(await client.commit([edit(1, first, second)], { pack: packOf([second]) }));
  await save([{ op: 'attributes', node, base: 1, sealed: bytes(256) }, createFolder()]);
  valueOf(await client.send({ entry: signCheckpoint(client, await followJournal(client)) }));
  valueOf(await client.commit([edit(2, second, third)], { pack: packOf([third]) }));
  await server.close();
});

beforeEach(() => {
  data = temporaryFolder();
  cpSync(filled, data, { recursive: true });
});

afterAll(() => rmSync(filled, { recursive: true, force: true }));

async function damageOf(folder: string): Promise<string[]> {
  const metadata = await openSqlite(join(folder, 'metadata.db'));
  const packs = await openDiskPackStore({ folder: join(folder, 'packs'), nowMs: Date.now });
  const { damage } = await fsck(metadata, packs);
  await metadata.close();
  return damage.map(({ text }) => text.replace(/[\da-f]{32,64}/g, '#'));
}

/** One step of cutting. */
async function drop(limit: number): Promise<CutStep> {
  const metadata = await openSqlite(join(data, 'metadata.db'));
  try {
    const checkpoint = await metadata.read.selectFrom('checkpoint').selectAll().executeTakeFirstOrThrow();
    return await metadata.write((writer) => dropEntries(writer, metadata.sql, checkpoint, { limit }));
  } finally {
    await metadata.close();
  }
}

function change(statement: string): void {
  const database = new Database(join(data, 'metadata.db'));
  const triggers = database.prepare(`select name, sql from sqlite_master where type = 'trigger'`).all() as {
    name: string;
    sql: string;
  }[];
  for (const { name } of triggers) database.exec(`drop trigger "${name}"`);
  database.exec(statement);
  for (const { sql } of triggers) database.exec(sql);
  database.close();
}

test(
  'after every step a server goes on and fsck finds all sound; so it does in a copy that was put back',
  { timeout: 60_000 },
  async () => {
    const whole = await started(() => followJournal(client));
    for (let isDone = false; !isDone;) {
      ({ isDone } = await drop(2));
      expect(await damageOf(data)).toEqual([]);
      const away = await started(() => followJournal(client));
      expect([away.head(), away.root()]).toEqual([whole.head(), whole.root()]);
    }
    expect(await drop(1)).toEqual({ dropped: 0, hasCut: false, isDone: true });
    const [copy, back] = [temporaryFolder(), join(temporaryFolder(), 'back')];
    await backUp(data, copy, 0);
    await restore(copy, back, Date.now());
    expect(await damageOf(back)).toEqual([]);
    data = back;
    await started(async () => {
      valueOf(await client.commit([createFolder()]));
      await goOn(client, whole);
    });
    expect(await damageOf(back)).toEqual([]);
  },
);

async function started<T>(work: () => Promise<T>): Promise<T> {
  const server = await startServer({
    data,
    listen: '127.0.0.1:0',
    logLevel: 'silent',
    limits: { entryCacheBytes: 0 },
  });
  client.url = server.url;
  valueOf(await client.openSession());
  try {
    return await work();
  } finally {
    await server.close();
  }
}

test.each([
  ['an entry was changed', 'update entry set signature = zeroblob(64) where seq = 2'],
  ['an entry is missing', 'delete from entry where seq = 2'],
  ['the first is missing', 'delete from entry where seq = 0'],
  ['a column is not what the entry says', 'update entry set device_seq = 77 where seq = 2'],
  ['the journal ends in another hash than the checkpoint’s', 'update checkpoint set hash = zeroblob(32)'],
  ['a version is not kept as it was made', 'update file_version set sealed = zeroblob(256) where version = 1'],
  [
    'the current version is not kept',
    'delete from file_version where version = 3; update node set content_version = 2; delete from file_version where version = 2',
  ],
])('nothing goes when %s', async (_, statement) => {
  change(statement);
  await expect(drop(100)).rejects.toThrow();
  const database = new Database(join(data, 'metadata.db'), { readonly: true });
  expect(database.prepare('select count(*) as n from entry_stub').get()).toEqual({ n: 0 });
  expect(database.prepare('select truncated_seq as n from namespace').get()).toEqual({ n: -1 });
  database.close();
});

test('an old version that retention took may lack', async () => {
  change('delete from version_block where version = 1; delete from file_version where version = 1');
  expect(await drop(100)).toMatchObject({ isDone: true });
});

test.each([
  ['the hash of a gone entry', 'update entry_stub set entry_hash = zeroblob(32) where seq = 2', 'does not chain'],
  ['its place in the chain', 'update entry_stub set hash = zeroblob(32) where seq = 2', 'does not chain'],
  ['its number', 'update entry_stub set device_seq = 2 where seq = 3', 'other last entries'],
  ['its absence', 'delete from entry_stub where seq = 2', 'it is missing'],
  ['where the journal is cut', 'update namespace set truncated_seq = 1', 'should be kept'],
  ['a node as of the checkpoint', 'delete from node_row where seq = 3', 'another tree'],
  ['the checkpoint', 'delete from checkpoint', 'no checkpoint stands for them'],
  [
    'a version as of the checkpoint',
    'update file_version set sealed = zeroblob(256) where version = 2',
    'version 2 of node',
  ],
  ['who made a version', 'update file_version set device = zeroblob(16) where version = 1', 'version 1 of node'],
  [
    'a block that only gone entries name',
    `update block set state = 3 where ct_hash = (select ct_hash from version_block where version = 2 and is_added = 1)`,
    'used and not stored',
  ],
])('fsck names what is wrong about %s', async (_, statement, word) => {
  await drop(100);
  change(statement);
  expect((await damageOf(data)).join('\n')).toContain(word);
});
