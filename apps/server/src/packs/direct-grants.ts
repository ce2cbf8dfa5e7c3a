import { randomBytes } from 'node:crypto';
import type { ExpressionBuilder } from 'kysely';
import type { NamespaceId } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { MetadataDatabase, Reader, Writer } from '../metadata/database.ts';
import type { DirectPackTable, Tables } from '../metadata/tables.ts';
import { PRESIGNED_MS } from './presign.ts';

/*
 * Rows of direct_pack: every address that may still serve, and what was sent by it.
 *
 *   granted  -> under its pack's id: its device may tell of it, once
 *   spent    -> under an id that nobody knows: its pack was told of, or the device asked for an address for other bytes. Whatever became of that, the address
 *               serves until its time is up, so the row counts for the quota until then
 *   recorded -> the row goes in the transaction that makes the pack
 *   lapsed   -> its time is up: the row goes, and in the same transaction its object is dead
 *
 * A row goes in one of the two ways and never in both: no object that a pack names is ever buried.
 */

/** How long a device may take from the grant to telling. */
export const GRANT_MS = 2 * PRESIGNED_MS;

/** No grant lasts so long, whichever node gave it. */
const IMPLAUSIBLE_MS = 6 * GRANT_MS;

export type Grant = Pick<DirectPackTable, 'object_key' | 'size_bytes' | 'sha256' | 'expires_at_ms'>;

const unknownId = (): Uint8Array => new Uint8Array(randomBytes(16));

/** A grant of the same bytes to the same upload, whose time lasts as long as a new address would serve: that leads to the same object. */
export async function grantedBefore(
  writer: Writer,
  wanted: Pick<DirectPackTable, 'namespace' | 'pack' | 'upload' | 'device' | 'size_bytes' | 'sha256'>,
  nowMs: number,
): Promise<string | undefined> {
  const row = await writer
    .selectFrom('direct_pack')
    .select('object_key')
    .where('namespace', '=', wanted.namespace)
    .where('pack', '=', wanted.pack)
    .where('upload', '=', wanted.upload)
    .where('device', '=', wanted.device)
    .where('size_bytes', '=', wanted.size_bytes)
    .where('sha256', '=', wanted.sha256)
    .where('expires_at_ms', '>=', nowMs + PRESIGNED_MS)
    .executeTakeFirst();
  return row?.object_key;
}

/** Nobody tells of what was granted under this id any more. */
export async function spendGrant(writer: Writer, namespace: Uint8Array, pack: Uint8Array): Promise<void> {
  await writer
    .updateTable('direct_pack')
    .set({ pack: unknownId() })
    .where('namespace', '=', namespace)
    .where('pack', '=', pack)
    .execute();
}

/** The device tells of its pack: no object is ever taken in twice. `claim`: what ends the grant once the pack is recorded. */
export async function claimGrant(
  metadata: MetadataDatabase,
  told: Pick<DirectPackTable, 'namespace' | 'pack' | 'upload' | 'device'>,
  nowMs: number,
): Promise<(Grant & { readonly claim: Uint8Array }) | undefined> {
  const claim = unknownId();
  const grant = await metadata.write((writer) =>
    writer
      .updateTable('direct_pack')
      .set({ pack: claim })
      .where('namespace', '=', told.namespace)
      .where('pack', '=', told.pack)
      .where('upload', '=', told.upload)
      .where('device', '=', told.device)
      .where('expires_at_ms', '>', nowMs)
      .returning(['object_key', 'size_bytes', 'sha256', 'expires_at_ms'])
      .executeTakeFirst(),
  );
  return grant === undefined ? undefined : { ...grant, claim };
}

/** In the transaction that records the pack. False: its time was up, and its object is dead. */
export async function endClaim(writer: Writer, namespace: Uint8Array, claim: Uint8Array): Promise<boolean> {
  const { numDeletedRows } = await writer
    .deleteFrom('direct_pack')
    .where('namespace', '=', namespace)
    .where('pack', '=', claim)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** Bytes that may still be sent past the server into the folders of a namespace's owner. */
export async function grantedBytes(reader: Reader, namespace: NamespaceId, nowMs: number): Promise<number> {
  const { bytes } = await reader
    .selectFrom('direct_pack as d')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number | string>('d.size_bytes'), eb.lit(0)).as('bytes'))
    .where('d.expires_at_ms', '>', nowMs)
    .where((eb) =>
      eb.or([
        eb('d.namespace', '=', idBytes(namespace)),
        eb(
          'd.namespace',
          'in',
          eb
            .selectFrom('member as own')
            .innerJoin('member as of', (join) => join.onRef('of.user', '=', 'own.user').on('of.role', '=', 'owner'))
            .select('of.namespace')
            .where('own.namespace', '=', idBytes(namespace))
            .where('own.role', '=', 'owner'),
        ),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(bytes);
}

/** Ends grants whose time is up; what was sent under them goes. The address of the last one has long ceased to serve when its object does. */
export async function forgetGrants({
  metadata,
  nowMs,
}: {
  readonly metadata: MetadataDatabase;
  readonly nowMs: () => number;
}): Promise<void> {
  const now = nowMs();
  // One that was given while the clock stood far ahead would count for years.
  const isOver = (eb: ExpressionBuilder<Tables, 'direct_pack'>) =>
    eb.or([eb('expires_at_ms', '<=', now), eb('expires_at_ms', '>', now + IMPLAUSIBLE_MS)]);
  const old = await metadata.read.selectFrom('direct_pack').select('pack').where(isOver).limit(1).executeTakeFirst();
  if (old === undefined) return;
  await metadata.write(async (writer) => {
    const lapsed = await writer
      .deleteFrom('direct_pack')
      .where(isOver)
      .returning(['object_key', 'expires_at_ms'])
      .execute();
    const dead = lapsed.map(({ object_key, expires_at_ms }) => ({
      object_key,
      dead_at_ms: Math.min(expires_at_ms, now),
    }));
    await metadata.sql.insertMany(writer, 'dead_object', dead, 'keep');
  });
}
