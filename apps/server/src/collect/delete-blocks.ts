import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_CONDEMNED } from '../metadata/tables.ts';
import { agedBlocks, byNamespace, parts } from './condemn.ts';

/** Deletes blocks that were condemned long enough ago, and packs that hold none any more. Answers how many rows it looked at. */
export async function deleteCondemned(context: StoreContext, isOver: AbortSignal): Promise<number> {
  const { metadata, metrics, config } = context;
  const nowMs = context.nowMs();
  const beforeMs = nowMs - config.collection.condemnedMs;
  const found = await agedBlocks(metadata.read, [BLOCK_CONDEMNED], beforeMs);
  for (const [namespace, hashes] of byNamespace(found)) {
    if (isOver.aborted) break;
    const counts = await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      let deleted = 0;
      const touched = new Map<string, Uint8Array>();
      for (const part of parts(hashes)) {
        const rows = await writer
          .deleteFrom('block')
          .where('namespace', '=', namespace)
          .where('ct_hash', 'in', part)
          .where('state', '=', BLOCK_CONDEMNED)
          .where('unreferenced_at_ms', '<=', beforeMs)
          .returning('pack')
          .execute();
        deleted += rows.length;
        for (const { pack } of rows) touched.set(idOf(pack), pack);
      }
      // With the blocks, and not in memory: a run that dies now would leave dead space that nobody looks for.
      const thinned = [...touched.values()].map((pack) => ({ namespace, pack }));
      await metadata.sql.insertMany(writer, 'thinned_pack', thinned, 'keep');
      const packs = await dropEmptyPacks(writer, metadata.sql, namespace, [...touched.values()], nowMs);
      return { deleted, packs };
    });
    metrics.collected('deleted', counts.deleted);
    metrics.collected('packs', counts.packs);
  }
  return found.length;
}

/** Drops those of `packs` that no block row points at. Their objects go later: somebody may be about to read them. */
export async function dropEmptyPacks(
  writer: Writer,
  sql: SqlDialect,
  namespace: Uint8Array,
  packs: readonly Uint8Array[],
  nowMs: number,
): Promise<number> {
  let dropped = 0;
  for (const pack of packs) {
    const used = await writer
      .selectFrom('block')
      .select('ct_hash')
      .where('namespace', '=', namespace)
      .where('pack', '=', pack)
      .limit(1)
      .executeTakeFirst();
    if (used !== undefined) continue;
    const row = await writer
      .deleteFrom('pack')
      .where('namespace', '=', namespace)
      .where('pack', '=', pack)
      .returning(['object_key', 'size_bytes'])
      .executeTakeFirst();
    await writer.deleteFrom('thinned_pack').where('namespace', '=', namespace).where('pack', '=', pack).execute();
    if (row === undefined) continue;
    dropped++;
    await sql.insertMany(writer, 'dead_object', [{ object_key: row.object_key, dead_at_ms: nowMs }], 'keep');
    await writer
      .updateTable('namespace')
      .set((eb) => ({ stored_bytes: eb('stored_bytes', '-', row.size_bytes) }))
      .where('namespace', '=', namespace)
      .execute();
  }
  return dropped;
}
