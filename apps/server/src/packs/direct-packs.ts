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
import { lockLimitedOwners, mustFit } from '../accounts/quota.ts';
import type { ServerContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { claimGrant, GRANT_MS, grantedBefore, grantedBytes, spendGrant } from './direct-grants.ts';
import type { DirectTransfers } from './pack-store.ts';
import { PRESIGNED_MS } from './presign.ts';
import { findBlocks } from './read-blocks.ts';

/*
 * A pack on its way past the server:
 *
 *   granted  -> the device has an address that takes these bytes and no others; a row remembers it
 *   sent     -> the store has checked hash and length; nobody believes it yet
 *   told     -> the server reads the object back and hashes every block
 *   recorded -> as any pack
 *
 * What ends otherwise, or in the middle, leaves an object that goes once the address has ceased to serve, and a device that sends the pack through the server.
 * What becomes of the rows: direct-grants.ts.
 */

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
  const wanted = {
    namespace: idBytes(namespaceId),
    pack: idBytes(packId),
    upload: idBytes(uploadId),
    device: idBytes(caller.device),
    size_bytes: sizeBytes,
    sha256: idBytes(sha256),
  };
  const newKey = direct.newKey({ namespace: namespaceId, packId });
  const objectKey = await metadata.write(async (writer) => {
    await lockLimitedOwners(writer, metadata.sql, [namespaceId], config.quotaBytesPerUser);
    await metadata.sql.lockNamespace(writer, wanted.namespace);
    const nowMs = context.nowMs();
    const known = await writer
      .selectFrom('pack')
      .select('pack')
      .where('namespace', '=', wanted.namespace)
      .where('pack', '=', wanted.pack)
      .executeTakeFirst();
    if (known !== undefined) throw new OnefoldError('invalid-argument', 'a pack bears this id already');
    const before = await grantedBefore(writer, wanted, nowMs);
    if (before !== undefined) return before;
    await spendGrant(writer, wanted.namespace, wanted.pack);
    const granted = await grantedBytes(writer, namespaceId, nowMs);
    await mustFit(writer, namespaceId, granted + sizeBytes, config.quotaBytesPerUser);
    const row = { ...wanted, object_key: newKey, expires_at_ms: nowMs + GRANT_MS };
    await metadata.sql.insertMany(writer, 'direct_pack', [row]);
    return newKey;
  });
  const { url, headers } = await direct.grantPut(objectKey, sizeBytes, sha256);
  return { url, headers: Object.entries(headers), expiresInMs: PRESIGNED_MS };
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
  const told = { namespace, pack: idBytes(packId), upload: idBytes(uploadId), device: idBytes(caller.device) };
  const grant = await claimGrant(metadata, told, context.nowMs());
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
    const { object_key: objectKey, claim } = grant;
    const object = { objectKey, keptAtMs: grant.expires_at_ms - GRANT_MS, claim };
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
