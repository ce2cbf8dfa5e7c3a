import { isAlive } from '../core/settled.ts';
import type { RelPath } from '../core/tree.ts';
import type { NodeId } from '@onefold/protocol';
import type { Session } from './session.ts';

/*
 * The beginning of a large file outlives the process: where it lies is kept, and what stands there is verified block by block before it is
 * gone on from. One at a time, like the transfer itself.
 *
 *   (none) --download begins--> kept --placed, or nobody wants it any more--> (none)
 */

const FACT = 'partial-download';

interface Partial {
  readonly node: NodeId;
  readonly path: RelPath;
}

async function read(session: Session): Promise<Partial | null> {
  const text = await session.ports.store.fact(FACT);
  return text === null ? null : (JSON.parse(text) as Partial);
}

/** Where the node's download goes on, or begins. The beginning of another file is let go. */
export async function openPartial(session: Session, node: NodeId, near: RelPath): Promise<RelPath> {
  const { files, store } = session.ports;
  const known = await read(session);
  if (known?.node === node) return known.path;
  if (known !== null) await files.discard([known.path]);
  const path = files.stagingPath(near);
  await store.commit({ facts: { [FACT]: JSON.stringify({ node, path } satisfies Partial) } });
  return path;
}

/** The path in staging that must stay, because its file is still wanted. */
export async function keptPartial(session: Session): Promise<RelPath | null> {
  const known = await read(session);
  if (known === null) return null;
  const [row] = await session.ports.store.rows([known.node]);
  const isWanted = row !== undefined && isAlive(row.remote) && row.remote.content?.kind === 'file';
  const content = row?.synced?.content;
  const isThere = content?.kind === 'file' && isWanted && content.contentId === contentIdOf(row.remote);
  return isWanted && !isThere ? known.path : null;
}

function contentIdOf(remote: {
  readonly content: { readonly kind: string; readonly contentId?: string } | null;
}): string | undefined {
  return remote.content?.contentId;
}
