import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { NO_NODES } from '@onefold/journal';
import {
  deleteAccountRequest,
  emptyResponse,
  purgeResponse,
  ROOT_NODE,
  toHex,
  type Change,
  type NameTag,
  type NodeId,
} from '@onefold/protocol';
import { resolveConfig } from '../config.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startServer } from '../server.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import {
  createClient,
  createFile,
  createFolder,
  editFile,
  packOf,
  randomBlock,
  valueOf,
  type TestBlock,
} from '../testing/test-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { fsck, type FsckReport } from './fsck.ts';

async function filled(): Promise<string> {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  for (let i = 0; i < 3; i++) {
    const blocks = [randomBlock(), randomBlock(2_000)];
    valueOf(await client.commit([createFile(blocks), createFolder()], { pack: packOf(blocks) }));
  }
  await server.close();
  return data;
}

async function check(data: string): Promise<FsckReport> {
  const { data: folder } = resolveConfig({ data });
  const metadata = await openSqlite(join(folder, 'metadata.db'));
  const packs = await openDiskPackStore({ folder: join(folder, 'packs'), nowMs: Date.now });
  const report = await fsck(metadata, packs);
  await metadata.close();
  return report;
}

test('an account that was deleted leaves nothing that does not fit together, before its files are taken away and afterwards', async () => {
  const data = await filled();
  const start = (everyMs: number) =>
    startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent', retention: { everyMs } });
  const slow = await start(3_600_000);
  const client = await createClient(slow.url);
  const block = randomBlock();
  valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  const request = { schema: deleteAccountRequest, value: { authKey: client.account.authKey } };
  valueOf(await client.call('POST', '/v1/account/delete', emptyResponse, request));
  await slow.close();
  expect(await check(data)).toMatchObject({ users: 1, namespaces: 1, packs: 4, damage: [] });
  const quick = await start(50);
  const namespaces = (): number => {
    const database = new Database(join(data, 'metadata.db'), { readonly: true });
    const { n } = database.prepare('select count(*) as n from namespace').get() as { n: number };
    database.close();
    return n;
  };
  await expect.poll(namespaces, { timeout: 15_000 }).toBe(1);
  await quick.close();
  expect(await check(data)).toMatchObject({ users: 1, namespaces: 1, packs: 3, damage: [] });
});

function tamper(data: string, statements: readonly string[]): void {
  const database = new Database(join(data, 'metadata.db'));
  for (const statement of statements) database.exec(statement);
  database.close();
}

test('what a server wrote is sound', async () => {
  expect(await check(await filled())).toEqual({
    users: 1,
    namespaces: 1,
    entries: 4,
    packs: 3,
    blocks: 6,
    damage: [],
    strayObjects: [],
  });
});

test('so is what is left when old versions and deleted files were purged', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const [kept, gone] = [randomId<NodeId>(16), randomId<NodeId>(16)];
  const [stays, first, second, last, trashed] = [
    randomBlock(),
    randomBlock(),
    randomBlock(),
    randomBlock(),
    randomBlock(),
  ];
  const save = async (change: Change, blocks: readonly TestBlock[]): Promise<void> => {
    const answer = valueOf(await client.commit([change], blocks.length === 0 ? {} : { pack: packOf(blocks) }));
    expect(answer.outcome).toBe('committed');
  };
  const edit = (base: number, added: TestBlock, dropped: TestBlock): Change => editFile(kept, base, [added], [dropped]);
  await save(createFile([stays, first], { node: kept }), [stays, first]);
  await save(edit(1, second, first), [second]);
  await save(edit(2, last, second), [last]);
  await save(createFile([trashed], { node: gone }), [trashed]);
  const nameTag = randomId<NameTag>(32);
  await save({ op: 'place', node: gone, base: 1, parent: ROOT_NODE, nameTag, hidden: true, sealed: bytes(256) }, []);
  for (const path of [`/nodes/${kept}/versions/1`, `/nodes/${kept}/versions/2`, `/nodes/${gone}`])
    expect(valueOf(await client.call('DELETE', client.path(path), purgeResponse))).toEqual({ versions: 1 });
  await server.close();
  expect((await check(data)).damage).toEqual([]);
  tamper(data, [`delete from block where ct_hash = x'${stays.ctHash}'`]);
  expect((await check(data)).damage.map(({ what }) => what)).toContain('block');
});

