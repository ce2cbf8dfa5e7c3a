import type { UploadId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED, isOpenUpload, type BlockTable } from '../metadata/tables.ts';
import type { ArrivedPack } from './arrived-pack.ts';

/** `redundant`: the same pack was there already, the new object is not needed. `clash`: another pack bears this id; nothing was recorded. */
export type PackRecord = 'recorded' | 'redundant' | 'clash';

/**
 * Marks the blocks of arrived packs as stored, and pins them to their uploads, which thereby live on. One answer per pack, in order. The objects must be
 * durable already.
 */
export async function recordPacks(
  writer: Writer,
  sql: SqlDialect,
  packs: readonly ArrivedPack[],
  nowMs: number,
  uploadsLiveUntilMs = 0,
): Promise<PackRecord[]> {
  // One transaction may record packs of several namespaces: every one of them locks in the order of the ids.
  const namespaces = [...new Set(packs.map((pack) => pack.namespace))].sort();
  for (const namespace of namespaces) await sql.lockNamespace(writer, idBytes(namespace));
  const rows = await sql.findMany(
    writer,
    'pack',
    ['namespace', 'pack', 'index_hash'],
    ['namespace', 'pack'],
    packs.map((pack) => [idBytes(pack.namespace), idBytes(pack.packId)]),
  );
  const known = new Map(rows.map((row) => [`${idOf(row.namespace)}/${idOf(row.pack)}`, idOf(row.index_hash)]));
  const records = packs.map((pack): PackRecord => {
    const key = `${pack.namespace}/${pack.packId}`;
    const indexHash = known.get(key);
    if (indexHash === undefined) known.set(key, pack.indexHash);
    return indexHash === undefined ? 'recorded' : indexHash === pack.indexHash ? 'redundant' : 'clash';
  });
  const fresh = packs.filter((_, i) => records[i] === 'recorded');
  await pinToUploads(
    writer,
    sql,
    packs.filter((_, i) => records[i] !== 'clash'),
    uploadsLiveUntilMs,
  );
  for (const pack of fresh) await storeBlocks(writer, sql, pack, nowMs);
  await sql.insertMany(
    writer,
    'pack',
    fresh.map((pack) => ({
      namespace: idBytes(pack.namespace),
      pack: idBytes(pack.packId),
      object_key: pack.objectKey,
      size_bytes: pack.sizeBytes,
      block_count: pack.index.length,
      index_hash: idBytes(pack.indexHash),
      device: idBytes(pack.device),
      stored_at_ms: nowMs,
    })),
  );
  await countBytes(writer, fresh);
  return records;
}

const HASHES_PER_STATEMENT = 2_000;

/**
 * Rows for a new pack's blocks. One that is stored already stays where it is, and its grace begins anew; one that is condemned or was lost lies here from
 * now on: the new copy is the sound one.
 */
async function storeBlocks(writer: Writer, sql: SqlDialect, pack: ArrivedPack, nowMs: number): Promise<void> {
  const rows = blockRows(pack, nowMs);
  await sql.insertMany(writer, 'block', rows, 'keep');
  const namespace = idBytes(pack.namespace);
  const unsound: Uint8Array[] = [];
  for (let at = 0; at < rows.length; at += HASHES_PER_STATEMENT) {
    const hashes = rows.slice(at, at + HASHES_PER_STATEMENT).map((row) => row.ct_hash);
    const here = writer.selectFrom('block').where('namespace', '=', namespace).where('ct_hash', 'in', hashes);
    const found = await here.select('ct_hash').where('state', '!=', BLOCK_STORED).execute();
    unsound.push(...found.map((row) => row.ct_hash));
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

async function countBytes(writer: Writer, fresh: readonly ArrivedPack[]): Promise<void> {
  const totals = new Map<string, number>();
  for (const pack of fresh) totals.set(pack.namespace, (totals.get(pack.namespace) ?? 0) + pack.sizeBytes);
  for (const [namespace, sizeBytes] of totals)
    await writer
      .updateTable('namespace')
      .set((row) => ({ stored_bytes: row('stored_bytes', '+', sizeBytes) }))
      .where('namespace', '=', idBytes(namespace))
      .execute();
}
