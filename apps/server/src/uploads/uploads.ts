import { randomBytes } from 'node:crypto';
import {
  encodeWire,
  OnefoldError,
  type AnnounceUploadRequest,
  type AnnounceUploadResponse,
  type CtHash,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type UploadId,
  type UploadResponse,
} from '@onefold/protocol';
import type { NamespaceAccess } from '../accounts/access.ts';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED, isOpenUpload, type UploadTable } from '../metadata/tables.ts';
import { countUnstored, noticeOf, pin, reevaluate, storedOf, uploadNodesSchema } from './upload-state.ts';

/** Opens an upload, or finds the one this device opened under the same opId; pins what is stored of `reused` and names the rest. */
export async function announceUpload(
  context: ServerContext,
  caller: NamespaceAccess,
  request: AnnounceUploadRequest,
): Promise<AnnounceUploadResponse> {
  mustWrite(caller);
  const { metadata } = context;
  const namespace = idBytes(caller.head.namespaceId);
  const nowMs = context.nowMs();
  const [first = [], ...rest] = partsOf([...new Set(request.reused)]);
  const { upload, notice, missing } = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const known = await writer
      .selectFrom('upload')
      .select(['upload', 'state'])
      .where('namespace', '=', namespace)
      .where('device', '=', idBytes(caller.device))
      .where('op_id', '=', idBytes(request.opId))
      .executeTakeFirst();
    if (known?.state === 'expired')
      throw new OnefoldError('upload-expired', 'this upload has expired; announce it anew');
    const row: UploadTable = {
      namespace,
      upload: known?.upload ?? new Uint8Array(randomBytes(16)),
      op_id: idBytes(request.opId),
      user: idBytes(caller.user),
      device: idBytes(caller.device),
      state: 'pending',
      padded_bytes: request.paddedBytes,
      nodes: encodeWire(uploadNodesSchema, request.nodes),
      is_complete_list: 0,
      created_at_ms: nowMs,
      expires_at_ms: nowMs + context.config.uploadExpiryMs,
      committed_seq: null,
      committed_hash: null,
    };
    if (known === undefined) {
      await mustHaveRoom(context, writer, caller);
      await metadata.sql.insertMany(writer, 'upload', [row]);
    }
    const state = known?.state ?? row.state;
    return {
      upload: row.upload,
      notice: known === undefined ? noticeOf(row, 'pending') : undefined,
      missing: await pinStored(metadata.sql, writer, { ...row, state }, first),
    };
  });
  if (notice !== undefined) context.bus.publish({ kind: 'uploading', event: notice });
  const uploadId = idOf<UploadId>(upload);
  for (const part of rest)
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      const row = await findUpload(writer, caller.head.namespaceId, uploadId, caller.device);
      missing.push(...(await pinStored(metadata.sql, writer, row, part)));
    });
  return { uploadId, missing };
}

/** Blocks of one transaction: others who change the namespace get their turn behind each. */
const BLOCKS_PER_TRANSACTION = 2_000;

function partsOf(blocks: readonly CtHash[]): CtHash[][] {
  const count = Math.ceil(blocks.length / BLOCKS_PER_TRANSACTION);
  return Array.from({ length: count }, (_, i) =>
    blocks.slice(i * BLOCKS_PER_TRANSACTION, (i + 1) * BLOCKS_PER_TRANSACTION),
  );
}

/** Pins those of the blocks that are stored, if the upload is still open, and answers with the others. */
async function pinStored(
  sql: SqlDialect,
  writer: Writer,
  { namespace, upload, state }: UploadTable,
  blocks: readonly CtHash[],
): Promise<CtHash[]> {
  const rows = await sql.findMany(
    writer,
    'block',
    ['ct_hash', 'state'],
    ['namespace', 'ct_hash'],
    blocks.map((ctHash) => [namespace, idBytes(ctHash)]),
  );
  const stored = new Set(rows.filter((row) => row.state === BLOCK_STORED).map((row) => idOf<CtHash>(row.ct_hash)));
  if (isOpenUpload(state)) await pin(writer, sql, namespace, upload, [...stored]);
  return blocks.filter((ctHash) => !stored.has(ctHash));
}

