import { OnefoldError, type NamespaceId } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

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
  const owner = await reader
    .selectFrom('member as m')
    .innerJoin('user as u', 'u.user', 'm.user')
    .select(['u.user', 'u.quota_bytes'])
    .where('m.namespace', '=', idBytes(namespace))
    .where('m.role', '=', 'owner')
    .limit(1)
    .executeTakeFirst();
  if (owner === undefined) return undefined;
  return { usedBytes: await usedBytes(reader, owner.user), quotaBytes: owner.quota_bytes ?? defaultBytes };
}

export async function usedBytes(reader: Reader, user: Uint8Array): Promise<number> {
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

/** Throws `quota-exceeded` when `sizeBytes` more do not fit. Packs that arrive at the same moment may pass together. */
export async function mustFit(
  reader: Reader,
  namespace: NamespaceId,
  sizeBytes: number,
  defaultBytes: number | null,
): Promise<void> {
  const usage = await usageOfOwner(reader, namespace, defaultBytes);
  if (usage?.quotaBytes == null || usage.usedBytes + sizeBytes <= usage.quotaBytes) return;
  throw new OnefoldError('quota-exceeded', 'the owner of this folder has no more room', {
    details: { usedBytes: usage.usedBytes, quotaBytes: usage.quotaBytes },
  });
}
