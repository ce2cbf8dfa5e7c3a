import { randomBytes } from 'node:crypto';
import type { StoreContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { BLOCK_LOST, BLOCK_STORED, type PackTable } from '../metadata/tables.ts';
import { blocksIn, isStillThere, readSound } from '../packs/read-sound.ts';
import { parts } from './condemn.ts';
import { countLostRevision } from './lost-blocks.ts';

type Place = Pick<PackTable, 'namespace' | 'pack'>;

/**
 * Reads packs again in the background, in order of their ids, and hashes every block: a disk that forgets is noticed while somebody still has the file. A
 * block that is not what it was counts as missing from then on; sending it again, or putting its pack back, heals it; devices that have the file are told by the namespace's head (see lost-blocks.ts). It begins anywhere: a node that is started anew often, or one of several,
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
      const { lost, found } = await scrubPack(context.metadata, context.packs, row);
      context.metrics.scrubbed(row.size_bytes, lost.length);
      if (lost.length > 0)
        context.log.error(
          { pack: idOf(row.pack), blocks: lost.length },
          'blocks are damaged; they wait to be sent again',
        );
      if (found.length > 0)
        context.log.warn({ pack: idOf(row.pack), blocks: found.length }, 'blocks that were lost are there again');
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

export interface ScrubbedPack {
  /** Hashes of blocks that were stored, and are damaged or gone. */
  readonly lost: readonly Uint8Array[];
  /** Hashes of blocks that counted as lost, and are what they were. */
  readonly found: readonly Uint8Array[];
}

/**
 * Checks the blocks that lie in a pack: marks those that are damaged as lost, and those that were lost and are sound as stored. The latter come back with a disk
 * that was not well for a while, or out of a backup.
 */
export async function scrubPack(
  metadata: MetadataDatabase,
  packs: StoreContext['packs'],
  row: PackTable,
): Promise<ScrubbedPack> {
  const stored = await blocksIn(metadata.read, row);
  const { lost } = stored.length === 0 ? { lost: [] } : await readSound(packs, row.object_key, stored);
  const marked = await mark(metadata, row, lost, BLOCK_STORED, BLOCK_LOST);
  const gone = new Set(lost.map((hash) => idOf(hash)));
  const missed = (await blocksIn(metadata.read, row, BLOCK_LOST)).filter(({ ct_hash }) => !gone.has(idOf(ct_hash)));
  const { sound } = missed.length === 0 ? { sound: [] } : await readSound(packs, row.object_key, missed);
  const there = sound.map(({ ctHash }) => idBytes(ctHash));
  return { lost: marked, found: await mark(metadata, row, there, BLOCK_LOST, BLOCK_STORED) };
}

/** Answers which of them it marked: only those are what they were said to be. */
async function mark(
  metadata: MetadataDatabase,
  row: PackTable,
  hashes: readonly Uint8Array[],
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  if (hashes.length === 0) return [];
  return metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, row.namespace);
    // Moved or sent anew since it was read: then what was read is not what counts any more.
    if (!(await isStillThere(writer, row))) return [];
    const marked: Uint8Array[] = [];
    for (const part of parts(hashes)) {
      const rows = await writer
        .updateTable('block')
        .set({ state: to })
        .where('namespace', '=', row.namespace)
        .where('ct_hash', 'in', part)
        .where('pack', '=', row.pack)
        .where('state', '=', from)
        .returning('ct_hash')
        .execute();
      marked.push(...rows.map((one) => one.ct_hash));
    }
    if (marked.length > 0) await countLostRevision(writer, row.namespace);
    return marked;
  });
}
