import { randomBytes } from 'node:crypto';
import { buildPack, LIMITS, type CtHash, type NamespaceId, type PackId } from '@onefold/protocol';
import type { StoreContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { writeOrUndo } from '../metadata/write-or-undo.ts';
import { BLOCK_STORED, type PackTable } from '../metadata/tables.ts';
import { packIndexHash } from '../packs/arrived-pack.ts';
import { readSound } from '../packs/read-sound.ts';
import { isTooOldToRecord } from '../packs/sweeping-age.ts';
import { dropEmptyPacks } from './delete-blocks.ts';

/** A pack below this is small; so many small ones of a namespace are worth merging. */
const SMALL_BYTES = 256 * 1024;
const SMALL_PACKS = 16;
/** Blocks of a rewritten pack at most. */
const MAX_BLOCKS = 4_096;
const PACKS_PER_RUN = 256;
const NAMESPACES_PER_RUN = 100;
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

interface LiveBlock {
  readonly ctHash: CtHash;
  readonly sealed: Uint8Array;
  readonly pack: Uint8Array;
}

/** A pack by its key. */
export type PackPlace = Pick<PackTable, 'namespace' | 'pack'>;

/**
 * Rewrites those of `thinned` (packs that lost blocks; undefined = look at every one, which reads all block rows) more than half of which is dead, and
 * merges small packs. Answers how many packs it replaced.
 */
export async function repack(context: StoreContext, thinned: readonly PackPlace[] | undefined): Promise<number> {
  const candidates = [...(await smallPacks(context)), ...(await halfDead(context, thinned))];
  const byNamespace = new Map<string, Map<string, PackTable>>();
  for (const row of candidates) {
    const key = idOf(row.namespace);
    const packs = byNamespace.get(key) ?? new Map<string, PackTable>();
    byNamespace.set(key, packs.set(idOf(row.pack), row));
  }
  let replaced = 0;
  for (const packs of byNamespace.values())
    for (const group of groupsOf([...packs.values()])) replaced += await rewrite(context, group);
  context.metrics.collected('rewritten', replaced);
  return replaced;
}

/** Small packs of namespaces that have many. */
async function smallPacks({ metadata }: StoreContext): Promise<PackTable[]> {
  const crowded = await metadata.read
    .selectFrom('pack')
    .select('namespace')
    .where('size_bytes', '<', SMALL_BYTES)
    .groupBy('namespace')
    .having((eb) => eb.fn.countAll(), '>=', SMALL_PACKS)
    .limit(NAMESPACES_PER_RUN)
    .execute();
  const rows: PackTable[] = [];
  for (const { namespace } of crowded)
    rows.push(
      ...(await metadata.read
        .selectFrom('pack')
        .selectAll()
        .where('namespace', '=', namespace)
        .where('size_bytes', '<', SMALL_BYTES)
        .orderBy('stored_at_ms')
        .limit(PACKS_PER_RUN)
        .execute()),
    );
  return rows;
}

async function halfDead(
  { metadata }: Pick<StoreContext, 'metadata'>,
  thinned: readonly PackPlace[] | undefined,
): Promise<PackTable[]> {
  const { read, sql } = metadata;
  if (thinned === undefined) {
    const packs = await read.selectFrom('pack').select(['namespace', 'pack']).execute();
    return halfDead({ metadata }, packs);
  }
  const found: PackTable[] = [];
  const keys = thinned.map(({ namespace, pack }) => [namespace, pack]);
  for (const row of await sql.findMany(read, 'pack', PACK_COLUMNS, ['namespace', 'pack'], keys)) {
    const { live } = await read
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
function* groupsOf(rows: readonly PackTable[]): Generator<PackTable[]> {
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

/**
 * Writes what lives of the group into a new pack and lets the block rows point there: those that still point into the group when the namespace is held. A
 * group with a block that cannot be read is left for scrubbing to judge.
 */
async function rewrite(context: StoreContext, group: readonly PackTable[]): Promise<number> {
  const { metadata, packs } = context;
  const [first] = group;
  if (first === undefined) return 0;
  const { namespace } = first;
  const live = await readLive(context, namespace, group);
  if (live === undefined || live.length === 0) return 0;
  // Alone and mostly alive: nothing would be won.
  const liveBytes = live.reduce((sum, { sealed }) => sum + sealed.length, 0);
  if (group.length === 1 && liveBytes * 2 >= first.size_bytes) return 0;
  const bytes = buildPack(live);
  const packId = idOf<PackId>(randomBytes(16));
  const keptAtMs = context.nowMs();
  const { objectKey } = await packs.put({ namespace: idOf<NamespaceId>(namespace), packId, bytes });
  const dropped = await writeOrUndo(
    metadata,
    async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      const nowMs = context.nowMs();
      if (isTooOldToRecord(keptAtMs, nowMs, context.config.collection.graceMs)) return undefined;
      let moved = 0;
      let offset = 0;
      for (const { ctHash, sealed, pack } of live) {
        const { numUpdatedRows } = await writer
          .updateTable('block')
          .set({ pack: idBytes(packId), offset_bytes: offset })
          .where('namespace', '=', namespace)
          .where('ct_hash', '=', idBytes(ctHash))
          .where('pack', '=', pack)
          .where('state', '=', BLOCK_STORED)
          .executeTakeFirstOrThrow();
        moved += Number(numUpdatedRows);
        offset += sealed.length;
      }
      const index = live.map(({ ctHash, sealed }) => ({ ctHash, length: sealed.length }));
      await metadata.sql.insertMany(writer, 'pack', [
        {
          namespace,
          pack: idBytes(packId),
          object_key: objectKey,
          size_bytes: bytes.length,
          block_count: live.length,
          index_hash: idBytes(packIndexHash(index)),
          device: first.device,
          stored_at_ms: nowMs,
        },
      ]);
      await writer
        .updateTable('namespace')
        .set((eb) => ({ stored_bytes: eb('stored_bytes', '+', bytes.length) }))
        .where('namespace', '=', namespace)
        .execute();
      const old = group.map(({ pack }) => pack);
      const candidates = moved === 0 ? [...old, idBytes(packId)] : old;
      return dropEmptyPacks(writer, metadata.sql, namespace, candidates, nowMs);
    },
    () => packs.remove(objectKey),
  );
  if (dropped === undefined) await packs.remove(objectKey);
  return dropped ?? 0;
}

async function readLive(
  { metadata, packs }: StoreContext,
  namespace: Uint8Array,
  group: readonly PackTable[],
): Promise<LiveBlock[] | undefined> {
  const live: LiveBlock[] = [];
  for (const row of group) {
    const blocks = await metadata.read
      .selectFrom('block')
      .select(['ct_hash', 'offset_bytes', 'length_bytes'])
      .where('namespace', '=', namespace)
      .where('pack', '=', row.pack)
      .where('state', '=', BLOCK_STORED)
      .orderBy('offset_bytes')
      .execute();
    const { sound, lost } = await readSound(packs, row.object_key, blocks);
    if (lost.length > 0) return undefined;
    for (const { ctHash, sealed } of sound) live.push({ ctHash, sealed, pack: row.pack });
  }
  return live;
}
