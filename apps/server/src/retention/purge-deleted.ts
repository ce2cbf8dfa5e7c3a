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

/** `begun`: from now on. `going`: it was before, and may be gone by now. */
export type PurgeStart = 'begun' | 'going' | 'not-deleted' | 'no-such-node';

/** Refuses restoring from now on, of the node and of what is deleted above it. */
export async function startPurge(writer: Writer, namespace: Uint8Array, node: Uint8Array): Promise<PurgeStart> {
  const above = await withAncestors(writer, namespace, node);
  const [own] = above;
  if (own === undefined) return 'no-such-node';
  const top = above.findLastIndex(({ hidden }) => hidden === 1);
  if (top === -1) return 'not-deleted';
  const { numUpdatedRows } = await writer
    .updateTable('node')
    // First in line, so that a purge that was cut off is gone on with.
    .set({ purge_state: PURGE_GOING, hidden_at_ms: 0 })
    .where('namespace', '=', namespace)
    .where('node', '=', node)
    .where((eb) => eb.or([eb('purge_state', 'is', null), eb('purge_state', '=', PURGE_BELOW)]))
    .executeTakeFirstOrThrow();
  for (const row of above.slice(1, top + 1))
    await writer
      .updateTable('node')
      .set({ purge_state: PURGE_BELOW })
      .where('namespace', '=', namespace)
      .where('node', '=', row.node)
      .where('purge_state', 'is', null)
      .execute();
  return numUpdatedRows > 0n ? 'begun' : 'going';
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

/** A node with the folder it was found in. */
interface Below {
  readonly node: Uint8Array;
  readonly parent: Uint8Array;
}

/** Where a purge is: what has been found and not been gone through yet. Lost with the process: the next run looks from the top again. */
export interface PurgeWalk {
  /** Null before the first step. */
  found: readonly Below[] | null;
}

export function startWalk(): PurgeWalk {
  return { found: null };
}

/**
 * Purges some of what is below a node that is going, and the node last. Answers how many versions went, and whether that was all. Every node is visited once
 * by the steps, which hold the namespace, and once more by the last one, which sees that nothing has come to lie there meanwhile.
 */
export async function purgeSome(
  { metadata, nowMs }: Pick<StoreContext, 'metadata' | 'nowMs'>,
  namespace: Uint8Array,
  node: Uint8Array,
  walk: PurgeWalk,
): Promise<{ readonly purged: number; readonly isDone: boolean }> {
  const waiting = walk.found?.slice(0, -FILES_PER_STEP) ?? [];
  const step = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const found = await stillThere(writer, namespace, walk.found?.slice(-FILES_PER_STEP) ?? []);
    let purged = 0;
    for (const below of found) if (!below.isGone) purged += await purgeNode(writer, namespace, below.node, nowMs());
    const folders = walk.found === null ? [node] : found.map((below) => below.node);
    const next = [...waiting, ...(await childrenOf(writer, namespace, folders))];
    if (next.length > 0) return { purged, next };
    const left = withoutBelow(await leftBelow(writer, namespace, node));
    if (left.length === 0) purged += await purgeNode(writer, namespace, node, nowMs());
    return { purged, next: left };
  });
  walk.found = step.next;
  return { purged: step.purged, isDone: step.next.length === 0 };
}

/** Those that lie where they were found: what was moved out meanwhile is nobody's to purge. */
async function stillThere(
  reader: Reader,
  namespace: Uint8Array,
  found: readonly Below[],
): Promise<(Below & { readonly isGone: boolean })[]> {
  if (found.length === 0) return [];
  const rows = await reader
    .selectFrom('node')
    .select(['node', 'parent', 'purge_state'])
    .where('namespace', '=', namespace)
    .where(
      'node',
      'in',
      found.map((below) => below.node),
    )
    .execute();
  const parents = new Map(found.map((below) => [idOf(below.node), idOf(below.parent)]));
  return rows
    .filter((row) => parents.get(idOf(row.node)) === idOf(row.parent))
    .map(({ purge_state, ...row }) => ({ ...row, isGone: purge_state === PURGE_GONE }));
}

async function childrenOf(reader: Reader, namespace: Uint8Array, folders: readonly Uint8Array[]): Promise<Below[]> {
  if (folders.length === 0) return [];
  return reader
    .selectFrom('node')
    .select(['node', 'parent'])
    .where('namespace', '=', namespace)
    .where('parent', 'in', folders)
    .execute();
}

/** Those that are not found below another of them anyway. */
function withoutBelow(found: readonly Below[]): Below[] {
  const nodes = new Set(found.map(({ node }) => idOf(node)));
  return found.filter(({ parent }) => !nodes.has(idOf(parent)));
}

/** Some of what is not gone, wherever it lies below; none where the node itself is not going any more. */
async function leftBelow(reader: Reader, namespace: Uint8Array, node: Uint8Array): Promise<Below[]> {
  const { rows } = await sql<Below>`with recursive down (node) as (
      select node from node where namespace = ${namespace} and node = ${node} and purge_state = ${PURGE_GOING}
      union all
      select b.node from down join node b on b.parent = down.node where b.namespace = ${namespace})
    select n.node, n.parent from down join node n on n.node = down.node
    where n.namespace = ${namespace} and (n.purge_state is null or n.purge_state <> ${PURGE_GONE}) and n.node <> ${node}
    limit ${sql.lit(FILES_PER_STEP)}`.execute(reader);
  return rows;
}

async function purgeNode(writer: Writer, namespace: Uint8Array, node: Uint8Array, nowMs: number): Promise<number> {
  const versions = await writer
    .selectFrom('file_version')
    .select('version')
    .where('namespace', '=', namespace)
    .where('node', '=', node)
    .execute();
  const doomed = versions.map(({ version }) => version);
  const purged = doomed.length === 0 ? 0 : await purgeVersions(writer, namespace, node, doomed, nowMs);
  await writer
    .updateTable('node')
    .set({ purge_state: PURGE_GONE, hidden_at_ms: null })
    .where('namespace', '=', namespace)
    .where('node', '=', node)
    .execute();
  return purged;
}
