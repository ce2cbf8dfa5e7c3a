import { createHash } from 'node:crypto';
import {
  OnefoldError,
  type DeviceId,
  type NamespaceHead,
  type NamespaceId,
  type Role,
  type UserId,
} from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

/** Who is asking, true at the moment it was read. */
export interface Caller {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly tokenHash: Uint8Array;
}

/** A caller's standing in a namespace, and its head, of one moment. */
export interface NamespaceAccess extends Caller {
  readonly role: Exclude<Role, 'removed'>;
  readonly head: NamespaceHead;
  readonly epoch: number;
}

/** Tokens are kept as hashes, so that a copy of the database opens no session. */
export function tokenHash(token: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update('onefold/token/v1').update(token).digest());
}

interface SessionRow {
  readonly user: Uint8Array;
  readonly device: Uint8Array | null;
  readonly device_version: number;
  readonly expires_at_ms: number;
  readonly version: number;
  readonly revoked_n: number | null;
}

function callerOf(row: SessionRow | undefined, hash: Uint8Array, nowMs: number): Caller {
  if (row?.revoked_n != null) throw new OnefoldError('device-revoked', 'this device was removed from its account');
  if (row?.device == null || row.expires_at_ms <= nowMs || row.device_version !== row.version)
    throw new OnefoldError('session-expired', 'there is no such session, or it has ended');
  return { user: idOf<UserId>(row.user), device: idOf<DeviceId>(row.device), tokenHash: hash };
}

/** Throws `session-expired` or `device-revoked`. */
export async function readCaller(reader: Reader, hash: Uint8Array, nowMs: number): Promise<Caller> {
  const row = await reader
    .selectFrom('session as s')
    .innerJoin('device as d', 'd.device', 's.device')
    .select(['s.user', 's.device', 's.device_version', 's.expires_at_ms', 'd.version', 'd.revoked_n'])
    .where('s.token_hash', '=', hash)
    .where('s.kind', '=', 'device')
    .executeTakeFirst();
  return callerOf(row, hash, nowMs);
}

/**
 * The head read: session, device, membership and head in one query on the primary, so that a revoked device or a removed member is out with the next
 * request. Throws `session-expired`, `device-revoked`, and `not-found` for a namespace the caller is no member of, be there one or not.
 */
export async function readAccess(
  reader: Reader,
  hash: Uint8Array,
  namespace: NamespaceId,
  nowMs: number,
): Promise<NamespaceAccess> {
  const row = await reader
    .selectFrom('session as s')
    .innerJoin('device as d', 'd.device', 's.device')
    .leftJoin('member as m', (join) => join.onRef('m.user', '=', 's.user').on('m.namespace', '=', idBytes(namespace)))
    .leftJoin('namespace as n', 'n.namespace', 'm.namespace')
    .select(['s.user', 's.device', 's.device_version', 's.expires_at_ms', 'd.version', 'd.revoked_n', 'm.role'])
    .select(['n.head_seq', 'n.head_hash', 'n.epoch', 'n.recovery_epoch'])
    .where('s.token_hash', '=', hash)
    .where('s.kind', '=', 'device')
    .executeTakeFirst();
  const caller = callerOf(row, hash, nowMs);
  if (row?.head_hash == null || row.head_seq === null || row.epoch === null || row.recovery_epoch === null)
    throw new OnefoldError('not-found', 'there is no such namespace');
  const role = row.role as Role;
  if (role === 'removed') throw new OnefoldError('not-found', 'there is no such namespace');
  const head = {
    namespaceId: namespace,
    seq: row.head_seq,
    hash: idOf<NamespaceHead['hash']>(row.head_hash),
    recoveryEpoch: row.recovery_epoch,
  };
  return { ...caller, role, head, epoch: row.epoch };
}

/** Heads of every namespace the user is a member of. */
export async function readHeads(reader: Reader, user: UserId): Promise<NamespaceHead[]> {
  const rows = await reader
    .selectFrom('member as m')
    .innerJoin('namespace as n', 'n.namespace', 'm.namespace')
    .select(['n.namespace', 'n.head_seq', 'n.head_hash', 'n.recovery_epoch'])
    .where('m.user', '=', idBytes(user))
    .where('m.role', '!=', 'removed')
    .execute();
  return rows.map((row) => ({
    namespaceId: idOf<NamespaceId>(row.namespace),
    seq: row.head_seq,
    hash: idOf<NamespaceHead['hash']>(row.head_hash),
    recoveryEpoch: row.recovery_epoch,
  }));
}
