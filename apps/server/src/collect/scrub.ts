import { randomBytes } from 'node:crypto';
import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { BLOCK_LOST, BLOCK_STORED, type PackTable } from '../metadata/tables.ts';
import { blocksIn, readSound } from '../packs/read-sound.ts';
import { parts } from './condemn.ts';

type Place = Pick<PackTable, 'namespace' | 'pack'>;

/**
 * Reads packs again in the background, in order of their ids, and hashes every block: a disk that forgets is noticed while somebody still has the file. A
 * block that is not what it was counts as missing from then on; sending it again heals it. It begins anywhere: a node that is started anew often, or one of several,
 * would else read the same first packs again and again, and never the last ones.
 */
export function createScrubber(
  context: StoreContext,
  bytesPerRun: number,
  beginAt: Uint8Array = randomBytes(32),
): (isOver: AbortSignal) => Promise<void> {
  let after: Place | undefined = { namespace: beginAt, pack: new Uint8Array() };
  return async (isOver) => {
    for (let budgetBytes = bytesPerRun; budgetBytes > 0 && !isOver.aborted;) {
      const row = await nextPack(context.metadata, after);
      after = row;
      if (row === undefined) return;
      budgetBytes -= row.size_bytes;
      const lost = await scrubPack(context.metadata, context.packs, row);
      context.metrics.scrubbed(row.size_bytes, lost.length);
      if (lost.length > 0)
        context.log.error(
          { pack: idOf(row.pack), blocks: lost.length },
          'blocks are damaged; they wait to be sent again',
        );
    }
  };
}

async function nextPack({ read }: MetadataDatabase, after: Place | undefined): Promise<PackTable | undefined> {
  let query = read.selectFrom('pack').selectAll();
  if (after !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('namespace', '>', after.namespace),
        eb.and([eb('namespace', '=', after.namespace), eb('pack', '>', after.pack)]),
      ]),
    );
  return query.orderBy('namespace').orderBy('pack').limit(1).executeTakeFirst();
}

/** Checks the blocks that lie in a pack and marks those that are damaged as lost. Answers their hashes. */
export async function scrubPack(
  metadata: MetadataDatabase,
  packs: StoreContext['packs'],
  row: PackTable,
): Promise<Uint8Array[]> {
  const blocks = await blocksIn(metadata.read, row);
  if (blocks.length === 0) return [];
  const { lost } = await readSound(packs, row.object_key, blocks);
  if (lost.length > 0) await markLost(metadata, row, lost);
  return lost;
}

async function markLost(metadata: MetadataDatabase, row: PackTable, lost: readonly Uint8Array[]): Promise<void> {
  await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, row.namespace);
    // Moved or sent anew since it was read: then what was read is not what counts any more.
    const now = await writer
      .selectFrom('pack')
      .select('object_key')
      .where('namespace', '=', row.namespace)
      .where('pack', '=', row.pack)
      .executeTakeFirst();
    if (now?.object_key !== row.object_key) return;
    for (const part of parts(lost))
      await writer
        .updateTable('block')
        .set({ state: BLOCK_LOST })
        .where('namespace', '=', row.namespace)
        .where('ct_hash', 'in', part)
        .where('pack', '=', row.pack)
        .where('state', '=', BLOCK_STORED)
        .execute();
  });
}
