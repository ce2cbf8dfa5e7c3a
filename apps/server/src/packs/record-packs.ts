import { doesFit, lockLimitedOwners } from '../accounts/quota.ts';
import type { NamespaceId, PackIndexEntry, UploadId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED, isOpenUpload, type BlockTable } from '../metadata/tables.ts';
import type { ArrivedPack } from './arrived-pack.ts';
import { endClaim } from './direct-grants.ts';
import { isTooOldToRecord } from './sweeping-age.ts';

/**
 * `redundant`: every block of it was stored already, the new object is not needed. `clash`: another pack bears this id; nothing was recorded. `stale`: it came
 * without an object because its blocks were stored when it was looked up, some were collected since, its object is so old that it may have been swept, or its grant ran out;
 * nothing was recorded. `no-room`: what was recorded meanwhile has used up the owner's quota; nothing was recorded.
 */
export type PackRecord = 'recorded' | 'redundant' | 'clash' | 'stale' | 'no-room';

export interface RecordOptions {
  /** Asked once the namespaces are held. */
  readonly nowMs: () => number;
  /** As in the configuration of collection. */
  readonly graceMs: number;
  /** Of users for whom nothing else is set; null = no limit. */
  readonly quotaBytesPerUser: number | null;
  /** How long the uploads that the packs came by live on from now. */
  readonly uploadExpiryMs?: number;
}

/**
 * Marks the blocks of arrived packs as stored, and pins them to their uploads, which thereby live on. One answer per pack, in order. The objects must be
 * durable already.
 */
export async function recordPacks(
  writer: Writer,
  sql: SqlDialect,
  packs: readonly ArrivedPack[],
  options: RecordOptions,
): Promise<PackRecord[]> {
  // One transaction may record packs of several namespaces: every one of them locks in the order of the ids.
  const namespaces = [...new Set(packs.map((pack) => pack.namespace))].sort();
  await lockLimitedOwners(writer, sql, namespaces, options.quotaBytesPerUser);
  for (const namespace of namespaces) await sql.lockNamespace(writer, idBytes(namespace));
  const nowMs = options.nowMs();
  const records: PackRecord[] = [];
  for (const pack of packs) records.push(await recordPack(writer, sql, pack, nowMs, options));
  await pinToUploads(
    writer,
    sql,
    packs.filter((_, i) => records[i] === 'recorded' || records[i] === 'redundant'),
    options.uploadExpiryMs === undefined ? 0 : nowMs + options.uploadExpiryMs,
  );
  return records;
}

async function recordPack(
  writer: Writer,
  sql: SqlDialect,
  pack: ArrivedPack,
  nowMs: number,
  { graceMs, quotaBytesPerUser }: RecordOptions,
): Promise<PackRecord> {
  const namespace = idBytes(pack.namespace);
  const known = await writer
    .selectFrom('pack')
    .select(['object_key', 'index_hash', 'size_bytes'])
    .where('namespace', '=', namespace)
    .where('pack', '=', idBytes(pack.packId))
    .executeTakeFirst();
  if (known !== undefined && idOf(known.index_hash) !== pack.indexHash) return 'clash';
  const isWhole = await areStored(writer, sql, pack.namespace, pack.index);
  if (!isWhole && (!pack.isNewObject || isTooOldToRecord(pack.keptAtMs, nowMs, graceMs))) return 'stale';
  const addsBytes = isWhole || known !== undefined ? 0 : pack.sizeBytes;
  if (addsBytes > 0 && !(await doesFit(writer, pack.namespace, addsBytes, quotaBytesPerUser))) return 'no-room';
  if (!isWhole && pack.claim !== undefined && !(await endClaim(writer, namespace, pack.claim))) return 'stale';
  await storeBlocks(writer, sql, pack, isWhole, nowMs);
  if (isWhole) return 'redundant';
  if (known !== undefined) {
    // Part of it was collected or lost. The new object holds the same blocks at the same places.
    await writer
      .updateTable('pack')
      .set({ object_key: pack.objectKey })
      .where('namespace', '=', namespace)
      .where('pack', '=', idBytes(pack.packId))
      .execute();
    await sql.insertMany(writer, 'dead_object', [{ object_key: known.object_key, dead_at_ms: nowMs }], 'keep');
    return 'recorded';
  }
  await sql.insertMany(writer, 'pack', [
    {
      namespace,
      pack: idBytes(pack.packId),
      object_key: pack.objectKey,
      size_bytes: pack.sizeBytes,
      block_count: pack.index.length,
      index_hash: idBytes(pack.indexHash),
      device: idBytes(pack.device),
      stored_at_ms: nowMs,
    },
  ]);
  await writer
    .updateTable('namespace')
    .set((row) => ({ stored_bytes: row('stored_bytes', '+', pack.sizeBytes) }))
    .where('namespace', '=', namespace)
    .execute();
  return 'recorded';
}

