import type { ContentId } from '@onefold/protocol';
import { sameContent } from '../core/settled.ts';
import type { NodeReferences, NodeRow } from '../core/tree.ts';
import type { ReadItem } from '../ports.ts';
import type { Session } from './session.ts';

/** Local files tried for the blocks of one file. */
export const MAX_DONORS = 4;

/** Where all of a file may be had here, though not as that file. */
export interface Copies {
  readonly donors: readonly ReadItem[];
  /** As a copy's own version has them: they name the same blocks. Null where no copy is with the server. */
  readonly references: NodeReferences | null;
}

/**
 * Files of the content that `row` is to have: those that stand under other names, and what lies in the trash here with its size. For what the server does not
 * hold; nothing else is worth a look through the trash. Whether the bytes are those is for the one who reads them to say.
 */
export async function findCopies(session: Session, row: NodeRow): Promise<Copies> {
  const wanted = row.remote?.content;
  if (wanted?.kind !== 'file') return { donors: [], references: null };
  const standing = await standingCopies(session, row, wanted.contentId);
  const donors: ReadItem[] = [];
  for (const copy of standing) {
    const path = await session.paths.of(copy);
    if (path !== null) donors.push({ path, expect: copy.local!.stat });
  }
  const [references] = standing.length === 0 ? [] : await session.ports.store.references([standing[0]!.node]);
  const trash = donors.length > 0 ? [] : await session.ports.files.listTrash();
  for (const { at, stat } of trash.toReversed())
    if (stat.kind === 'file' && stat.sizeBytes === wanted.sizeBytes) donors.push({ path: at, expect: stat });
  return { donors: donors.slice(0, MAX_DONORS), references: references ?? null };
}

async function standingCopies(session: Session, row: NodeRow, contentId: ContentId): Promise<NodeRow[]> {
  const [found] = await session.ports.store.byContents([contentId]);
  return (found ?? []).filter(
    ({ node, local }) => node !== row.node && local?.kind === 'file' && sameContent(local.content, row.remote!.content),
  );
}
