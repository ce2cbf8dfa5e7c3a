import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createViewCache, type NeedKey } from '@onefold/journal';
import { ROOT_NODE, type Hash, type NamespaceHead, type NamespaceId, type NodeId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
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
    const source = { reader: metadata.read, sql: metadata.sql, namespace: namespaceId, mostNodes: MOST_NODES };
    await loadNeeds({ ...source, chain: () => Promise.resolve(undefined) }, wanted, view);
    return wanted.every((need) => view.has(need));
  };
  expect(await load(leaves.slice(1))).toBe(true);
  await expect(load(leaves)).rejects.toMatchObject({ code: 'invalid-argument' });
});
