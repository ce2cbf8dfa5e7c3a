import { LIMITS } from '@onefold/protocol';
import type { StoreContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect } from '../metadata/database.ts';
import { BLOCK_STORED, type PackTable } from '../metadata/tables.ts';
import { parts } from './condemn.ts';
import { dropEmptyPacks } from './delete-blocks.ts';

/** A pack below this is small; so many small ones of a namespace are worth merging. */
const SMALL_BYTES = 256 * 1024;
const SMALL_PACKS = 16;
/** Blocks of a rewritten pack at most. */
const MAX_BLOCKS = 4_096;
const NAMESPACES_PER_RUN = 100;
const THINNED_PER_RUN = 5_000;
const PACKS_PER_DROP = 500;
const PACK_COLUMNS = [
  'namespace',
  'pack',
  'object_key',
  'size_bytes',
  'block_count',
  'index_hash',
  'device',
  'stored_at_ms',
] as const satisfies readonly (keyof PackTable)[];

/** A pack by its key. */
type PackPlace = Pick<PackTable, 'namespace' | 'pack'>;

/** Small packs of namespaces that have many, the oldest first. Those of which nothing is stored are for nobody to read, and take nobody's place. */
export async function smallPacks({ metadata }: StoreContext, most: number): Promise<PackTable[]> {
  const small = metadata.read
    .selectFrom('pack')
    .where('size_bytes', '<', SMALL_BYTES)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('block')
          .select('block.ct_hash')
          .whereRef('block.namespace', '=', 'pack.namespace')
          .whereRef('block.pack', '=', 'pack.pack')
          .where('block.state', '=', BLOCK_STORED),
      ),
    );
  const crowded = await small
    .select('namespace')
    .groupBy('namespace')
    .having((eb) => eb.fn.countAll(), '>=', SMALL_PACKS)
    .limit(NAMESPACES_PER_RUN)
    .execute();
  const rows: PackTable[] = [];
  for (const { namespace } of crowded)
    rows.push(
      ...(await small.selectAll().where('namespace', '=', namespace).orderBy('stored_at_ms').limit(most).execute()),
    );
  return rows;
}

/** Of all packs those more than half of which is dead; those that hold nothing go. */
export async function allHalfDead(context: StoreContext): Promise<PackTable[]> {
  const { read, sql } = context.metadata;
  const packs = await read.selectFrom('pack').select(['namespace', 'pack']).execute();
  for (const [namespace, own] of Map.groupBy(packs, (row) => idOf(row.namespace)))
    for (let at = 0; at < own.length; at += PACKS_PER_DROP)
      await dropEmpty(context, namespace, own.slice(at, at + PACKS_PER_DROP));
  return halfDead(read, sql, packs);
}

/** Packs whose blocks have all come anew elsewhere. */
function dropEmpty({ metadata, nowMs }: StoreContext, namespace: string, packs: readonly PackPlace[]): Promise<number> {
  return metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, idBytes(namespace));
    const ids = packs.map(({ pack }) => pack);
    return dropEmptyPacks(writer, metadata.sql, idBytes(namespace), ids, nowMs());
  });
}

/**
 * Those of the packs that lost blocks more than half of which is dead. The others are looked at no more, until they lose blocks again, and those that hold nothing go.
 */
export async function thinnedPacks({ metadata, nowMs }: StoreContext): Promise<PackTable[]> {
  const thinned = await metadata.read.selectFrom('thinned_pack').selectAll().limit(THINNED_PER_RUN).execute();
  const found: PackTable[] = [];
  for (const [namespace, packs] of Map.groupBy(thinned, (row) => idOf(row.namespace)))
    found.push(
      ...(await metadata.write(async (writer) => {
        // Nobody deletes blocks between the look and the end of it.
        await metadata.sql.lockNamespace(writer, idBytes(namespace));
        const ids = packs.map(({ pack }) => pack);
        await dropEmptyPacks(writer, metadata.sql, idBytes(namespace), ids, nowMs());
        const dead = await halfDead(writer, metadata.sql, packs);
        const stays = new Set(dead.map(({ pack }) => idOf(pack)));
        for (const part of parts(ids.filter((pack) => !stays.has(idOf(pack)))))
          await writer
            .deleteFrom('thinned_pack')
            .where('namespace', '=', idBytes(namespace))
            .where('pack', 'in', part)
            .execute();
        return dead;
      })),
    );
  return found;
}

async function halfDead(reader: Reader, sql: SqlDialect, packs: readonly PackPlace[]): Promise<PackTable[]> {
  const found: PackTable[] = [];
  const keys = packs.map(({ namespace, pack }) => [namespace, pack]);
  for (const row of await sql.findMany(reader, 'pack', PACK_COLUMNS, ['namespace', 'pack'], keys)) {
    const { live } = await reader
      .selectFrom('block')
      .select((eb) => eb.fn.coalesce(eb.fn.sum<number | string>('length_bytes'), eb.lit(0)).as('live'))
      .where('namespace', '=', row.namespace)
      .where('pack', '=', row.pack)
      .where('state', '=', BLOCK_STORED)
      .executeTakeFirstOrThrow();
    // Some databases tell a sum as text.
    const liveBytes = Number(live);
    if (liveBytes > 0 && liveBytes * 2 < row.size_bytes) found.push(row);
  }
  return found;
}

/** Packs whose sizes together fit into one. */
export function* groupsOf(rows: readonly PackTable[]): Generator<PackTable[]> {
  let group: PackTable[] = [];
  let sizeBytes = 0;
  let blocks = 0;
  for (const row of rows) {
    if (group.length > 0 && (sizeBytes + row.size_bytes > LIMITS.packBytes || blocks + row.block_count > MAX_BLOCKS)) {
      yield group;
      [group, sizeBytes, blocks] = [[], 0, 0];
    }
    group.push(row);
    sizeBytes += row.size_bytes;
    blocks += row.block_count;
  }
  if (group.length > 0) yield group;
}
