import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { createViewCache, type NeedKey } from '@onefold/journal';
import {
  LIMITS,
  ROOT_NODE,
  type Change,
  type Hash,
  type NamespaceHead,
  type NamespaceId,
  type NameTag,
  type NodeId,
} from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { startTestServer } from '../testing/started-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bytes, randomId } from '../testing/test-account.ts';
import { createClient, createFolder, packOf, createFile, randomBlock, valueOf } from '../testing/test-client.ts';
import { loadNeeds } from './load-view.ts';

const MOST_NODES = 500;
const CHAINS = 10;
const LEVELS = MOST_NODES / CHAINS + 1;

test('of one entry no more is looked at than there is a limit for, however much a tree has above what it touches', async () => {
  const metadata = await openSqlite(join(temporaryFolder(), 'metadata.db'));
  onTestFinished(() => metadata.close());
  const namespaceId = idOf<NamespaceId>(randomBytes(32));
  const namespace = idBytes(namespaceId);
  const newId = (): Uint8Array => idBytes(randomBytes(16).toString('hex'));
  const leaves: Uint8Array[] = [];
  const rows = Array.from({ length: CHAINS }, () => {
    let parent = idBytes(ROOT_NODE);
    const chain = Array.from({ length: LEVELS }, () => {
      const node = newId();
      const row = { namespace, node, kind: 'folder', parent, name_tag: newId(), hidden: 0, last_seq: 1 };
      parent = node;
      return {
        ...row,
        place_version: 1,
        content_version: 1,
        attributes_version: 1,
        hidden_at_ms: null,
        purge_state: null,
      };
    });
    leaves.push(parent);
    return chain;
  }).flat();
  await metadata.write((writer) => metadata.sql.insertMany(writer, 'node', rows));

  const head: NamespaceHead = { namespaceId, seq: 1, hash: '0'.repeat(64) as Hash, recoveryEpoch: 0 };
  const load = async (nodes: readonly Uint8Array[]): Promise<unknown> => {
    const view = createViewCache({ namespaceId, head, epoch: 1 });
    const wanted = nodes.map((node): NeedKey => ({ kind: 'node', node: idOf<NodeId>(node) }));
    const budget = { nodes: MOST_NODES };
    const source = { reader: metadata.read, sql: metadata.sql, namespace: namespaceId, budget };
    const isLoaded = await loadNeeds({ ...source, chain: () => Promise.resolve(undefined) }, wanted, view);
    expect(wanted.every((need) => view.has(need))).toBe(isLoaded);
    return isLoaded;
  };
  expect(await load(leaves.slice(1))).toBe(true);
  expect(await load(leaves)).toBe(false);
});

/** A server whose one namespace has folders nested as deep as may be looked at, and one more below; only the last has changed of late. */
async function nestedTooDeep(mostNodes: number = LIMITS.nodesPerEntry) {
  const { url, data } = await startTestServer();
  const client = await createClient(url);
  const nodes = Array.from({ length: mostNodes + 1 }, () => randomId<NodeId>(16));
  const database = new Database(join(data, 'metadata.db'));
  const insert = database.prepare(`insert into node (namespace, node, kind, parent, name_tag, hidden, place_version,
    content_version, attributes_version, last_seq) values (?, ?, 'folder', ?, ?, 0, 1, 0, 0, ?)`);
  database.transaction(() => {
    for (const [i, node] of nodes.entries()) {
      const parent = nodes[i - 1] ?? ROOT_NODE;
      insert.run(
        idBytes(client.namespace),
        idBytes(node),
        idBytes(parent),
        randomBytes(32),
        i + 1 < nodes.length ? 0 : 9,
      );
    }
  })();
  database.close();
  return { client, nodes };
}

test('below more folders than may be looked at nothing comes, and that is said; what is nested less goes on', async () => {
  const { client, nodes } = await nestedTooDeep();
  const block = randomBlock();
  const [last, above] = [nodes.at(-1), nodes.at(-2)];
  expect(await client.commit([createFile([block], { parent: last })], { pack: packOf([block]) })).toMatchObject({
    status: 413,
    code: 'nested-too-deep',
  });
  expect((await client.entries(-1)).entries).toHaveLength(1);
  // What came along is kept: whoever sends it elsewhere need not send its bytes again.
  expect(valueOf(await client.commit([createFile([block], { parent: above })])).outcome).toBe('committed');
});

test('a folder is deleted whatever is nested below it, once its author has seen what changed there', async () => {
  const { client, nodes } = await nestedTooDeep(LIMITS.nodesPerMove);
  const hide: Change = {
    op: 'place',
    node: nodes[1]!,
    base: 1,
    parent: nodes[0]!,
    nameTag: randomId<NameTag>(32),
    hidden: true,
    sealed: bytes(256),
  };
  expect(await client.commit([hide])).toMatchObject({ code: 'behind' });
  for (let seq = 1; seq <= 9; seq++) valueOf(await client.commit([createFolder()]));
  expect(valueOf(await client.commit([hide])).outcome).toBe('committed');
});

test('what lies too deep is moved out by itself, and is not in the way of anything then', async () => {
  const { client, nodes } = await nestedTooDeep();
  for (let seq = 1; seq <= 9; seq++) valueOf(await client.commit([createFolder()]));
  const node = nodes.at(-1);
  const nameTag = randomId<NameTag>(32);
  const out: Change = { op: 'place', node, base: 1, parent: ROOT_NODE, nameTag, hidden: false, sealed: bytes(256) };
  // With anything else in the entry it is more than may be looked at.
  expect(await client.commit([out, createFolder()])).toMatchObject({ status: 413, code: 'nested-too-deep' });
  expect(valueOf(await client.commit([out])).outcome).toBe('committed');
  expect(valueOf(await client.commit([createFolder({ parent: node })])).outcome).toBe('committed');
});
