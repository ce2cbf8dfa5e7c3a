import { LARGE_BYTES, type BlockId, type CtHash, type ErrorCode } from '@onefold/protocol';
import type { BlockReference } from '../../core/tree.ts';
import type { AssembleItem, AssembleOutcome, BlockSource, ReadItem } from '../../ports.ts';
import {
  createSources,
  donorPiece,
  type DonorPlace,
  type DonorPlaces,
  type Sealed,
  type Sources,
} from './block-sources.ts';
import type { EpochKeys, Piece, WriteItem } from './block-calls.ts';
import { groupsOf } from './groups.ts';
import { GROUP_FILES } from './prepare.ts';
import type { BlockWorker, WorkerPool } from './worker-pool.ts';

/** Sealed bytes fetched and held at a time for one job. */
const FETCH_BYTES = 4 * 1024 * 1024;

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
    if (place !== undefined) return donorPiece(reference, place);
    const bytes = sealed.get(reference.ctHash);
    return bytes === undefined ? null : { reference, source: { kind: 'sealed', sealed: bytes } };
  }

  function found(references: readonly BlockReference[]): void {
    source.found?.(references.reduce((sum, { plainLength }) => sum + plainLength, 0));
  }

  /** One group is fetched while the one before it is written. */
  async function large(item: AssembleItem): Promise<AssembleOutcome> {
    if (!isConsistent(item)) return { outcome: 'failed', code: 'seal-corrupt' };
    return pool.run(async (worker, token) => {
      const begun = await worker.call('beginWrite', token, writeItemOf(item));
      if (begun.outcome === 'failed') return begun;
      const left = item.references.slice(begun.standing);
      const standing = item.references.slice(0, begun.standing);
      found(standing);
      try {
        const places = await findDonors(worker, [{ ...item, references: left }]);
        let fetchedBytes = 0;
        const sources = createSources(places, standing, async (references) => {
          const sealed = await fetch(references);
          fetchedBytes += bytesOf(sealed);
          return sealed;
        });
        const groups = groupsOf(
          left,
          ({ ctLength, plainLength }) => Math.max(ctLength, plainLength),
          FETCH_BYTES,
          GROUP_FILES,
        );
        let next = sources.fetchFor(groups[0] ?? []);
        for (const [position, group] of groups.entries()) {
          const now = next;
          next = sources.fetchFor(groups[position + 1] ?? []);
          // Whoever leaves early does not wait for it.
          next.catch(() => undefined);
          const written = await writeGroup(worker, token, group, sources, await now);
          if (written !== null) return written;
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

  /** Null when all of it is written. */
  async function writeGroup(
    worker: BlockWorker,
    token: number,
    group: readonly BlockReference[],
    sources: Sources,
    fetched: Sealed,
  ): Promise<AssembleOutcome | null> {
    const came = new Set(fetched.keys());
    let sealed = fetched;
    for (let left = group; ;) {
      const pieces = left.map((reference) => sources.pieceOf(reference, sealed));
      const lacking = left.filter((_, i) => pieces[i] === null);
      if (lacking.length > 0) {
        // It was to come from where nothing is taken from any more.
        const more = await sources.fetch(lacking);
        if (lacking.some(({ ctHash }) => !more.has(ctHash))) throw new Missing();
        for (const ctHash of more.keys()) came.add(ctHash);
        sealed = new Map([...sealed, ...more]);
        continue;
      }
      const written = await worker.call('writePieces', token, moveSealed(worker, pieces as readonly Piece[]), keys);
      if (written.outcome === 'failed') return written;
      if (written.outcome === 'written') {
        found(group.filter(({ ctHash }) => !came.has(ctHash)));
        return null;
      }
      // What stands here is not what it was taken for: the rest is fetched.
      left = left.slice(written.position);
      sources.distrust();
      sealed = new Map();
    }
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

/** Large sealed bytes move into the worker with the next call: nobody here looks at them again. */
function moveSealed(worker: BlockWorker, pieces: readonly Piece[]): readonly Piece[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { source } of pieces) {
    if (source.kind !== 'sealed' || source.sealed.length < LARGE_BYTES) continue;
    const { buffer, byteLength } = source.sealed;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer);
  }
  worker.transfer([...buffers]);
  return pieces;
}

function bytesOf(sealed: Sealed): number {
  let bytes = 0;
  for (const block of sealed.values()) bytes += block.length;
  return bytes;
}
