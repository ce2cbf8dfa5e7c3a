import type { StoreContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import type { MetadataDatabase, Reader } from '../metadata/database.ts';

const PER_RUN = 1_000;
/** Objects that are looked up together. */
const AT_ONCE = 500;

/** Removes objects whose pack is gone, once nobody can be reading them any more. */
export async function removeDeadObjects(
  { metadata, packs, nowMs, config }: StoreContext,
  isOver: AbortSignal,
): Promise<number> {
  const rows = await metadata.read
    .selectFrom('dead_object')
    .select('object_key')
    .where('dead_at_ms', '<=', nowMs() - config.collection.condemnedMs)
    .limit(PER_RUN)
    .execute();
  for (const { object_key: objectKey } of rows) {
    if (isOver.aborted) break;
    await packs.remove(objectKey);
    await metadata.write((writer) => writer.deleteFrom('dead_object').where('object_key', '=', objectKey).execute());
  }
  return rows.length;
}

/**
 * Removes objects that no row names, and what never became one: left by a crash, or a failed COMMIT, between storing and recording. Only those older than the grace: a younger one may be
 * about to be recorded. Keys are never used twice, and what is rowless at that age while its namespace is held stays so: see `isTooOldToRecord`.
 */
export async function sweepStrayObjects(context: StoreContext, isOver: AbortSignal): Promise<number> {
  const { metadata, packs, metrics, config } = context;
  const beforeMs = context.nowMs() - config.collection.graceMs;
  let removed = 0;
  const sweep = async (objectKeys: readonly string[]): Promise<void> => {
    for (const objectKey of await unnamedAmong(metadata, objectKeys)) {
      if (isOver.aborted) return;
      if (await isBeingNamed(metadata, objectKey)) continue;
      await packs.remove(objectKey);
      removed++;
    }
  };
  let old: string[] = [];
  for await (const { objectKey, storedAtMs } of packs.list()) {
    if (isOver.aborted) break;
    if (storedAtMs === undefined || storedAtMs > beforeMs) continue;
    old.push(objectKey);
    if (old.length < AT_ONCE) continue;
    await sweep(old);
    old = [];
  }
  await sweep(old);
  if (!isOver.aborted) removed += await packs.removeUnfinished(beforeMs);
  metrics.collected('strays', removed);
  return removed;
}

/** Those that seem to be named by no row. A pack is looked up by its id, which its object's key tells: there may be millions of either. */
async function unnamedAmong({ read, sql }: MetadataDatabase, objectKeys: readonly string[]): Promise<string[]> {
  const ids = objectKeys.map((objectKey) => {
    const [namespace = '', , file = ''] = objectKey.split('/');
    return [idBytes(namespace), idBytes(file.split('.')[0] ?? '')];
  });
  const packs = await sql.findMany(read, 'pack', ['object_key'], ['namespace', 'pack'], ids);
  const dead = await sql.findMany(
    read,
    'dead_object',
    ['object_key'],
    ['object_key'],
    objectKeys.map((objectKey) => [objectKey]),
  );
  const named = new Set([...packs, ...dead].map((row) => row.object_key));
  return objectKeys.filter((objectKey) => !named.has(objectKey));
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