test('so is a pack of which collection has forgotten a block that nothing uses', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const [used, unused] = [randomBlock(), randomBlock()];
  valueOf(await client.commit([createFile([used])], { pack: packOf([used, unused]) }));
  await server.close();
  tamper(data, [`delete from block where ct_hash = x'${unused.ctHash}'`]);
  expect((await check(data)).damage).toEqual([]);
  tamper(data, [`delete from block where ct_hash = x'${used.ctHash}'`]);
  expect((await check(data)).damage).not.toEqual([]);
});

test('so is a journal of before there were sums over its tree, gone through from its beginning, or not at all yet', async () => {
  const data = await filled();
  tamper(data, [
    `update tree_sum set seq = 0, nodes = 0, lanes = x'${toHex(NO_NODES.lanes)}'`,
    'drop trigger if exists node_row_no_delete',
    'delete from node_row',
  ]);
  expect((await check(data)).damage).toEqual([]);
  tamper(data, ['delete from tree_sum']);
  expect((await check(data)).damage).toEqual([]);
});

test('a version that is said to use still what it dropped is found', async () => {
  const data = temporaryFolder();
  const server = await startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent' });
  const client = await createClient(server.url);
  const [first, second, node] = [randomBlock(), randomBlock(), randomId<NodeId>(16)];
  valueOf(await client.commit([createFile([first], { node })], { pack: packOf([first]) }));
  valueOf(await client.commit([editFile(node, 1, [second], [first])], { pack: packOf([second]) }));
  await server.close();
  expect((await check(data)).damage).toEqual([]);
  tamper(data, ['update version_block set is_added = 1 where is_added = 0']);
  expect((await check(data)).damage).toMatchObject([{ what: 'block', text: expect.stringContaining('version 2') }]);
});

test('one flipped byte in a pack is found', async () => {
  const data = await filled();
  const [file] = readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const path = join(file?.parentPath ?? '', file?.name ?? '');
  const bytes = readFileSync(path);
  bytes[17] = (bytes[17] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  expect((await check(data)).damage.map(({ what }) => what)).toContain('pack');
});

test.each([
  [
    'a changed entry',
    ['drop trigger entry_no_update', `update entry set body = zeroblob(length(body)) where seq = 2`],
    'journal',
  ],
  ['a lost entry', ['drop trigger entry_no_delete', 'delete from entry where seq = 2'], 'journal'],
  ['a moved head', ['update namespace set head_seq = 2'], 'journal'],
  [
    'a node that differs from the journal',
    ['update node set hidden = 1 where rowid = (select min(rowid) from node)'],
    'state',
  ],
  ['a lost version', ['drop trigger file_version_no_delete', 'delete from file_version where seq = 1'], 'state'],
  ['a lost block', ['delete from block where ct_hash = (select min(ct_hash) from block)'], 'block'],
  ['a block that points elsewhere', ['update block set offset_bytes = offset_bytes + 1'], 'block'],
  [
    'a changed link',
    [
      'drop trigger user_chain_no_update',
      'update user_chain set signatures = (select signatures from user_chain where n = 0) where n = 2',
    ],
    'chain',
  ],
  ['a sum over the tree that is behind its rows', ['update tree_sum set seq = seq - 1'], 'state'],
  ['a lost sum over the tree', ['delete from tree_sum'], 'state'],
  ['a device with another key', ['update device set signing_key = zeroblob(32)'], 'state'],
])('%s is found', async (_, statements, what) => {
  const data = await filled();
  tamper(data, statements);
  expect((await check(data)).damage.map((damage) => damage.what)).toContain(what);
});
