import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { KyselyPlugin, QueryId } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT_NODE } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import { openSqlite } from '../metadata/sqlite.ts';
import { PURGE_GONE } from '../metadata/tables.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { purgeSome, startPurge, startWalk } from './purge-deleted.ts';

const FOLDERS = 30;
const FILES = 100;
const NODES = FOLDERS * (FILES + 1);

/** A deleted tree: folders within each other, a hundred files in each. */
async function deletedTree() {
  const metadata = await openSqlite(join(temporaryFolder(), 'metadata.db'));
  onTestFinished(() => metadata.close());
  const namespace = new Uint8Array(randomBytes(32));
  const row = (parent: Uint8Array, hidden = 0) => ({
    ...{ namespace, node: new Uint8Array(randomBytes(16)), kind: hidden === 1 ? 'folder' : 'file', parent, hidden },
    ...{ name_tag: new Uint8Array(randomBytes(32)), place_version: 1, content_version: 0, attributes_version: 0 },
    ...{ last_seq: 1, hidden_at_ms: null, purge_state: null },
  });
  const top = row(idBytes(ROOT_NODE), 1);
  const rows: (typeof top)[] = [];
  for (let i = 0, folder = top; i < FOLDERS; i++) {
    rows.push(...Array.from({ length: FILES }, () => row(folder.node)));
    const below = row(folder.node);
    rows.push(below);
    folder = below;
  }
  const visits = { rows: 0, wholeTree: 0 };
  const trees = new WeakSet<QueryId>();
  const counter: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      if (JSON.stringify(node).includes('recursive down')) trees.add(queryId);
      return node;
    },
    transformResult({ result, queryId }) {
      if (trees.has(queryId)) visits.wholeTree++;
      visits.rows += result.rows.length;
      return Promise.resolve(result);
    },
  };
  await metadata.write(async (writer) => {
    await metadata.sql.insertMany(writer, 'node', [top, ...rows]);
    expect(await startPurge(writer, namespace, top.node)).toBe('begun');
  });
  const counted: typeof metadata = {
    ...metadata,
    write: (work) => metadata.write((writer) => work(writer.withPlugin(counter))),
  };
  const walk = startWalk();
  const step = () => purgeSome({ metadata: counted, nowMs: () => 1 }, namespace, top.node, walk);
  const left = async (): Promise<Uint8Array[]> => {
    const found = metadata.read.selectFrom('node').select(['node', 'purge_state']).where('namespace', '=', namespace);
    return (await found.execute()).filter((one) => one.purge_state !== PURGE_GONE).map(({ node }) => node);
  };
  const move = (node: Uint8Array, parent: Uint8Array) =>
    metadata.write((writer) =>
      writer
        .updateTable('node')
        .set({ parent })
        .where('namespace', '=', namespace)
        .where('node', '=', node)
        .executeTakeFirst(),
    );
  return { top, rows, row, metadata, visits, step, left, move };
}

test('a deleted tree goes in steps that visit each of its nodes a few times, however many steps it takes', async () => {
  const { visits, step, left } = await deletedTree();
  let steps = 1;
  while (!(await step()).isDone) steps++;
  expect(await left()).toEqual([]);
  expect(steps).toBeGreaterThan(NODES / 250);
  // 13 looks at the whole tree, and 39,000 visits, when each step began at the top.
  expect(visits.wholeTree).toBe(1);
  expect(visits.wholeTree * NODES + visits.rows).toBeLessThan(4 * NODES);
});

test('what was moved out meanwhile stays, what came to lie below goes as well', async () => {
  const { top, rows, row, metadata, step, left, move } = await deletedTree();
  await step();
  await step();
  const [kept] = (await left()).filter((node) => Buffer.compare(node, top.node) !== 0 && isFile(node));
  await move(kept!, idBytes(ROOT_NODE));
  const unpurged = await left();
  const gone = rows.find(({ node }) => !unpurged.some((one) => Buffer.compare(one, node) === 0));
  const late = row(gone!.node);
  await metadata.write((writer) => metadata.sql.insertMany(writer, 'node', [late]));
  while (!(await step()).isDone);
  expect((await left()).map((node) => Buffer.compare(node, kept!))).toEqual([0]);

  function isFile(node: Uint8Array): boolean {
    return !rows.some(({ parent }) => Buffer.compare(parent, node) === 0);
  }
});
