import { OnefoldError, type NamespaceId, type UserId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader, SqlDialect, Writer } from '../metadata/database.ts';

export interface Usage {
  /** Bytes of packs in all namespaces the user owns: what retention keeps counts as well. */
  readonly usedBytes: number;
  /** Null: no limit. */
  readonly quotaBytes: number | null;
}

/** What the owner of a namespace uses and may use. */
export async function usageOfOwner(
  reader: Reader,
  namespace: NamespaceId,
  defaultBytes: number | null,
): Promise<Usage | undefined> {
  const owner = await ownerOf(reader, namespace);
  if (owner === undefined) return undefined;
  return { usedBytes: await usedBytes(reader, owner.user), quotaBytes: owner.quota_bytes ?? defaultBytes };
}

function ownerOf(
  reader: Reader,
  namespace: NamespaceId,
): Promise<{ readonly user: Uint8Array; readonly quota_bytes: number | null } | undefined> {
  return reader
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.user', 'm.user')
    .select(['u.user', 'u.quota_bytes'])
    .where('m.namespace', '=', idBytes(namespace))
    .where('m.role', '=', 'owner')
    .orderBy('u.user')
    .limit(1)
    .executeTakeFirst();
}

async function usedBytes(reader: Reader, user: Uint8Array): Promise<number> {
  const { used } = await reader
    .selectFrom('member as m')
    .innerJoin('namespace as n', 'n.namespace', 'm.namespace')
    .select((eb) => eb.fn.coalesce(eb.fn.sum<number | string>('n.stored_bytes'), eb.lit(0)).as('used'))
    .where('m.user', '=', user)
    .where('m.role', '=', 'owner')
    .executeTakeFirstOrThrow();
  // Some databases tell a sum as text.
  return Number(used);
}

/** The same of every user who owns anything. */
export async function usedBytesOfAll(reader: Reader): Promise<ReadonlyMap<UserId, number>> {
  const rows = await reader
    .selectFrom('member as m')
    .innerJoin('namespace as n', 'n.namespace', 'm.namespace')
    .select((eb) => ['m.user', eb.fn.sum<number | string>('n.stored_bytes').as('used')])
    .where('m.role', '=', 'owner')
    .groupBy('m.user')
    .execute();
  return new Map(rows.map(({ user, used }) => [idOf<UserId>(user), Number(used)]));
}

/**
 * Holds the owners of these namespaces that have a limit, until the transaction ends: whoever adds up what they use and adds to it comes here first, and
 * before the namespaces are held.
 */
export async function lockLimitedOwners(
  writer: Writer,
  sql: SqlDialect,
  namespaces: readonly NamespaceId[],
  defaultBytes: number | null,
): Promise<void> {
  const owners = new Map<string, Uint8Array>();
  for (const namespace of namespaces) {
    const owner = await ownerOf(writer, namespace);
    if (owner !== undefined && (owner.quota_bytes ?? defaultBytes) !== null) owners.set(idOf(owner.user), owner.user);
  }
  for (const [, user] of [...owners].sort(([a], [b]) => (a < b ? -1 : 1))) await sql.lockUser(writer, user);
}

/** Whether `sizeBytes` more fit. Certain only under lockLimitedOwners. Where nobody is the owner any more nothing fits. */
export async function doesFit(
  reader: Reader,
  namespace: NamespaceId,
  sizeBytes: number,
  defaultBytes: number | null,
): Promise<boolean> {
  const usage = await usageOfOwner(reader, namespace, defaultBytes);
  if (usage === undefined) return false;
  return usage.quotaBytes === null || usage.usedBytes + sizeBytes <= usage.quotaBytes;
}

/** Throws `quota-exceeded` when `sizeBytes` more do not fit: said before anything is stored, and decided when it is recorded. */
export async function mustFit(
  reader: Reader,
  namespace: NamespaceId,
  sizeBytes: number,
  defaultBytes: number | null,
): Promise<void> {
  const usage = await usageOfOwner(reader, namespace, defaultBytes);
  if (usage?.quotaBytes == null || usage.usedBytes + sizeBytes <= usage.quotaBytes) return;
  throw noRoom({ usedBytes: usage.usedBytes, quotaBytes: usage.quotaBytes });
}

export function noRoom(details: Readonly<Record<string, unknown>> = {}): OnefoldError {
  return new OnefoldError('quota-exceeded', 'the owner of this folder has no more room', { details });
}
