import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { encodeWire, readBlocksRequest } from '@onefold/protocol';
import { resolveConfig } from '../config.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startServer } from '../server.ts';
import {
  createClient,
  createFile,
  packOf,
  randomBlock,
  splitFrames,
  valueOf,
  type TestClient,
} from '../testing/test-client.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { backUp } from './backup.ts';
import { fsck } from './fsck.ts';
import { restore } from './restore.ts';

async function write(client: TestClient, files: number) {
  const blocks = Array.from({ length: files }, () => randomBlock(2_000));
  for (const block of blocks) valueOf(await client.commit([createFile([block])], { pack: packOf([block]) }));
  return blocks;
}

test('a backup of a running server, restored elsewhere, is sound, holds what was there, and begins a recovery epoch', async () => {
  const { url, data } = await startTestServer();
  const [backup, restored] = [join(temporaryFolder(), 'backup'), join(temporaryFolder(), 'restored')];
  const client = await createClient(url);
  const before = await write(client, 5);
  expect(await backUp(data, backup, Date.now())).toMatchObject({ packs: 5, copied: 5 });
  const headThen = { ...client.head };
  const more = await write(client, 3);
  expect(await backUp(data, backup, Date.now())).toMatchObject({ packs: 8, copied: 3 });
  await write(client, 1);
  expect(await restore(backup, restored, Date.now())).toEqual({ namespaces: 1, packs: 8, missing: [] });

  const again = await startServer({ data: restored, listen: '127.0.0.1:0', logLevel: 'silent' });
  client.url = again.url;
  // Sessions have ended; the device opens a new one by itself.
  expect((await client.raw('GET', '/v1/namespaces')).status).toBe(401);
  valueOf(await client.openSession());
  const { head } = await client.entries(0);
  expect(head.seq).toBe(headThen.seq + 3);
  expect(head.recoveryEpoch).toBeGreaterThan(0);
  const body = encodeWire(readBlocksRequest, { blocks: [...before, ...more].map(({ ctHash }) => ctHash) });
  const response = await client.raw('POST', client.path('/blocks/read'), body);
  const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
  [...before, ...more].forEach((block, i) =>
    expect(Buffer.compare(frames[i] ?? Buffer.alloc(0), block.sealed)).toBe(0),
  );
  await again.close();

  const { data: folder } = resolveConfig({ data: restored });
  const metadata = await openSqlite(join(folder, 'metadata.db'));
  const packs = await openDiskPackStore({ folder: join(folder, 'packs'), nowMs: Date.now });
  expect((await fsck(metadata, packs)).damage).toEqual([]);
  await metadata.close();
});

const snapshots = (backup: string): string[] =>
  readdirSync(backup)
    .filter((name) => name.startsWith('metadata-'))
    .map((name) => join(backup, name));

test('a backup comes to an end although the server never stops writing', async () => {
  const { data } = await startTestServer();
  const database = new Database(join(data, 'metadata.db'), { timeout: 10_000 });
  onTestFinished(() => void database.close());
  // Of many more pages than are copied in one go.
  database.exec(`create table filler (bytes blob);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into filler select zeroblob(4000) from n`);
  const writing = setInterval(() => database.exec('insert into filler values (zeroblob(10))'), 1);
  onTestFinished(() => clearInterval(writing));
  const backup = join(temporaryFolder(), 'backup');
  await backUp(data, backup, Date.now());
  const [snapshot = ''] = snapshots(backup);
  const copy = new Database(snapshot, { readonly: true });
  onTestFinished(() => void copy.close());
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.prepare('select count(*) >= 2000 as isThere from filler').get()).toEqual({ isThere: 1 });
});

test('a backup that does not come to its end leaves the one before it whole', async () => {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const [backup, restored] = [join(temporaryFolder(), 'backup'), join(temporaryFolder(), 'restored')];
  await write(client, 2);
  await backUp(data, backup, Date.now());
  await write(client, 2);
  // A pack that cannot be copied: a folder stands where it is to be written.
  const [missing = ''] = readdirSync(join(data, 'packs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pack') && !existsSync(join(backup, 'packs', name)))
    .slice(-1);
  mkdirSync(join(backup, 'packs', `${missing}.new`), { recursive: true });
  await expect(backUp(data, backup, Date.now())).rejects.toThrow();
  expect(await restore(backup, restored, Date.now())).toEqual({ namespaces: 1, packs: 2, missing: [] });
  rmSync(join(backup, 'packs', `${missing}.new`), { recursive: true });
  await backUp(data, backup, Date.now());
  expect(await restore(backup, join(temporaryFolder(), 'whole'), Date.now())).toEqual({
    namespaces: 1,
    packs: 4,
    missing: [],
  });
  expect(snapshots(backup)).toHaveLength(1);
});

test('two restores of one backup give two epochs', async () => {
  const { url, data } = await startTestServer();
  await createClient(url);
  const backup = join(temporaryFolder(), 'backup');
  await backUp(data, backup, Date.now());
  const epochs: number[] = [];
  for (const nowMs of [1_900_000_000_000, 1_900_000_005_000]) {
    const folder = join(temporaryFolder(), 'restored');
    await restore(backup, folder, nowMs);
    const metadata = await openSqlite(join(folder, 'metadata.db'));
    epochs.push(
      (await metadata.read.selectFrom('namespace').select('recovery_epoch').executeTakeFirstOrThrow()).recovery_epoch,
    );
    await metadata.close();
  }
  expect(epochs).toEqual([1_900_000_000, 1_900_000_005]);
});

test('half a backup, a damaged one, and a folder that holds data are refused', async () => {
  const { url, data } = await startTestServer();
  await write(await createClient(url), 1);
  const backup = join(temporaryFolder(), 'backup');
  await backUp(data, backup, Date.now());
  await expect(restore(backup, data, Date.now())).rejects.toMatchObject({ code: 'invalid-argument' });
  const manifest = readFileSync(join(backup, 'backup.json'));
  rmSync(join(backup, 'backup.json'));
  await expect(restore(backup, join(temporaryFolder(), 'a'), Date.now())).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  writeFileSync(join(backup, 'backup.json'), manifest);
  const [snapshot = ''] = snapshots(backup);
  const database = readFileSync(snapshot);
  database[database.length - 5] = (database[database.length - 5] ?? 0) ^ 1;
  writeFileSync(snapshot, database);
  const target = join(temporaryFolder(), 'b');
  await expect(restore(backup, target, Date.now())).rejects.toMatchObject({ code: 'invalid-argument' });
  expect(() => readdirSync(target)).toThrow();
});
