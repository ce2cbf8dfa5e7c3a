import type { BlockId, CtHash } from '@onefold/protocol';
import type { BlockReference } from '../../core/tree.ts';
import type { ReadItem } from '../../ports.ts';
import type { Piece } from './block-calls.ts';

export type Sealed = ReadonlyMap<CtHash, Uint8Array>;

export interface DonorPlace {
  readonly donor: ReadItem;
  readonly offset: number;
}

export type DonorPlaces = ReadonlyMap<BlockId, DonorPlace>;

/**
 * Where the blocks of one large file come from, group by group: fetched where nothing here has them, else from another local file, or from what is
 * written of the file itself by then.
 */
export interface Sources {
  /** Fetches what of the next group is nowhere here. Groups are asked for in their order. */
  fetchFor(group: readonly BlockReference[]): Promise<Sealed>;
  fetch(references: readonly BlockReference[]): Promise<Sealed>;
  /** Null: it has to be fetched. */
  pieceOf(reference: BlockReference, sealed: Sealed): Piece | null;
  /** Nothing is taken from local files any more. */
  distrust(): void;
}

/** `standing` are blocks that the file begins with already. */
export function createSources(
  places: DonorPlaces,
  standing: readonly BlockReference[],
  fetch: (references: readonly BlockReference[]) => Promise<Sealed>,
): Sources {
  const written = new Set(standing.map(({ blockId }) => blockId));
  let isTrusting = true;

  return {
    fetch,
    fetchFor(group) {
      const wanted = group.filter(({ blockId }) => {
        const isHere = places.has(blockId) || written.has(blockId);
        written.add(blockId);
        return !isTrusting || !isHere;
      });
      return fetch(wanted);
    },
    pieceOf(reference, sealed) {
      const bytes = sealed.get(reference.ctHash);
      if (bytes !== undefined) return { reference, source: { kind: 'sealed', sealed: bytes } };
      if (!isTrusting) return null;
      const place = places.get(reference.blockId);
      if (place !== undefined) return donorPiece(reference, place);
      return written.has(reference.blockId) ? { reference, source: { kind: 'written' } } : null;
    },
    distrust() {
      isTrusting = false;
    },
  };
}

export function donorPiece(reference: BlockReference, { donor, offset }: DonorPlace): Piece {
  return { reference, source: { kind: 'donor', path: donor.path, expect: donor.expect, offset } };
}
