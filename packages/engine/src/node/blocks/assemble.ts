import type { BlockId, CtHash, ErrorCode } from '@onefold/protocol';
import type { BlockReference } from '../../core/tree.ts';
import type { AssembleItem, AssembleOutcome, BlockSource, ReadItem } from '../../ports.ts';
import type { EpochKeys, Piece, WriteItem } from './block-calls.ts';
import { groupsOf } from './groups.ts';
import { GROUP_FILES } from './prepare.ts';
import type { BlockWorker, WorkerPool } from './worker-pool.ts';

/** Sealed bytes fetched and held at a time for one job. */
const FETCH_BYTES = 4 * 1024 * 1024;

interface DonorPlace {
  readonly donor: ReadItem;
  readonly offset: number;
}

type DonorPlaces = ReadonlyMap<BlockId, DonorPlace>;

export interface Assembler {
  small(items: readonly AssembleItem[]): Promise<AssembleOutcome[]>;
  large(item: AssembleItem): Promise<AssembleOutcome>;
}

class Missing extends Error {
  readonly code: ErrorCode = 'blocks-missing';
}

export function createAssembler(pool: WorkerPool, keys: EpochKeys, source: BlockSource): Assembler {
  /** Where local files hold wanted blocks. */
  async function findDonors(worker: BlockWorker, items: readonly AssembleItem[]): Promise<DonorPlaces> {
    const places = new Map<BlockId, DonorPlace>();
    const wanted = new Map<string, { donor: ReadItem; blocks: Set<BlockId> }>();
    for (const { donors, references } of items) {
      for (const donor of donors) {
        const entry = wanted.get(donor.path) ?? { donor, blocks: new Set() };
        for (const { blockId } of references) entry.blocks.add(blockId);
        wanted.set(donor.path, entry);
      }
    }
    for (const { donor, blocks } of wanted.values()) {
      for (const blockId of places.keys()) blocks.delete(blockId);
      if (blocks.size === 0) continue;
      const found = await worker.call('findInDonor', donor.path, donor.expect, blocks);
      for (const [blockId, offset] of found) places.set(blockId, { donor, offset });
    }
    return places;
  }

  async function fetch(references: readonly BlockReference[]): Promise<Map<CtHash, Uint8Array>> {
    const distinct = [...new Map(references.map((reference) => [reference.ctHash, reference])).values()];
    const sealed = distinct.length === 0 ? [] : await source.fetch(distinct);
    const byHash = new Map<CtHash, Uint8Array>();
    distinct.forEach(({ ctHash }, i) => {
      const bytes = sealed[i];
      if (bytes !== null && bytes !== undefined) byHash.set(ctHash, bytes);
    });
    return byHash;
  }

  function pieceOf(
    reference: BlockReference,
    sealed: ReadonlyMap<CtHash, Uint8Array>,
    places: DonorPlaces,
  ): Piece | null {
    const place = places.get(reference.blockId);
    if (place !== undefined) {
      const { path, expect } = place.donor;
      return { reference, source: { kind: 'donor', path, expect, offset: place.offset } };
    }
    const bytes = sealed.get(reference.ctHash);
    return bytes === undefined ? null : { reference, source: { kind: 'sealed', sealed: bytes } };
  }

  function found(references: readonly BlockReference[]): void {
    source.found?.(references.reduce((sum, { plainLength }) => sum + plainLength, 0));
  }

  async function large(item: AssembleItem): Promise<AssembleOutcome> {
    if (!isConsistent(item)) return { outcome: 'failed', code: 'seal-corrupt' };
    return pool.run(async (worker, token) => {
      const begun = await worker.call('beginWrite', token, writeItemOf(item));
      if (begun.outcome === 'failed') return begun;
      const left = item.references.slice(begun.standing);
      found(item.references.slice(0, begun.standing));
      let fetchedBytes = 0;
      try {
        let places = await findDonors(worker, [{ ...item, references: left }]);
        for (const group of groupsOf(left, (reference) => reference.ctLength, FETCH_BYTES, GROUP_FILES)) {
          for (;;) {
            const sealed = await fetch(group.filter((reference) => !places.has(reference.blockId)));
            const pieces = group.map((reference) => pieceOf(reference, sealed, places));
            if (!pieces.every((piece) => piece !== null)) throw new Missing();
            const written = await worker.call('writePieces', token, pieces, keys);
            if (written.outcome === 'failed') return written;
            if (written.outcome === 'written') {
              fetchedBytes += bytesOf(sealed);
              found(group.filter((reference) => places.has(reference.blockId)));
              break;
            }
            // The donor changed underneath: what it promised is fetched instead.
            places = new Map();
          }
        }
        const finished = await worker.call('finishWrite', token);
        return finished.outcome === 'failed' ? finished : { ...finished, fetchedBytes };
      } catch (error) {
        await worker.call('leaveWrite', token).catch(() => undefined);
        if (error instanceof Missing) return { outcome: 'failed', code: error.code };
        throw error;
      }
    });
  }

  async function small(items: readonly AssembleItem[]): Promise<AssembleOutcome[]> {
    return pool.run(async (worker, token) => {
      const places = await findDonors(worker, items);
      const sealed = await fetch(
        items.flatMap((item) => item.references.filter((reference) => !places.has(reference.blockId))),
      );
      const outcomes = items.map((item): AssembleOutcome | null => {
        if (!isConsistent(item)) return { outcome: 'failed', code: 'seal-corrupt' };
        const isWhole = item.references.every((reference) => pieceOf(reference, sealed, places) !== null);
        return isWhole ? null : { outcome: 'failed', code: 'blocks-missing' };
      });
      const ready = items.flatMap((_, i) => (outcomes[i] === null ? [i] : []));
      const results = await worker.call(
        'writeSmall',
        token,
        ready.map((i) => ({
          item: writeItemOf(items[i]!),
          pieces: items[i]!.references.map((reference) => pieceOf(reference, sealed, places)!),
        })),
        keys,
      );
      const alone: number[] = [];
      ready.forEach((i, position) => {
        const item = items[i]!;
        const result = results[position]!;
        if (result.outcome === 'lost') alone.push(i);
        else if (result.outcome === 'failed') outcomes[i] = result;
        else {
          const fetched = item.references.filter((reference) => !places.has(reference.blockId));
          const fetchedBytes = fetched.reduce((sum, reference) => sum + reference.ctLength, 0);
          outcomes[i] = { ...result, fetchedBytes };
        }
      });
      // Their donors changed underneath: once more, each by itself and without donors.
      for (const i of alone) outcomes[i] = await large({ ...items[i]!, donors: [] });
      return outcomes as AssembleOutcome[];
    });
  }

  return { small, large };
}

function writeItemOf({ staging, contentId, attributes, isResumed, references }: AssembleItem): WriteItem {
  return { staging, contentId, attributes, resumed: isResumed === true ? references : null };
}

/** A manifest's lengths add up to the size it declares. Members write manifests, so they are untrusted. */
function isConsistent(item: AssembleItem): boolean {
  return item.references.reduce((sum, reference) => sum + reference.plainLength, 0) === item.sizeBytes;
}

function bytesOf(sealed: ReadonlyMap<CtHash, Uint8Array>): number {
  let bytes = 0;
  for (const block of sealed.values()) bytes += block.length;
  return bytes;
}
