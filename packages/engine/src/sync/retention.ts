import { OnefoldError, type NodeId } from '@onefold/protocol';
import type { RelPath } from '../core/tree.ts';
import { findNode } from './browse.ts';
import type { Session } from './session.ts';

/* What the server is asked to let go of for good. Nothing here touches this disk. */

/** Throws `not-found`; `invalid-argument` for the current version; `forbidden` for anybody but the folder's owner. */
export async function purgeVersion(session: Session, path: RelPath, version: number): Promise<number> {
  const row = await findNode(session, path);
  return session.line.direct.purge(row.node, version);
}

/** `id` as the list of what was deleted has it. Throws `not-found` for what is not on the server, and as purgeVersion. */
export async function purgeTrashed(session: Session, id: string): Promise<number> {
  if (!id.startsWith('server:')) throw new OnefoldError('not-found', 'nothing of this id is in the server’s trash');
  return session.line.direct.purge(id.slice('server:'.length) as NodeId, null);
}
