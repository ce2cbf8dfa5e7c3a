import type { UploadId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED, type BlockTable, type UploadBlockTable } from '../metadata/tables.ts';
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
  await sql.insertMany(
    writer,
    'upload_block',
    packs.flatMap((pack, i) =>
      records[i] === 'clash' || pack.uploadId === undefined ? [] : pinRows(pack, pack.uploadId),
    ),
    'keep',
  );
  const uploads = new Map(
    packs.flatMap((pack) => (pack.uploadId === undefined ? [] : [[pack.uploadId, pack.namespace] as const])),
  );
  for (const [upload, namespace] of uploads)
    await writer
      .updateTable('upload')
      .set({ expires_at_ms: uploadsLiveUntilMs })
      .where('namespace', '=', idBytes(namespace))
      .where('upload', '=', idBytes(upload))
      .where('expires_at_ms', '<', uploadsLiveUntilMs)
      .execute();
  await sql.insertMany(
    writer,
    'block',
    fresh.flatMap((pack) => blockRows(pack, nowMs)),
    'keep',
  );
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

function pinRows(pack: ArrivedPack, uploadId: UploadId): UploadBlockTable[] {
  const namespace = idBytes(pack.namespace);
  const upload = idBytes(uploadId);
  return pack.index.map(({ ctHash }) => ({ namespace, upload, ct_hash: idBytes(ctHash) }));
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
