import { hash as digestOf } from 'node:crypto';
import {
  LIMITS,
  OnefoldError,
  type DirectPackRequest,
  type DirectPackResponse,
  type LocateBlocksResponse,
  type CtHash,
  type PackId,
  type UploadId,
} from '@onefold/protocol';
import type { NamespaceAccess } from '../accounts/access.ts';
import { mustFit } from '../accounts/quota.ts';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import type { DirectPackTable } from '../metadata/tables.ts';
import type { DirectTransfers } from './pack-store.ts';
import { PRESIGNED_MS } from './presign.ts';
import { findBlocks } from './read-blocks.ts';

/*
 * A pack on its way past the server:
 *
 *   granted  -> the device has an address that takes these bytes and no others; a row remembers it
 *   sent     -> the store has checked hash and length; nobody believes it yet
 *   told     -> the row is taken away, so that no object is ever taken in twice; the server reads the object back and hashes every block
 *   recorded -> as any pack
 *   lapsed   -> nobody told in time, or the device asked for another address: what may have been sent is dead, and its object goes
 *
 * What fails otherwise leaves an object that no row names, for collection to sweep, and a device that sends the pack through the server.
 */

/** How long a device may take from the grant to telling. */
const GRANT_MS = 2 * PRESIGNED_MS;

function directOf({ packs, config }: ServerContext): DirectTransfers {
  // An object nobody has told of yet must not look like a stray one.
  if (packs.direct === undefined || config.collection.graceMs < 2 * GRANT_MS)
    throw new OnefoldError('not-found', 'packs go through this server');
  return packs.direct;
}

/** Where to send a pack. Throws `not-found` where packs go through the server, `quota-exceeded`, `body-too-large`, `invalid-argument` for an id in use. */
export async function grantDirectPack(
  context: ServerContext,
  caller: NamespaceAccess,
  uploadId: UploadId,
  packId: PackId,
  { sizeBytes, sha256 }: DirectPackRequest,
): Promise<DirectPackResponse> {
  const direct = directOf(context);
  const { metadata, config } = context;
  const { namespaceId } = caller.head;
  if (sizeBytes > LIMITS.packBytes) throw new OnefoldError('body-too-large', 'a pack is larger than packs may be');
  await mustFit(metadata.read, namespaceId, sizeBytes, config.quotaBytesPerUser);
  const { objectKey, url, headers } = await direct.grantPut({ namespace: namespaceId, packId, sizeBytes, sha256 });
  const row: DirectPackTable = {
    namespace: idBytes(namespaceId),
    pack: idBytes(packId),
    object_key: objectKey,
    upload: idBytes(uploadId),
    device: idBytes(caller.device),
    size_bytes: sizeBytes,
    sha256: idBytes(sha256),
    expires_at_ms: context.nowMs() + GRANT_MS,
  };
  const isFree = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, row.namespace);
    const known = await writer
      .selectFrom('pack')
      .select('pack')
      .where('namespace', '=', row.namespace)
      .where('pack', '=', row.pack)
      .executeTakeFirst();
    if (known !== undefined) return false;
    const replaced = await writer
      .deleteFrom('direct_pack')
      .where('namespace', '=', row.namespace)
      .where('pack', '=', row.pack)
      .returning(['object_key', 'expires_at_ms'])
      .execute();
    await bury(metadata, writer, replaced);
    // What may be sent counts until its time is up: otherwise whoever tells of nothing could fill the store.
    const granted = await grantedBytes(writer, row.namespace, context.nowMs());
    await mustFit(writer, namespaceId, granted + sizeBytes, config.quotaBytesPerUser);
    await metadata.sql.insertMany(writer, 'direct_pack', [row]);
    return true;
  });
  if (!isFree) throw new OnefoldError('invalid-argument', 'a pack bears this id already');
  return { url, headers: Object.entries(headers), expiresInMs: PRESIGNED_MS };
}

/** Objects of grants that nobody will tell of any more: the address of the last one has long ceased to serve when they go. */
async function bury(
  { sql }: ServerContext['metadata'],
  writer: Writer,
  grants: readonly Pick<DirectPackTable, 'object_key' | 'expires_at_ms'>[],
): Promise<void> {
  const dead = grants.map(({ object_key, expires_at_ms }) => ({ object_key, dead_at_ms: expires_at_ms }));
  await sql.insertMany(writer, 'dead_object', dead, 'keep');
}

