import { sql } from 'kysely';
import type { NamespaceId, NodeId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import { PURGE_BELOW, PURGE_GOING, PURGE_GONE } from '../metadata/tables.ts';
import type { StoreContext } from '../context.ts';
import { purgeVersions } from './purge-versions.ts';

/*
 * A deleted file or folder goes for good:
 *
 *   deleted -> going    from here on no commit restores it: what is left of it would not be whole
 *   going   -> gone     every version of everything below it is purged, in small transactions; then it is left alone for ever
 *
 * The node itself stays in the tree, hidden, as the journal has it: names and versions there never come back.
 */

/** Files purged by one transaction. */
const FILES_PER_STEP = 250;

export type PurgeStart = 'going' | 'not-deleted' | 'no-such-node';

/** Refuses restoring from now on, of the node and of what is deleted above it. */
export async function startPurge(writer: Writer, namespace: Uint8Array, node: Uint8Array): Promise<PurgeStart> {
  const above = await withAncestors(writer, namespace, node);
  const [own] = above;
  if (own === undefined) return 'no-such-node';
  const top = above.findLastIndex(({ hidden }) => hidden === 1);
  if (top === -1) return 'not-deleted';
  await writer
    .updateTable('node')
    // First in line, so that a purge that was cut off is gone on with.
    .set({ purge_state: PURGE_GOING, hidden_at_ms: 0 })
    .where('namespace', '=', namespace)
    .where('node', '=', node)
    .where((eb) => eb.or([eb('purge_state', 'is', null), eb('purge_state', '=', PURGE_BELOW)]))
    .execute();
  for (const row of above.slice(1, top + 1))
    await writer
      .updateTable('node')
      .set({ purge_state: PURGE_BELOW })
      .where('namespace', '=', namespace)
      .where('node', '=', row.node)
      .where('purge_state', 'is', null)
      .execute();
  return 'going';
}

interface Above {
  readonly node: Uint8Array;
  readonly hidden: number;
}

/** The node, its parent, and so on. */
async function withAncestors(reader: Reader, namespace: Uint8Array, node: Uint8Array): Promise<Above[]> {
  const { rows } = await sql<Above>`with recursive up (node, parent, hidden, depth) as (
      select node, parent, hidden, 0 from node where namespace = ${namespace} and node = ${node}
      union all
      select a.node, a.parent, a.hidden, up.depth + 1 from up join node a on a.node = up.parent where a.namespace = ${namespace})
    select node, hidden from up order by depth`.execute(reader);
  return rows;
}

/** Those of `nodes` of which nothing is kept, or soon will be. */
export async function goneAmong(reader: Reader, namespace: NamespaceId, nodes: readonly NodeId[]): Promise<NodeId[]> {
  const rows = await reader
    .selectFrom('node')
    .select('node')
    .where('namespace', '=', idBytes(namespace))
    .where('node', 'in', nodes.map(idBytes))
    .where('purge_state', 'in', [PURGE_GOING, PURGE_GONE])
    .execute();
  return rows.map(({ node }) => idOf<NodeId>(node));
}

/** Purges some of what is below a node that is going, and the node last. Answers how many versions went, and whether that was all. */
export async function purgeSome(
  { metadata, nowMs }: Pick<StoreContext, 'metadata' | 'nowMs'>,
  namespace: Uint8Array,
  node: Uint8Array,
): Promise<{ readonly purged: number; readonly isDone: boolean }> {
  return metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const { rows } = await sql<{ node: Uint8Array }>`with recursive down (node) as (
        select node from node where namespace = ${namespace} and node = ${node} and purge_state = ${PURGE_GOING}
        union all
        select b.node from down join node b on b.parent = down.node where b.namespace = ${namespace})
      select n.node from down join node n on n.node = down.node
      where n.namespace = ${namespace} and (n.purge_state is null or n.purge_state <> ${PURGE_GONE}) and n.node <> ${node}
      limit ${sql.lit(FILES_PER_STEP)}`.execute(writer);
    const isDone = rows.length < FILES_PER_STEP;
    let purged = 0;
    for (const row of [...rows.map((below) => below.node), ...(isDone ? [node] : [])]) {
      const versions = await writer
        .selectFrom('file_version')
        .select('version')
        .where('namespace', '=', namespace)
        .where('node', '=', row)
        .execute();
      const doomed = versions.map(({ version }) => version);
      if (doomed.length > 0) purged += await purgeVersions(writer, namespace, row, doomed, nowMs());
      await writer
        .updateTable('node')
        .set({ purge_state: PURGE_GONE, hidden_at_ms: null })
        .where('namespace', '=', namespace)
        .where('node', '=', row)
        .execute();
    }
    return { purged, isDone };
  });
}
