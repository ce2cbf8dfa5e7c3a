import { randomBytes } from 'node:crypto';
import type { DeviceId, NamespaceId, UserId } from '@onefold/protocol';
import { idBytes } from '../id-bytes.ts';
import type { MetadataDatabase, SqlDialect, Writer } from '../metadata/database.ts';

export interface AuditEvent {
  readonly action:
    | 'account-created'
    | 'account-deleted'
    | 'login'
    | 'login-failed'
    | 'recovery'
    | 'device-added'
    | 'device-revoked'
    | 'chain-appended'
    | 'namespace-created'
    | 'namespace-doomed'
    | 'namespace-removed'
    | 'quota-set'
    | 'sessions-ended'
    | 'retention-set'
    | 'versions-purged'
    | 'trash-purged'
    | 'journal-truncated';
  readonly user?: UserId;
  readonly device?: DeviceId;
  readonly namespace?: NamespaceId;
  /** Numbers and words of the server's own; nothing a user wrote. */
  readonly details?: string;
}

/** Notes who did what, by ids alone, in the transaction that does it. */
export async function recordAudit(writer: Writer, sql: SqlDialect, event: AuditEvent, nowMs: number): Promise<void> {
  const row = {
    at_ms: nowMs,
    id: new Uint8Array(randomBytes(8)),
    action: event.action,
    user: event.user === undefined ? null : idBytes(event.user),
    device: event.device === undefined ? null : idBytes(event.device),
    namespace: event.namespace === undefined ? null : idBytes(event.namespace),
    details: event.details ?? null,
  };
  await sql.insertMany(writer, 'audit', [row]);
}

const NOTES_PER_STEP = 1_000;

/** Forgets what is older, a transaction for so many notes, as long as `goesOn` says so. */
export async function forgetAudit(
  { read, write }: Pick<MetadataDatabase, 'read' | 'write'>,
  beforeMs: number,
  goesOn: () => Promise<boolean>,
): Promise<void> {
  while (await goesOn()) {
    const oldest = await read
      .selectFrom('audit')
      .select('at_ms')
      .where('at_ms', '<', beforeMs)
      .orderBy('at_ms')
      .limit(NOTES_PER_STEP)
      .execute();
    if (oldest.length === 0) return;
    const lastMs = Math.max(...oldest.map((row) => row.at_ms));
    await write((writer) => writer.deleteFrom('audit').where('at_ms', '<=', lastMs).execute());
  }
}
