import type { ErrorCode } from '@onefold/protocol';
import type { NodeRow, RelPath } from '../core/tree.ts';
import type { Session } from './session.ts';
import type { Staged } from './travelling.ts';

export interface LinkItem {
  readonly row: NodeRow;
  readonly target: string;
  /** Where it goes: it is made on the volume that holds this. */
  readonly near: RelPath;
}

/**
 * Makes links in staging, from where they are moved to their places: the inode of one is then known before it stands there, and a link that
 * its user moved on before it was recorded is known again. Outcomes in the order given.
 */
export async function stageLinks(
  session: Session,
  items: readonly LinkItem[],
): Promise<readonly (Staged | { readonly failed: ErrorCode })[]> {
  const { files } = session.ports;
  const places = items.map(({ near }) => files.stagingPath(near));
  const results = await files.change(
    items.map(({ target }, i) => ({ op: 'create-link', path: places[i]!, target }) as const),
  );
  return results.map((result, i) => {
    if (result.outcome === 'failed') return { failed: result.code };
    if (result.outcome === 'precondition' || result.stat === null) return { failed: 'precondition-failed' };
    const attributes = items[i]!.row.remote?.attributes ?? null;
    return { path: places[i]!, stat: result.stat, contentId: null, attributes };
  });
}
