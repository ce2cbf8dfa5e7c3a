import type { ExpressionBuilder } from 'kysely';
import {
  announceUploadRequest,
  decodeWire,
  type DeviceId,
  type Hash,
  type NamespaceId,
  type ServerEvent,
  type UploadId,
} from '@onefold/protocol';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect, Writer } from '../metadata/database.ts';
import { BLOCK_STORED, type Tables, type UploadTable } from '../metadata/tables.ts';

/*
 * An upload:
 *
 *   pending    announced; its blocks arrive and are pinned
 *   uploaded   its device has named all blocks (complete), and all are stored
 *   committed  an entry took it; the pins are gone, versions hold the blocks now
 *   expired    nothing came for long enough; the pins are gone
 *
 *   pending -> uploaded -> committed,   pending -> committed (a commit needs no `complete`),   pending | uploaded -> expired
 *
 * The state informs people and frees pins. Whether an entry may stand is decided by its blocks alone.
 */

export type UploadNotice = Extract<ServerEvent, { event: 'uploading' }>;
type State = UploadNotice['state'];

/** The announced nodes, as they are kept in an upload's row. */
export const uploadNodesSchema = announceUploadRequest.shape.nodes;

type NoticeRow = Pick<UploadTable, 'namespace' | 'upload' | 'device' | 'nodes'>;

/** Announced nodes that an event names, by size: a hint for people must not cost listeners their sockets. */
const NOTICE_BYTES = 16 * 1024;

export function noticeOf(row: NoticeRow, state: State): UploadNotice {
  return {
    event: 'uploading',
    namespaceId: idOf<NamespaceId>(row.namespace),
    device: idOf<DeviceId>(row.device),
    uploadId: idOf<UploadId>(row.upload),
    nodes: firstOf(decodeWire(uploadNodesSchema, row.nodes, 'internal')),
    state,
  };
}

function firstOf(nodes: UploadNotice['nodes']): UploadNotice['nodes'] {
  let sizeBytes = 0;
  const end = nodes.findIndex(({ label }) => (sizeBytes += label.length + 32) > NOTICE_BYTES);
  return end === -1 ? nodes : nodes.slice(0, end);
}

/** Ends an upload with its entry. Undefined when the device has no such upload: the entry stands all the same. */
export async function markCommitted(
  writer: Writer,
  namespace: NamespaceId,
  uploadId: UploadId,
  device: DeviceId,
  committed: { readonly seq: number; readonly hash: Hash },
): Promise<UploadNotice | undefined> {
  const row = await writer
    .selectFrom('upload')
    .select(['namespace', 'upload', 'device', 'nodes', 'state'])
    .where('namespace', '=', idBytes(namespace))
    .where('upload', '=', idBytes(uploadId))
    .executeTakeFirst();
  if (row === undefined || row.state === 'committed' || idOf<DeviceId>(row.device) !== device) return undefined;
  await writer
    .updateTable('upload')
    .set({ state: 'committed', committed_seq: committed.seq, committed_hash: idBytes(committed.hash) })
    .where('namespace', '=', row.namespace)
    .where('upload', '=', row.upload)
    .execute();
  await unpin(writer, row.namespace, row.upload);
  return noticeOf(row, 'committed');
}

export async function unpin(writer: Writer, namespace: Uint8Array, upload: Uint8Array): Promise<void> {
  await writer.deleteFrom('upload_block').where('namespace', '=', namespace).where('upload', '=', upload).execute();
}

/**
 * Looks, under the locks of namespace and upload, whether every named block is stored, and if so makes the upload `uploaded`. Runs after the transaction
 * that stored blocks or named them has committed: whichever commits last sees the other's.
 */
export async function reevaluate(
  context: Pick<ServerContext, 'metadata' | 'bus'>,
  namespace: NamespaceId,
  uploadId: UploadId,
): Promise<void> {
  const { metadata } = context;
  const notice = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, idBytes(namespace));
    const row = await writer
      .selectFrom('upload')
      .select(['namespace', 'upload', 'device', 'nodes', 'state', 'is_complete_list'])
      .where('namespace', '=', idBytes(namespace))
      .where('upload', '=', idBytes(uploadId))
      .executeTakeFirst();
    if (row?.state !== 'pending' || row.is_complete_list !== 1) return undefined;
    if ((await countUnstored(writer, row.namespace, row.upload)) > 0) return undefined;
    await writer
      .updateTable('upload')
      .set({ state: 'uploaded' })
      .where('namespace', '=', row.namespace)
      .where('upload', '=', row.upload)
      .execute();
    return noticeOf(row, 'uploaded');
  });
  if (notice !== undefined) context.bus.publish({ kind: 'uploading', event: notice });
}

/**
 * The state of a pinned block, looked up by its key for each: a join is planned by what the database last knew of two tables of which one has just grown by
 * thousands of rows, and PostgreSQL then goes through all of one for each row of the other. Null where there is no such block.
 */
function stateOfPinned(eb: ExpressionBuilder<Tables & { u: Tables['upload_block'] }, 'u'>) {
  return eb
    .selectFrom('block as b')
    .select('b.state')
    .whereRef('b.namespace', '=', 'u.namespace')
    .whereRef('b.ct_hash', '=', 'u.ct_hash');
}

/** Blocks of an upload that are not stored. */
export async function countUnstored(reader: Reader, namespace: Uint8Array, upload: Uint8Array): Promise<number> {
  const row = await reader
    .selectFrom('upload_block as u')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('u.namespace', '=', namespace)
    .where('u.upload', '=', upload)
    .where((eb) => eb(eb.fn.coalesce(stateOfPinned(eb), eb.lit(0)), '!=', BLOCK_STORED))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Blocks of an upload that are stored. */
export async function storedOf(reader: Reader, namespace: Uint8Array, upload: Uint8Array): Promise<Uint8Array[]> {
  const rows = await reader
    .selectFrom('upload_block as u')
    .select('u.ct_hash')
    .where('u.namespace', '=', namespace)
    .where('u.upload', '=', upload)
    .where((eb) => eb(eb.fn.coalesce(stateOfPinned(eb), eb.lit(0)), '=', BLOCK_STORED))
    .execute();
  return rows.map((row) => row.ct_hash);
}

/** Pins blocks to an upload, stored or not. */
export async function pin(
  writer: Writer,
  sql: SqlDialect,
  namespace: Uint8Array,
  upload: Uint8Array,
  blocks: readonly string[],
): Promise<void> {
  const rows = blocks.map((ctHash) => ({ namespace, upload, ct_hash: idBytes(ctHash) }));
  await sql.insertMany(writer, 'upload_block', rows, 'keep');
}

/** For packs that were just recorded: looks at those of their uploads whose blocks have all been named. */
export async function reevaluatePacked(
  context: ServerContext,
  packs: readonly { readonly namespace: NamespaceId; readonly uploadId: UploadId | undefined }[],
): Promise<void> {
  const uploads = new Map(
    packs.flatMap((pack) => (pack.uploadId === undefined ? [] : [[pack.uploadId, pack.namespace] as const])),
  );
  const { metadata } = context;
  const rows = await metadata.sql.findMany(
    metadata.read,
    'upload',
    ['namespace', 'upload', 'state', 'is_complete_list'],
    ['namespace', 'upload'],
    [...uploads].map(([upload, namespace]) => [idBytes(namespace), idBytes(upload)]),
  );
  for (const row of rows)
    if (row.state === 'pending' && row.is_complete_list === 1)
      await reevaluate(context, idOf<NamespaceId>(row.namespace), idOf<UploadId>(row.upload));
}
