import type { RelPath } from '../core/tree.ts';
import type { DiskChange } from '../ports.ts';

/**
 * The places that earlier changes of one list were to fill and did not. Whatever stands at such a place is not what the list took it for, so
 * nothing of the list is put below it.
 */
export interface UnfilledPlaces {
  /** This change did not come about. */
  note(change: DiskChange): void;
  /** The change would put something below such a place. */
  isBelow(change: DiskChange): boolean;
}

export function createUnfilledPlaces(): UnfilledPlaces {
  const unfilled: RelPath[] = [];
  return {
    note(change) {
      const place = filledBy(change);
      if (place !== null) unfilled.push(place);
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
