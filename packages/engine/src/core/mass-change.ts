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
  if (content === 'down') return { direction: 'down', what: 'rewrite' };
  if (content !== 'up') return null;
  // Only of what stands on both sides, and did.
  const local = settled.local!;
  const isKnownEdit = local.content !== null && !sameContent(local.content, settled.synced!.content);
  return isKnownEdit ? { direction: 'up', what: 'rewrite' } : null;
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
 * its own. Null for the root. Every id has one parent: what lies in a folder lies in those above it.
 */
export function findFocus<Id>(chains: readonly (readonly Id[])[]): Id | null {
  let focus: Id | null = null;
  for (let depth = 0; ; depth++) {
    // Undefined of those that end above.
    const counts = new Map<Id | undefined, number>();
    for (const chain of chains) counts.set(chain[depth], (counts.get(chain[depth]) ?? 0) + 1);
    let best: Id | undefined;
    for (const [id, count] of counts) if (count * 5 >= chains.length * 4) best = id;
    if (best === undefined) return focus;
    focus = best;
  }
}
