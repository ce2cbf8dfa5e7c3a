import { changeSum, NO_NODES, rowsAfter, type ParsedEntry, type TreeSum } from '@onefold/journal';
import type { NamespaceId, NodeId, NodeSnapshot } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect, Writer } from '../metadata/database.ts';
import type { TreeSumTable } from '../metadata/tables.ts';
import { lastSeqOf, leafOfRow, packRow, unpackRow } from './node-rows.ts';

/*
 * What a checkpoint is checked against, and what a device that was away too long reads: every node as the journal leaves it, and a sum over all of them. Both
 * follow the journal in the transaction of each commit.
 */

export interface Folded {
  readonly parsed: ParsedEntry;
  readonly seq: number;
}

const NODES_PER_STATEMENT = 500;

export function emptyTreeSum(namespace: NamespaceId): TreeSumTable {
  return { namespace: idBytes(namespace), seq: 0, checkpoint_seq: -1, nodes: 0, lanes: NO_NODES.lanes };
}

export function treeSumOf(reader: Reader, namespace: Uint8Array): Promise<TreeSumTable | undefined> {
  return reader.selectFrom('tree_sum').selectAll().where('namespace', '=', namespace).executeTakeFirst();
}

/** Goes on by entries that follow each other, in a transaction that holds the namespace. False for entries that do not follow the sum's position: they are left to whoever fills it. */
export async function foldNodes(
  writer: Writer,
  sql: SqlDialect,
  namespace: NamespaceId,
  entries: readonly Folded[],
): Promise<boolean> {
  const key = idBytes(namespace);
  const before = await treeSumOf(writer, key);
  const last = entries.at(-1);
  if (before === undefined || last === undefined || entries[0]?.seq !== before.seq + 1) return false;
  const stood = await loadRows(writer, sql, key, touchedBy(entries));
  const rows = new Map<NodeId, NodeSnapshot>();
  let checkpointSeq = before.checkpoint_seq;
  for (const { parsed, seq } of entries) {
    if (parsed.type === 'checkpoint') checkpointSeq = parsed.body.seq;
    if (parsed.type !== 'changeset') continue;
    for (const [node, row] of rowsAfter(parsed, seq, (at) => rows.get(at) ?? stood.get(at))) rows.set(node, row);
  }
  const replaced = [...rows.keys()].flatMap((node) => stood.get(node) ?? []);
  const sum: TreeSum = changeSum(
    { count: before.nodes, lanes: new Uint8Array(before.lanes) },
    replaced.map(leafOfRow),
    [...rows.values()].map(leafOfRow),
  );
  await sql.insertMany(
    writer,
    'node_row',
    [...rows.values()].map((row) => ({
      namespace: key,
      node: idBytes(row.node),
      seq: lastSeqOf(row),
      row: packRow(row),
    })),
  );
  await dropReplaced(writer, key, replaced, before.checkpoint_seq);
  await writer
    .updateTable('tree_sum')
    .set({ seq: last.seq, checkpoint_seq: checkpointSeq, nodes: sum.count, lanes: sum.lanes })
    .where('namespace', '=', key)
    .execute();
  return true;
}

function touchedBy(entries: readonly Folded[]): NodeId[] {
  const nodes = new Set<NodeId>();
  for (const { parsed } of entries)
    if (parsed.type === 'changeset')
      for (const change of parsed.body.changes) if (change.op !== 'create') nodes.add(change.node);
  return [...nodes];
}

/** The newest row of each. */
async function loadRows(
  writer: Writer,
  sql: SqlDialect,
  namespace: Uint8Array,
  nodes: readonly NodeId[],
): Promise<Map<NodeId, NodeSnapshot>> {
  const found = await sql.findMany(
    writer,
    'node_row',
    ['node', 'seq', 'row'],
    ['namespace', 'node'],
    nodes.map((node) => [namespace, idBytes(node)]),
  );
  const newest = new Map<NodeId, (typeof found)[number]>();
  for (const row of found) {
    const node = idOf<NodeId>(row.node);
    if ((newest.get(node)?.seq ?? -1) < row.seq) newest.set(node, row);
  }
  return new Map([...newest].map(([node, { row }]) => [node, unpackRow(node, row)]));
}

/** Rows that no checkpoint needs: it came before them. */
async function dropReplaced(
  writer: Writer,
  namespace: Uint8Array,
  replaced: readonly NodeSnapshot[],
  checkpointSeq: number,
): Promise<void> {
  const doomed = replaced.filter((row) => lastSeqOf(row) > checkpointSeq);
  const bySeq = new Map<number, Uint8Array[]>();
  for (const row of doomed) {
    const seq = lastSeqOf(row);
    bySeq.set(seq, [...(bySeq.get(seq) ?? []), idBytes(row.node)]);
  }
  for (const [seq, nodes] of bySeq)
    for (let at = 0; at < nodes.length; at += NODES_PER_STATEMENT)
      await writer
        .deleteFrom('node_row')
        .where('namespace', '=', namespace)
        .where('node', 'in', nodes.slice(at, at + NODES_PER_STATEMENT))
        .where('seq', '=', seq)
        .execute();
}