/** Throws `too-many-requests` when the device has as many open uploads as it may. */
async function mustHaveRoom(context: ServerContext, writer: Writer, caller: NamespaceAccess): Promise<void> {
  const { count } = await writer
    .selectFrom('upload')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('namespace', '=', idBytes(caller.head.namespaceId))
    .where('device', '=', idBytes(caller.device))
    .where('state', 'in', ['pending', 'uploaded'])
    .executeTakeFirstOrThrow();
  if (count >= context.config.limits.pendingUploadsPerDevice)
    throw new OnefoldError('too-many-requests', 'this device has too many uploads open');
}

/** Names every block of an upload: once all are stored it is `uploaded`. Naming them twice, or more of them, is fine. */
export async function completeUpload(
  context: ServerContext,
  caller: NamespaceAccess,
  uploadId: UploadId,
  blocks: readonly CtHash[],
): Promise<UploadResponse> {
  mustWrite(caller);
  const { metadata } = context;
  const namespace = idBytes(caller.head.namespaceId);
  const parts = partsOf(blocks);
  const last = parts.pop() ?? [];
  for (const part of parts)
    await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      const { state } = await findUpload(writer, caller.head.namespaceId, uploadId, caller.device);
      if (isOpenUpload(state)) await pin(writer, metadata.sql, namespace, idBytes(uploadId), part);
    });
  await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const { state } = await findUpload(writer, caller.head.namespaceId, uploadId, caller.device);
    if (!isOpenUpload(state)) return;
    await pin(writer, metadata.sql, namespace, idBytes(uploadId), last);
    // Not before all are named: until then it cannot be whole.
    const isWhole = state === 'uploaded' && (await countUnstored(writer, namespace, idBytes(uploadId))) === 0;
    await writer
      .updateTable('upload')
      .set({
        state: isWhole ? 'uploaded' : 'pending',
        is_complete_list: 1,
        expires_at_ms: context.nowMs() + context.config.uploadExpiryMs,
      })
      .where('namespace', '=', namespace)
      .where('upload', '=', idBytes(uploadId))
      .execute();
  });
  await reevaluate(context, caller.head.namespaceId, uploadId);
  return describeUpload(context, caller, uploadId);
}

/** Throws `not-found` unless the caller's device opened it. */
export async function describeUpload(
  context: ServerContext,
  caller: NamespaceAccess,
  uploadId: UploadId,
): Promise<UploadResponse> {
  const { read } = context.metadata;
  const row = await findUpload(read, caller.head.namespaceId, uploadId, caller.device, 'expired-too');
  const stored = await storedOf(read, row.namespace, row.upload);
  return {
    state: row.state as UploadResponse['state'],
    stored: stored.map((ctHash) => idOf<CtHash>(ctHash)),
    ...(row.committed_seq === null || row.committed_hash === null
      ? {}
      : { committed: { seq: row.committed_seq, hash: idOf<Hash>(row.committed_hash) } }),
  };
}

/** Throws `not-found` unless the caller's device opened it, and `upload-expired`. */
export async function findUpload(
  reader: Reader,
  namespace: NamespaceId,
  uploadId: UploadId,
  device: DeviceId,
  expired: 'expired-too' | 'live' = 'live',
): Promise<UploadTable> {
  const row = await reader
    .selectFrom('upload')
    .selectAll()
    .where('namespace', '=', idBytes(namespace))
    .where('upload', '=', idBytes(uploadId))
    .executeTakeFirst();
  if (row === undefined || idOf<DeviceId>(row.device) !== device)
    throw new OnefoldError('not-found', 'this device has no such upload');
  if (row.state === 'expired' && expired === 'live')
    throw new OnefoldError('upload-expired', 'this upload has expired; announce it anew');
  return row;
}

export function mustWrite(caller: NamespaceAccess): void {
  if (caller.role === 'reader') throw new OnefoldError('forbidden', 'a reader changes nothing');
}
