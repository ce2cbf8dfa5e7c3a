import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type Change, type CheckpointBody, type Hash, type NodeId } from '@onefold/protocol';
import { fsck } from '../admin/fsck.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { openDiskPackStore } from '../packs/disk.ts';
import { startServer } from '../server.ts';
import { followJournal, signCheckpoint } from '../testing/follow-journal.ts';
import { onBothGrounds } from '../testing/on-both-grounds.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import { createClient, createFile, createFolder, valueOf, type TestClient } from '../testing/test-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

onBothGrounds('checkpoints', (ground) => {
  async function start(): Promise<{ client: TestClient; rows: (text: string) => Promise<Record<string, unknown>[]> }> {
    const server = await ground.start();
    const client = await createClient(server.url);
    const folder = randomId<NodeId>(16);
    const files = Array.from({ length: 30 }, () => randomId<NodeId>(16));
    const save = async (changes: Change[]): Promise<void> => {
      expect(valueOf(await client.commit(changes)).outcome).toBe('committed');
    };
    await save([createFolder({ node: folder }), ...files.map((node) => createFile([], { node, parent: folder }))]);
    await save(files.slice(0, 20).map((node): Change => ({ op: 'attributes', node, base: 1, sealed: bytes(256) })));
    return { client, rows: (text) => server.rows(text) };
  }

  test('a true one stands, and is kept with the rows it speaks of while the tree goes on', async () => {
    const { client, rows } = await start();
    const journal = await followJournal(client);
    expect(valueOf(await client.send({ entry: signCheckpoint(client, journal) })).outcome).toBe('committed');
    expect(await rows('select seq, entry_seq from checkpoint')).toMatchObject([{}]);
    const node = [...journal.nodes.keys()][25]!;
    for (const base of [1, 2]) valueOf(await client.commit([{ op: 'attributes', node, base, sealed: bytes(256) }]));
    // One row of before and one of now: what came in between is needed by nobody.
    expect(await rows('select node from node_row')).toHaveLength(32);
    const again = await followJournal(client);
    expect(again.root()!.hash).not.toBe(journal.root()!.hash);
    expect(valueOf(await client.send({ entry: signCheckpoint(client, again) })).outcome).toBe('committed');
  });

  test('one that lies about the tree, its people or its place is refused, and so is one about a tree of before', async () => {
    const { client } = await start();
    const journal = await followJournal(client);
    const lies: Partial<CheckpointBody>[] = [
      { nodesRoot: 'ab'.repeat(32) as Hash },
      { nodes: 30 },
      { members: [] },
      { devices: [] },
      { epoch: 1 },
      { seq: 1 },
    ];
    for (const lie of lies)
      expect(await client.send({ entry: signCheckpoint(client, journal, lie) })).toMatchObject({
        ok: false,
        code: 'journal-invalid',
      });
    const old = journal.root()!;
    valueOf(await client.commit([createFolder()]));
    const now = await followJournal(client);
    expect(
      await client.send({ entry: signCheckpoint(client, now, { nodesRoot: old.hash, nodes: old.count }) }),
    ).toMatchObject({ ok: false, code: 'journal-invalid' });
    expect(await client.send({ entry: signCheckpoint(client, journal) })).toMatchObject({ ok: false, code: 'behind' });
    expect(valueOf(await client.send({ entry: signCheckpoint(client, now) })).outcome).toBe('committed');
  });
});

test('entries of before there were sums are gone through; until then no checkpoint is decided on', async () => {
  const data = temporaryFolder();
  const start = (everyMs: number) =>
    startServer({ data, listen: '127.0.0.1:0', logLevel: 'silent', retention: { everyMs } });
  let server = await start(3_600_000);
  const client = await createClient(server.url);
  const node = randomId<NodeId>(16);
  valueOf(await client.commit([createFile([], { node }), createFolder()]));
  for (let base = 1; base <= 60; base++)
    valueOf(await client.commit([{ op: 'attributes', node, base, sealed: bytes(256) }]));
  await server.close();
  const database = new Database(join(data, 'metadata.db'));
  database.exec('delete from node_row; delete from tree_sum');
  database.close();
  server = await start(3_600_000);
  client.url = server.url;
  valueOf(await client.openSession());
  valueOf(await client.commit([createFolder()]));
  const journal = await followJournal(client);
  expect(await client.send({ entry: signCheckpoint(client, journal) })).toMatchObject({ ok: false, code: 'behind' });
  await server.close();
  server = await start(50);
  client.url = server.url;
  valueOf(await client.openSession());
  await expect
    .poll(async () => client.send({ entry: signCheckpoint(client, journal) }), { timeout: 20_000 })
    .toMatchObject({ ok: true, value: { outcome: 'committed' } });
  valueOf(await client.commit([{ op: 'attributes', node, base: 61, sealed: bytes(256) }]));
  await server.close();
  const metadata = await openSqlite(join(data, 'metadata.db'));
  const packs = await openDiskPackStore({ folder: join(data, 'packs'), nowMs: Date.now });
  expect((await fsck(metadata, packs)).damage).toEqual([]);
  await metadata.close();
});
