import { createHash } from 'node:crypto';
import { sql as rawSql } from 'kysely';
import {
  equalBytes,
  OnefoldError,
  type DeviceId,
  type NamespaceHead,
  type NamespaceId,
  type Role,
  type UserId,
} from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase, Reader, SqlDialect } from '../metadata/database.ts';

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

function selectSession(reader: Reader, hash: Uint8Array) {
  return reader
    .selectFrom('session as s')
    .innerJoin('device as d', 'd.device', 's.device')
    .select(['s.user', 's.device', 's.device_version', 's.expires_at_ms', 'd.version', 'd.revoked_n'])
    .where('s.token_hash', '=', hash)
    .where('s.kind', '=', 'device');
}

/** Within a transaction. Throws `session-expired` or `device-revoked`. */
export async function readCaller(reader: Reader, hash: Uint8Array, nowMs: number): Promise<Caller> {
  return callerOf(await selectSession(reader, hash).executeTakeFirst(), hash, nowMs);
}

/** The same outside of one, where every read about a person begins. Throws `server-error`, too, when the database cannot prove to be the primary. */
export async function readCallerNow(metadata: MetadataDatabase, hash: Uint8Array, nowMs: number): Promise<Caller> {
  const instance = rawSql<number>`${rawSql.raw(metadata.sql.instance)}`.as('instance');
  const row = await selectSession(metadata.read, hash).select(instance).executeTakeFirst();
  await metadata.confirmPrimary(row?.instance);
  return callerOf(row, hash, nowMs);
}

/** One session's standing in one namespace. The columns of the namespace are null where its user is no member. */
export interface AccessRow extends SessionRow {
  readonly token_hash: Uint8Array;
  readonly role: string | null;
  readonly namespace: Uint8Array | null;
  readonly head_seq: number | null;
  readonly head_hash: Uint8Array | null;
  readonly epoch: number | null;
  readonly recovery_epoch: number | null;
  readonly lost_revision: number | null;
  /** Which run of the database server answered. */
  readonly instance: number;
}

/** Session, device, membership and head in one query on the primary: any number of callers, each of one moment. */
export function queryAccess(
  reader: Reader,
  sql: SqlDialect,
  wanted: readonly { readonly tokenHash: Uint8Array; readonly namespace: NamespaceId }[],
): Promise<AccessRow[]> {
  const text = `select s."token_hash", s."user", s."device", s."device_version", s."expires_at_ms", d."version", d."revoked_n", m."role",
    n."namespace", n."head_seq", n."head_hash", n."epoch", n."recovery_epoch", n."lost_revision", ${sql.instance} as "instance"
    from "session" s join "device" d on d."device" = s."device"
    left join "member" m on m."namespace" = ? and m."user" = s."user"
    left join "namespace" n on n."namespace" = m."namespace"
    where s."token_hash" = ? and s."kind" = 'device'`;
  return sql.selectEach(
    reader,
    text,
    wanted.map(({ tokenHash: hash, namespace }) => [idBytes(namespace), hash]),
  );
}

/** Throws `session-expired`, `device-revoked`, and `not-found` for a namespace the caller is no member of, be there one or not. */
export function accessFrom(
  rows: readonly AccessRow[],
  hash: Uint8Array,
  namespace: NamespaceId,
  nowMs: number,
): NamespaceAccess {
  const own = rows.filter((row) => equalBytes(row.token_hash, hash));
  const caller = callerOf(own[0], hash, nowMs);
  const row = own.find((one) => one.namespace !== null && idOf<NamespaceId>(one.namespace) === namespace);
  if (row?.head_hash == null || row.head_seq === null || row.epoch === null || row.recovery_epoch === null)
    throw new OnefoldError('not-found', 'there is no such namespace');
  const role = row.role as Role;
  if (role === 'removed') throw new OnefoldError('not-found', 'there is no such namespace');
  const head = {
    namespaceId: namespace,
    seq: row.head_seq,
    hash: idOf<NamespaceHead['hash']>(row.head_hash),
    recoveryEpoch: row.recovery_epoch,
    ...lostRevisionOf(row.lost_revision),
  };
  return { ...caller, role, head, epoch: row.epoch };
}

function lostRevisionOf(revision: number | null): Pick<NamespaceHead, 'lostRevision'> {
  return revision === null || revision === 0 ? {} : { lostRevision: revision };
}

/**
 * The head read inside a transaction: session, device, membership and head in one query, so that a revoked device or a removed member is out with the next
 * request. Throws as accessFrom.
 */
export async function readAccess(
  reader: Reader,
  sql: SqlDialect,
  hash: Uint8Array,
  namespace: NamespaceId,
  nowMs: number,
): Promise<NamespaceAccess> {
  return accessFrom(await queryAccess(reader, sql, [{ tokenHash: hash, namespace }]), hash, namespace, nowMs);
}

/** Heads of every namespace the user is a member of. */
export async function readHeads(reader: Reader, user: UserId): Promise<NamespaceHead[]> {
  return (await readHeadsOfAll(reader, [user])).get(user) ?? [];
}

/** The same for at most a few hundred users, in one query. A user without namespaces is not in the answer. */
export async function readHeadsOfAll(
  reader: Reader,
  users: readonly UserId[],
): Promise<ReadonlyMap<UserId, NamespaceHead[]>> {
  const rows = await reader
    .selectFrom('member as m')
    .innerJoin('namespace as n', 'n.namespace', 'm.namespace')
    .select(['m.user', 'n.namespace', 'n.head_seq', 'n.head_hash', 'n.recovery_epoch', 'n.lost_revision'])
    .where('m.user', 'in', users.map(idBytes))
    .where('m.role', '!=', 'removed')
    .execute();
  const heads = new Map<UserId, NamespaceHead[]>();
  for (const row of rows) {
    const user = idOf<UserId>(row.user);
    const own = heads.get(user) ?? [];
    heads.set(user, own);
    own.push({
      namespaceId: idOf<NamespaceId>(row.namespace),
      seq: row.head_seq,
      hash: idOf<NamespaceHead['hash']>(row.head_hash),
      recoveryEpoch: row.recovery_epoch,
      ...lostRevisionOf(row.lost_revision),
    });
  }
  return heads;
}
