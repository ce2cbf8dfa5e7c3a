import type { MetadataDatabase, Writer } from '../metadata/database.ts';
import { BLOCK_LOST, BLOCK_STORED } from '../metadata/tables.ts';
import type { PackStore } from '../packs/pack-store.ts';
import { countLostRevision } from '../collect/lost-blocks.ts';
import { scrubPack } from '../collect/scrub.ts';

export interface Repaired {
  /** Blocks that were marked as missing. */
  readonly lostBlocks: number;
  /** Blocks that were missing and are there again. */
  readonly foundBlocks: number;
  /** Blocks that count as missing now, whoever marked them and when. */
  readonly missingBlocks: number;
}

/**
 * Marks every block whose bytes are gone or damaged as lost: it then counts as missing, and is stored anew when a device sends it, as those that have the file do by themselves. One that was lost and is
 * there again, its pack put back out of a backup, counts as stored. The journal and the tables made from it are not touched: what is wrong there only a backup
 * mends.
 */
export async function markDamaged(metadata: MetadataDatabase, packs: PackStore, nowMs: number): Promise<Repaired> {
  const rows = await metadata.read.selectFrom('pack').selectAll().execute();
  let [lostBlocks, foundBlocks] = [0, 0];
  for (const row of rows) {
    const { lost, found } = await scrubPack(metadata, packs, row);
    lostBlocks += lost.length;
    foundBlocks += found.length;
  }
  lostBlocks += await markPackless(metadata);
  await beginGrace(metadata, nowMs);
  const { count } = await metadata.read
    .selectFrom('block')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('state', '=', BLOCK_LOST)
    .executeTakeFirstOrThrow();
  return { lostBlocks, foundBlocks, missingBlocks: Number(count) };
}

/** Blocks that nothing uses and that would stay for ever. */
async function beginGrace(metadata: MetadataDatabase, nowMs: number): Promise<void> {
  await metadata.write((writer) =>
    writer
      .updateTable('block')
      .set({ unreferenced_at_ms: nowMs })
      .where('unreferenced_at_ms', 'is', null)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('version_block as v')
              .select('v.ct_hash')
              .whereRef('v.namespace', '=', 'block.namespace')
              .whereRef('v.ct_hash', '=', 'block.ct_hash')
              .where('v.is_added', '=', 1),
          ),
        ),
      )
      .execute(),
  );
}

/** Blocks whose pack no row describes: nobody can find them. Judged while the namespace is held, for nodes may be moving blocks. */
async function markPackless(metadata: MetadataDatabase): Promise<number> {
  let marked = 0;
  for (const { namespace } of await metadata.read.selectFrom('namespace').select('namespace').execute())
    marked += await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      return markPacklessOf(writer, namespace);
    });
  return marked;
}

async function markPacklessOf(writer: Writer, namespace: Uint8Array): Promise<number> {
  const { numUpdatedRows } = await writer
    .updateTable('block')
    .set({ state: BLOCK_LOST })
    .where('namespace', '=', namespace)
    .where('state', '=', BLOCK_STORED)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('pack')
            .select('pack.pack')
            .whereRef('pack.namespace', '=', 'block.namespace')
            .whereRef('pack.pack', '=', 'block.pack'),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) await countLostRevision(writer, namespace);
  return Number(numUpdatedRows);
}
