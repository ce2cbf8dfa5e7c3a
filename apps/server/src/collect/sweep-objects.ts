import type { StoreContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';

const PER_RUN = 1_000;

/** Removes objects whose pack is gone, once nobody can be reading them any more. */
export async function removeDeadObjects({ metadata, packs, nowMs, config }: StoreContext): Promise<number> {
  const rows = await metadata.read
    .selectFrom('dead_object')
    .select('object_key')
    .where('dead_at_ms', '<=', nowMs() - config.collection.condemnedMs)
    .limit(PER_RUN)
    .execute();
  for (const { object_key: objectKey } of rows) {
    await packs.remove(objectKey);
    await metadata.write((writer) => writer.deleteFrom('dead_object').where('object_key', '=', objectKey).execute());
  }
  return rows.length;
}

/**
 * Removes objects that no row names: left by a crash, or a failed COMMIT, between storing and recording. Only those older than the grace: a younger one may be
 * about to be recorded. Keys are never used twice, and what is rowless at that age while its namespace is held stays so: see `isTooOldToRecord`.
 */
export async function sweepStrayObjects(context: StoreContext): Promise<number> {
  const { metadata, packs, metrics, config } = context;
  const beforeMs = context.nowMs() - config.collection.graceMs;
  let removed = 0;
  for await (const { objectKey, storedAtMs } of packs.list()) {
    if (storedAtMs === undefined || storedAtMs > beforeMs || (await isNamed(metadata.read, objectKey))) continue;
    if (await isBeingNamed(metadata, objectKey)) continue;
    await packs.remove(objectKey);
    removed++;
  }
  metrics.collected('strays', removed);
  return removed;
}

/** Asked once more, behind whoever is recording in its namespace at this moment. */
function isBeingNamed(metadata: MetadataDatabase, objectKey: string): Promise<boolean> {
  const [namespace = ''] = objectKey.split('/');
  return metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, idBytes(namespace));
    return isNamed(writer, objectKey);
  });
}

async function isNamed(reader: Reader, objectKey: string): Promise<boolean> {
  const pack = await reader
    .selectFrom('pack')
    .select('pack')
    .where('object_key', '=', objectKey)
    .limit(1)
    .executeTakeFirst();
  if (pack !== undefined) return true;
  const dead = await reader
    .selectFrom('dead_object')
    .select('object_key')
    .where('object_key', '=', objectKey)
    .executeTakeFirst();
  return dead !== undefined;
}