/** Whether every one of these blocks is stored, wherever it lies. */
export async function areStored(
  reader: Reader,
  sql: SqlDialect,
  namespace: NamespaceId,
  index: readonly PackIndexEntry[],
): Promise<boolean> {
  const rows = await sql.findMany(
    reader,
    'block',
    ['state'],
    ['namespace', 'ct_hash'],
    index.map(({ ctHash }) => [idBytes(namespace), idBytes(ctHash)]),
  );
  return rows.length === index.length && rows.every(({ state }) => state === BLOCK_STORED);
}

const HASHES_PER_STATEMENT = 2_000;

/**
 * Rows for a new pack's blocks. One that is stored already stays where it is, and its grace begins anew; one that is condemned or was lost lies here from
 * now on: the new copy is the sound one.
 */
async function storeBlocks(
  writer: Writer,
  sql: SqlDialect,
  pack: ArrivedPack,
  areAllStored: boolean,
  nowMs: number,
): Promise<void> {
  const rows = blockRows(pack, nowMs);
  if (!areAllStored) await sql.insertMany(writer, 'block', rows, 'keep');
  const namespace = idBytes(pack.namespace);
  const unsound: Uint8Array[] = [];
  for (let at = 0; at < rows.length; at += HASHES_PER_STATEMENT) {
    const hashes = rows.slice(at, at + HASHES_PER_STATEMENT).map((row) => row.ct_hash);
    const found = await writer
      .selectFrom('block')
      .select(['ct_hash', 'pack'])
      .where('namespace', '=', namespace)
      .where('ct_hash', 'in', hashes)
      .where('state', '!=', BLOCK_STORED)
      .execute();
    unsound.push(...found.map((row) => row.ct_hash));
    // Where they lay there is dead space from now on, or nothing at all.
    const left = new Map(found.map((row) => [idOf(row.pack), row.pack]));
    left.delete(pack.packId);
    const thinned = [...left.values()].map((its) => ({ namespace, pack: its }));
    await sql.insertMany(writer, 'thinned_pack', thinned, 'keep');
    await writer
      .updateTable('block')
      .set({ unreferenced_at_ms: nowMs })
      .where('namespace', '=', namespace)
      .where('ct_hash', 'in', hashes)
      .where('unreferenced_at_ms', 'is not', null)
      .execute();
  }
  const places = new Map(rows.map((row) => [idOf(row.ct_hash), row]));
  for (const ctHash of unsound) {
    const place = places.get(idOf(ctHash));
    if (place === undefined) continue;
    const { state, pack: packId, offset_bytes, length_bytes } = place;
    await writer
      .updateTable('block')
      .set({ state, pack: packId, offset_bytes, length_bytes })
      .where('namespace', '=', namespace)
      .where('ct_hash', '=', ctHash)
      .execute();
  }
}

function blockRows(pack: ArrivedPack, nowMs: number): BlockTable[] {
  const namespace = idBytes(pack.namespace);
  const packId = idBytes(pack.packId);
  return pack.index.map(({ ctHash, offset, length }) => ({
    namespace,
    ct_hash: idBytes(ctHash),
    state: BLOCK_STORED,
    pack: packId,
    offset_bytes: offset,
    length_bytes: length,
    unreferenced_at_ms: nowMs,
  }));
}

/** Uploads that are still open hold the blocks of their packs, and live on. A finished one holds nothing any more. */
async function pinToUploads(
  writer: Writer,
  sql: SqlDialect,
  packs: readonly ArrivedPack[],
  liveUntilMs: number,
): Promise<void> {
  const wanted = new Map(
    packs.flatMap(({ uploadId, namespace }) => (uploadId === undefined ? [] : [[uploadId, namespace] as const])),
  );
  const rows = await sql.findMany(
    writer,
    'upload',
    ['namespace', 'upload', 'state', 'expires_at_ms'],
    ['namespace', 'upload'],
    [...wanted].map(([upload, namespace]) => [idBytes(namespace), idBytes(upload)]),
  );
  const open = new Map(
    rows.filter(({ state }) => isOpenUpload(state)).map((row) => [idOf<UploadId>(row.upload), row] as const),
  );
  const pins = packs.flatMap((pack) => {
    const upload = pack.uploadId === undefined ? undefined : open.get(pack.uploadId);
    if (upload === undefined || idOf(upload.namespace) !== pack.namespace) return [];
    return pack.index.map(({ ctHash }) => ({
      namespace: upload.namespace,
      upload: upload.upload,
      ct_hash: idBytes(ctHash),
    }));
  });
  await sql.insertMany(writer, 'upload_block', pins, 'keep');
  for (const row of open.values())
    if (row.expires_at_ms < liveUntilMs)
      await writer
        .updateTable('upload')
        .set({ expires_at_ms: liveUntilMs })
        .where('namespace', '=', row.namespace)
        .where('upload', '=', row.upload)
        .execute();
}
