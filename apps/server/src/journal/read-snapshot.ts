import { LIMITS, OnefoldError, type NodeId, type NodeSnapshot, type SnapshotResponse } from '@onefold/protocol';
import { sql } from 'kysely';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';
import { unpackRow } from './node-rows.ts';

export interface RowAsOf {
  readonly row: NodeSnapshot;
  readonly sizeBytes: number;
}

/**
 * A page of the nodes as they were after entry `seq`, of which a checkpoint speaks, by ascending id behind `after`: as many as fit, at least one where there is
 * one. Throws `behind` when that checkpoint is not kept (any more).
 */
export async function readSnapshot(
  metadata: Pick<MetadataDatabase, 'read' | 'sql'>,
  namespace: Uint8Array,
  seq: number,
  after: Uint8Array | null,
): Promise<SnapshotResponse> {
  const limit = LIMITS.snapshotNodesPerPage;
  const page = await rowsAsOf(metadata, namespace, seq, after, limit);
  const lengths = await contentLengths(metadata, namespace, page);
  const fitting: NodeSnapshot[] = [];
  let sizeBytes = 0;
  for (const { row, sizeBytes: own } of page) {
    sizeBytes += own + (lengths.get(contentKey(row)) ?? 0);
    if (fitting.length > 0 && sizeBytes > LIMITS.pageBytes) break;
    fitting.push(row);
  }
  const rows = await withContents(metadata, namespace, fitting);
  // Asked last: what cutting the journal took away before it read is not missed.
  await mustBeKept(metadata.read, namespace, seq);
  return { rows, isLast: page.length < limit && fitting.length === page.length };
}

/** The rows that stood after entry `seq`, content without its sealed part. */
async function rowsAsOf(
  metadata: Pick<MetadataDatabase, 'read' | 'sql'>,
  namespace: Uint8Array,
  seq: number,
  after: Uint8Array | null,
  limit: number,
): Promise<RowAsOf[]> {
  let newest = metadata.read
    .selectFrom('node_row')
    .select((eb) => ['node', eb.fn.max('seq').as('seq')])
    .where('namespace', '=', namespace)
    .where('seq', '<=', seq)
    .groupBy('node')
    .orderBy('node')
    .limit(limit);
  if (after !== null) newest = newest.where('node', '>', after);
  const keys = await newest.execute();
  const found = await metadata.sql.findMany(
    metadata.read,
    'node_row',
    ['node', 'row'],
    ['namespace', 'node', 'seq'],
    keys.map((key) => [namespace, key.node, key.seq]),
  );
  return found
    .map(({ node, row }) => ({ row: unpackRow(idOf<NodeId>(node), row), sizeBytes: row.length }))
    .sort((a, b) => (a.row.node < b.row.node ? -1 : 1));
}

/** All of them, `size` at a time. */
export async function* pagesAsOf(
  metadata: Pick<MetadataDatabase, 'read' | 'sql'>,
  namespace: Uint8Array,
  seq: number,
  size: number,
): AsyncGenerator<readonly RowAsOf[]> {
  for (let after: Uint8Array | null = null; ;) {
    const page: readonly RowAsOf[] = await rowsAsOf(metadata, namespace, seq, after, size);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    if (page.length < size) return;
    after = idBytes(last.row.node);
  }
}

function contentKey({ node, content }: NodeSnapshot): string {
  return `${node} ${content?.version ?? 0}`;
}

/** How long the sealed parts are, without reading them: a page of the longest would not fit into memory. */
async function contentLengths(
  { read, sql: dialect }: Pick<MetadataDatabase, 'read' | 'sql'>,
  namespace: Uint8Array,
  page: readonly RowAsOf[],
): Promise<Map<string, number>> {
  const text = `select "node", "version", length("sealed") as "bytes" from "file_version" where "namespace" = ? and "node" = ? and "version" = ?`;
  const wanted = page.flatMap(({ row: { node, content } }) =>
    content === null ? [] : [[namespace, idBytes(node), content.version] as const],
  );
  const rows = await dialect.selectEach<{ node: Uint8Array; version: number; bytes: number }>(read, text, wanted);
  return new Map(rows.map(({ node, version, bytes }) => [`${idOf(node)} ${version}`, bytes]));
}

/** Content that was purged keeps its hash alone. */
async function withContents(
  metadata: Pick<MetadataDatabase, 'read' | 'sql'>,
  namespace: Uint8Array,
  rows: readonly NodeSnapshot[],
): Promise<NodeSnapshot[]> {
  const stored = await metadata.sql.findMany(
    metadata.read,
    'file_version',
    ['node', 'version', 'sealed'],
    ['namespace', 'node', 'version'],
    rows.flatMap(({ node, content }) => (content === null ? [] : [[namespace, idBytes(node), content.version]])),
  );
  const sealed = new Map(stored.map((version) => [`${idOf(version.node)} ${version.version}`, version.sealed]));
  return rows.map((row) => {
    const its = sealed.get(contentKey(row));
    if (row.content === null || its === undefined) return row;
    const { version, seq, epoch, device } = row.content;
    return { ...row, content: { version, seq, epoch, device, sealed: its } };
  });
}

async function mustBeKept(reader: Reader, namespace: Uint8Array, seq: number): Promise<void> {
  const { rows } = await sql`select c.seq from checkpoint c join namespace n on n.namespace = c.namespace
    where c.namespace = ${namespace} and c.seq = ${seq} and c.seq >= n.truncated_seq`.execute(reader);
  if (rows.length === 0) throw new OnefoldError('behind', 'this checkpoint is not kept: ask for the journal again');
}
