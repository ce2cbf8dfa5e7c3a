import { OnefoldError, type NamespaceId, type RetentionPolicy } from '@onefold/protocol';
import type { NamespaceAccess } from '../accounts/access.ts';
import { recordAudit } from '../accounts/audit.ts';
import type { ServerContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';

/** What the owner of a namespace chose; undefined = the configuration's policy holds. */
export async function chosenPolicy(reader: Reader, namespace: Uint8Array): Promise<RetentionPolicy | undefined> {
  const row = await reader.selectFrom('retention').selectAll().where('namespace', '=', namespace).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    isThinned: row.is_thinned === 1,
    versionDays: row.version_days,
    versionCount: row.version_count,
    trashDays: row.trash_days,
  };
}

/** Null gives the choice back to the configuration. Throws `forbidden` for anybody but the owner. */
export async function choosePolicy(
  context: ServerContext,
  caller: NamespaceAccess,
  policy: RetentionPolicy | null,
): Promise<void> {
  mustOwn(caller);
  const { metadata } = context;
  const namespace = idBytes(caller.head.namespaceId);
  await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    await writer.deleteFrom('retention').where('namespace', '=', namespace).execute();
    if (policy !== null)
      await metadata.sql.insertMany(writer, 'retention', [
        {
          namespace,
          is_thinned: policy.isThinned ? 1 : 0,
          version_days: policy.versionDays,
          version_count: policy.versionCount,
          trash_days: policy.trashDays,
        },
      ]);
    const details = policy === null ? 'default' : JSON.stringify(policy);
    const { user, device } = caller;
    const event = { action: 'retention-set', user, device, namespace: namespaceOf(caller), details } as const;
    await recordAudit(writer, metadata.sql, event, context.nowMs());
  });
}

/** History is the owner's alone to give up. Throws `forbidden`. */
export function mustOwn(caller: NamespaceAccess): void {
  if (caller.role !== 'owner') throw new OnefoldError('forbidden', 'only the owner decides what is kept');
}

export function namespaceOf(caller: NamespaceAccess): NamespaceId {
  return caller.head.namespaceId;
}