async function grantedBytes(reader: Reader, namespace: Uint8Array, nowMs: number): Promise<number> {
  const { bytes } = await reader
    .selectFrom('direct_pack')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number | string>('size_bytes'), eb.lit(0)).as('bytes'))
    .where('namespace', '=', namespace)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirstOrThrow();
  return Number(bytes);
}

/**
 * The device says that the pack is there: it is read back, and every block hashed, before it counts. Answers the number of its blocks. Throws `not-found` when
 * nothing was granted or nothing is there, `pack-corrupt`, and as taking in any pack does.
 */
export async function takeDirectPack(
  context: ServerContext,
  caller: NamespaceAccess,
  uploadId: UploadId,
  packId: PackId,
): Promise<number> {
  const { metadata, packs } = context;
  const namespace = idBytes(caller.head.namespaceId);
  const grant = await metadata.write((writer) =>
    writer
      .deleteFrom('direct_pack')
      .where('namespace', '=', namespace)
      .where('pack', '=', idBytes(packId))
      .where('device', '=', idBytes(caller.device))
      .where('upload', '=', idBytes(uploadId))
      .where('expires_at_ms', '>', context.nowMs())
      .returning(['object_key', 'size_bytes', 'sha256', 'expires_at_ms'])
      .executeTakeFirst(),
  );
  if (grant === undefined) {
    const known = await metadata.read
      .selectFrom('pack')
      .select('block_count')
      .where('namespace', '=', namespace)
      .where('pack', '=', idBytes(packId))
      .where('device', '=', idBytes(caller.device))
      .executeTakeFirst();
    // Told twice: the first answer was lost.
    if (known !== undefined) return known.block_count;
    throw new OnefoldError('not-found', 'nothing was granted under this id');
  }
  const share = await context.bodies.take(grant.size_bytes, () => undefined);
  try {
    share.arrived();
    const reader = await packs.open(grant.object_key);
    if (reader === undefined) throw new OnefoldError('not-found', 'the store does not have this pack');
    const bytes = await reader.read(0, grant.size_bytes).finally(() => reader.close());
    if (digestOf('sha256', bytes, 'hex') !== idOf(grant.sha256))
      throw new OnefoldError('pack-corrupt', 'the store has other bytes than were announced');
    const object = { objectKey: grant.object_key, keptAtMs: grant.expires_at_ms - GRANT_MS };
    return await context.intake.takeStored(caller, uploadId, packId, bytes, object);
  } finally {
    share.giveBack();
  }
}

/** Where blocks lie in the store, in the asked order. Throws `not-found` where blocks are read through the server. */
export async function locateBlocks(
  context: ServerContext,
  caller: NamespaceAccess,
  blocks: readonly CtHash[],
): Promise<LocateBlocksResponse> {
  const direct = directOf(context);
  const places = await findBlocks(context.metadata, caller.head.namespaceId, blocks);
  const objects = new Map<string, number>();
  for (const place of places)
    if (place !== undefined && !objects.has(place.objectKey)) objects.set(place.objectKey, objects.size);
  const urls = await Promise.all([...objects.keys()].map((objectKey) => direct.grantGet(objectKey)));
  const held = places.filter((place) => place !== undefined);
  context.metrics.blocksRead(
    held.length,
    held.reduce((sum, { length }) => sum + length, 0),
  );
  return {
    urls,
    places: places.map((place) =>
      place === undefined
        ? null
        : { url: objects.get(place.objectKey) ?? 0, offset: place.offset, length: place.length },
    ),
  };
}

/** Ends grants whose time is up; what was sent under them goes. */
export async function forgetGrants({ metadata, nowMs }: Pick<ServerContext, 'metadata' | 'nowMs'>): Promise<void> {
  const old = await metadata.read
    .selectFrom('direct_pack')
    .select('pack')
    .where('expires_at_ms', '<=', nowMs())
    .limit(1)
    .executeTakeFirst();
  if (old === undefined) return;
  await metadata.write(async (writer) => {
    const lapsed = await writer
      .deleteFrom('direct_pack')
      .where('expires_at_ms', '<=', nowMs())
      .returning(['object_key', 'expires_at_ms'])
      .execute();
    await bury(metadata, writer, lapsed);
  });
}
