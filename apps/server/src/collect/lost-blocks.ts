import { LIMITS, type CtHash, type LostBlocksResponse, type LostPlace, type NodeId } from '@onefold/protocol';
import { sql } from 'kysely';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import { BLOCK_LOST } from '../metadata/tables.ts';

/** Blocks of a namespace were found to be lost, or there again: its devices ask which. */
export async function countLostRevision(writer: Writer, namespace: Uint8Array): Promise<void> {
  await writer
    .updateTable('namespace')
    .set((eb) => ({ lost_revision: eb('lost_revision', '+', 1) }))
    .where('namespace', '=', namespace)
    .execute();
}

/**
 * Lost blocks and the current content versions that use them, by ascending hash and node behind `after`. Cost in proportion to what is lost. Nobody is told of
 * what only old versions use: nothing that a device does could bring it back.
 */
export async function readLostBlocks(
  reader: Reader,
  namespace: Uint8Array,
  after: LostPlace | null,
): Promise<LostBlocksResponse> {
  let query = reader
    .selectFrom('block as b')
    .innerJoin('version_block as v', (join) =>
      join.onRef('v.namespace', '=', 'b.namespace').onRef('v.ct_hash', '=', 'b.ct_hash').on('v.is_added', '=', 1),
    )
    .innerJoin('node as n', (join) => join.onRef('n.namespace', '=', 'v.namespace').onRef('n.node', '=', 'v.node'))
    .select(['b.ct_hash', 'v.node', 'n.content_version'])
    .where('b.namespace', '=', namespace)
    .where('b.state', '=', sql.lit(BLOCK_LOST))
    // The last word of the node's versions about the block is that they use it.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('version_block as w')
            .select('w.version')
            .whereRef('w.namespace', '=', 'v.namespace')
            .whereRef('w.node', '=', 'v.node')
            .whereRef('w.ct_hash', '=', 'v.ct_hash')
            .whereRef('w.version', '>', 'v.version'),
        ),
      ),
    );
  if (after !== null) {
    const [hash, node] = [idBytes(after.ctHash), idBytes(after.node)];
    query = query.where((eb) =>
      eb.or([eb('b.ct_hash', '>', hash), eb.and([eb('b.ct_hash', '=', hash), eb('v.node', '>', node)])]),
    );
  }
  const limit = LIMITS.lostBlocksPerPage;
  const rows = await query
    .orderBy('b.ct_hash')
    .orderBy('v.node')
    .limit(limit + 1)
    .execute();
  const lost = rows.slice(0, limit).map((row) => ({
    ctHash: idOf<CtHash>(row.ct_hash),
    node: idOf<NodeId>(row.node),
    version: row.content_version,
  }));
  return { lost, hasMore: rows.length > limit };
}
