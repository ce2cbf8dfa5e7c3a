import { OnefoldError, type DeviceId, type UserId } from '@onefold/protocol';
import { recordAudit } from '../accounts/audit.ts';
import { usedBytesOfAll } from '../accounts/quota.ts';
import { emailKey } from '../accounts/create-account.ts';
import { idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';

export interface AdminUser {
  readonly user: UserId;
  readonly email: string;
  readonly createdAtMs: number;
  readonly devices: number;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
}

const MOST_USERS = 10_000;

export async function listUsers({ read }: MetadataDatabase, defaultBytes: number | null): Promise<AdminUser[]> {
  const rows = await read
    .selectFrom('user as u')
    .leftJoin('device as d', (join) => join.onRef('d.user', '=', 'u.user').on('d.revoked_n', 'is', null))
    .select(['u.user', 'u.email', 'u.created_at_ms', 'u.quota_bytes'])
    .select((eb) => eb.fn.count<number | string>('d.device').as('devices'))
    .groupBy(['u.user', 'u.email', 'u.created_at_ms', 'u.quota_bytes'])
    .orderBy('u.created_at_ms')
    .limit(MOST_USERS)
    .execute();
  const used = await usedBytesOfAll(read);
  return rows.map((row) => {
    const user = idOf<UserId>(row.user);
    return {
      user,
      email: row.email,
      createdAtMs: row.created_at_ms,
      devices: Number(row.devices),
      usedBytes: used.get(user) ?? 0,
      quotaBytes: row.quota_bytes ?? defaultBytes,
    };
  });
}

export interface AdminDevice {
  readonly device: DeviceId;
  readonly lastSeenMs: number;
  readonly isRevoked: boolean;
}

/** Throws `not-found`. */
export async function listDevices(metadata: MetadataDatabase, email: string): Promise<AdminDevice[]> {
  const rows = await metadata.read
    .selectFrom('device')
    .select(['device', 'last_seen_ms', 'revoked_n'])
    .where('user', '=', await userOf(metadata, email))
    .orderBy('added_n')
    .execute();
  return rows.map((row) => ({
    device: idOf<DeviceId>(row.device),
    lastSeenMs: row.last_seen_ms,
    isRevoked: row.revoked_n !== null,
  }));
}

/** `quotaBytes` null: what the configuration says. Throws `not-found`. */
export async function setQuota(metadata: MetadataDatabase, email: string, quotaBytes: number | null): Promise<void> {
  const user = await userOf(metadata, email);
  await metadata.write(async (writer) => {
    await writer.updateTable('user').set({ quota_bytes: quotaBytes }).where('user', '=', user).execute();
    const details = quotaBytes === null ? 'default' : String(quotaBytes);
    await recordAudit(writer, metadata.sql, { action: 'quota-set', user: idOf<UserId>(user), details }, Date.now());
  });
}

/** Ends every session of a user's devices. They open new ones by themselves unless their keys were revoked. Throws `not-found`. */
export async function endSessions(metadata: MetadataDatabase, email: string): Promise<number> {
  const user = await userOf(metadata, email);
  return metadata.write(async (writer) => {
    const result = await writer.deleteFrom('session').where('user', '=', user).executeTakeFirstOrThrow();
    await recordAudit(writer, metadata.sql, { action: 'sessions-ended', user: idOf<UserId>(user) }, Date.now());
    return Number(result.numDeletedRows);
  });
}

export interface AuditRow {
  readonly atMs: number;
  readonly action: string;
  readonly user: string | null;
  readonly device: string | null;
  readonly namespace: string | null;
  readonly details: string | null;
}

/** The newest `count` notes, oldest first. */
export async function readAudit({ read }: MetadataDatabase, count: number): Promise<AuditRow[]> {
  const rows = await read.selectFrom('audit').selectAll().orderBy('at_ms', 'desc').limit(count).execute();
  const id = (bytes: Uint8Array | null): string | null => (bytes === null ? null : idOf(bytes));
  return rows.reverse().map((row) => ({
    atMs: row.at_ms,
    action: row.action,
    user: id(row.user),
    device: id(row.device),
    namespace: id(row.namespace),
    details: row.details,
  }));
}

async function userOf({ read }: MetadataDatabase, email: string): Promise<Uint8Array> {
  const row = await read.selectFrom('user').select('user').where('email_key', '=', emailKey(email)).executeTakeFirst();
  if (row === undefined) throw new OnefoldError('not-found', `there is no account ${email}`);
  return row.user;
}
