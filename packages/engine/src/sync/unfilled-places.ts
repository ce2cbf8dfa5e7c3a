import type { RelPath } from '../core/tree.ts';
import type { ChangeResult, DiskChange } from '../ports.ts';

/**
 * The places that earlier changes of one list were to fill and did not. Whatever stands at such a place is not what the list took it for, so
 * nothing of the list is put below it.
 */
export interface UnfilledPlaces {
  /** What became of a change. What one filled stays filled, also when a later one finds it so. */
  note(change: DiskChange, outcome: ChangeResult['outcome']): void;
  /** The change would put something below such a place. */
  isBelow(change: DiskChange): boolean;
}

export function createUnfilledPlaces(): UnfilledPlaces {
  const filled = new Set<RelPath>();
  const unfilled: RelPath[] = [];
  return {
    note(change, outcome) {
      const place = filledBy(change);
      if (place === null) return;
      if (outcome === 'done') filled.add(place);
      else if (!filled.has(place)) unfilled.push(place);
    },
    isBelow(change) {
      const place = filledBy(change);
      return place !== null && unfilled.some((above) => place.startsWith(`${above}/`));
    },
  };
}

function filledBy(change: DiskChange): RelPath | null {
  switch (change.op) {
    case 'create-folder':
    case 'create-link':
      return change.path;
    case 'move':
      return change.to;
    case 'trash':
    case 'set-attributes':
      return null;
  }
}
