import { OnefoldError, type NodeId } from '@onefold/protocol';
import type { NamespaceAccess } from '../accounts/access.ts';
import { recordAudit } from '../accounts/audit.ts';
import type { ServerContext } from '../context.ts';
import { idBytes } from '../id-bytes.ts';
import { mustOwn, namespaceOf } from './policy.ts';
import { purgeSome, startPurge, startWalk } from './purge-deleted.ts';
import { purgeVersions } from './purge-versions.ts';

/** The owner gives up one old version of a file. Throws `forbidden`, `not-found`, and `invalid-argument` for the current version. */
export async function purgeVersionByHand(
  context: ServerContext,
  caller: NamespaceAccess,
  node: NodeId,
  version: number,
): Promise<number> {
  mustOwn(caller);
  const { metadata } = context;
  const namespace = idBytes(caller.head.namespaceId);
  const purged = await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const row = await writer
      .selectFrom('node')
      .select('content_version')
      .where('namespace', '=', namespace)
      .where('node', '=', idBytes(node))
      .executeTakeFirst();
    if (row === undefined) throw new OnefoldError('not-found', 'there is no such file');
    if (row.content_version === version)
      throw new OnefoldError('invalid-argument', 'the current version stays; delete the file to be rid of it');
    const nowMs = context.nowMs();
    const count = await purgeVersions(writer, namespace, idBytes(node), [version], nowMs);
    if (count === 0) throw new OnefoldError('not-found', 'there is no such version');
    const { user, device } = caller;
    const event = { action: 'versions-purged', user, device, namespace: namespaceOf(caller) } as const;
    await recordAudit(writer, metadata.sql, { ...event, details: `version ${version} of ${node}` }, nowMs);
    return count;
  });
  context.metrics.collected('versions', purged);
  return purged;
}

/**
 * The owner gives up something deleted, with all that is below it. Throws `forbidden`, `not-found`, and `invalid-argument` for what is not deleted. Cut off
 * in the middle, retention goes on with it.
 */
export async function purgeDeletedByHand(
  context: ServerContext,
  caller: NamespaceAccess,
  node: NodeId,
): Promise<number> {
  mustOwn(caller);
  const { metadata } = context;
  const namespace = idBytes(caller.head.namespaceId);
  await metadata.write(async (writer) => {
    await metadata.sql.lockNamespace(writer, namespace);
    const start = await startPurge(writer, namespace, idBytes(node));
    if (start === 'no-such-node') throw new OnefoldError('not-found', 'there is no such file');
    if (start === 'not-deleted') throw new OnefoldError('invalid-argument', 'only what is deleted is purged');
    const { user, device } = caller;
    const event = { action: 'trash-purged', user, device, namespace: namespaceOf(caller), details: node } as const;
    await recordAudit(writer, metadata.sql, event, context.nowMs());
  });
  let purged = 0;
  const walk = startWalk();
  for (let isDone = false; !isDone;) {
    const step = await purgeSome(context, namespace, idBytes(node), walk);
    purged += step.purged;
    isDone = step.isDone;
  }
  context.metrics.collected('versions', purged);
  return purged;
}
