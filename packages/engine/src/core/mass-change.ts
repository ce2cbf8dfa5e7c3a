import { agreed } from './agree.ts';
import { decide } from './decide.ts';
import { sameContent } from './settled.ts';
import type { NodeRow } from './tree.ts';

/** More than this many, or more than half and at least HALF_FROM, within WINDOW_MS are asked about before they are carried on. */
export const MASS_LIMIT = 500;
export const HALF_FROM = 50;
export const MASS_WINDOW_MS = 10 * 60_000;

export type Direction = 'up' | 'down';

export interface Destruction {
  readonly direction: Direction;
  readonly what: 'delete' | 'rewrite';
}

/** Whether carrying this row on would delete or overwrite something on the other side. Moves and new things do neither. */
export function destructionOf(row: NodeRow): Destruction | null {
  const settled = agreed(row);
  const { fate, content } = decide(settled);
  if (fate === 'delete-up') return { direction: 'up', what: 'delete' };
  if (fate === 'delete-down') return { direction: 'down', what: 'delete' };
  if (fate !== 'both' || settled.synced === null) return null;
  if (content === 'down') return { direction: 'down', what: 'rewrite' };
  const { local, synced } = settled;
  if (content === 'up' && local?.content != null && !sameContent(local.content, synced.content)) {
    return { direction: 'up', what: 'rewrite' };
  }
  return null;
}

/** An edit whose bytes are not known: it may be a rewrite. */
export function isPossibleRewrite(row: NodeRow): boolean {
  const { local, synced } = row;
  return local?.kind === 'file' && local.content === null && synced !== null && decide(agreed(row)).fate === 'both';
}

export function isMassChange(count: number, total: number): boolean {
  return count > MASS_LIMIT || (count >= HALF_FROM && count * 2 > total);
}

/**
 * The deepest folder below which most of the given paths (of ids, from the top) lie: at least four fifths. What lies elsewhere is judged on
 * its own. Answers the depth of that folder in `paths[0]`-like chains as an id, or null for the root.
 */
export function findFocus<Id>(chains: readonly (readonly Id[])[]): Id | null {
  let focus: Id | null = null;
  let inside = chains;
  for (let depth = 0; ; depth++) {
    const counts = new Map<Id, number>();
    for (const chain of inside) {
      const at = chain[depth];
      if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    let best: Id | undefined;
    for (const [id, count] of counts) if (count * 5 >= chains.length * 4) best = id;
    if (best === undefined) return focus;
    focus = best;
    inside = inside.filter((chain) => chain[depth] === best);
  }
}
