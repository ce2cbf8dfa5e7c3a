import type { BlockId } from '@onefold/protocol';
import type { BlockReference } from '../../core/tree.ts';
import type { PrepareOutcome, PrepareSink, ReadFailure, ReadItem } from '../../ports.ts';
import type { BlockUse, NamedBlock, SealedOut } from './block-calls.ts';
import { contentIdOf } from './content-id.ts';
import { groupsOf } from './groups.ts';
import type { BlockWorker, WorkerPool } from './worker-pool.ts';

/** Plaintext a worker may hold at a time while the control loop looks up which blocks are known. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;
export const GROUP_FILES = 256;

/** One call to prepare: what it has sealed so far serves its later files too, and its sink is asked one thing at a time. */
export interface Sealer {
  small(items: readonly ReadItem[]): Promise<PrepareOutcome[]>;
  large(item: ReadItem): Promise<PrepareOutcome>;
  bytes(bytes: Uint8Array): Promise<readonly BlockReference[]>;
}

/** `blockKey` is that of the epoch and of the use. */
export function createSealer(
  pool: WorkerPool,
  sealing: { readonly epoch: number; readonly blockKey: Uint8Array; readonly use: BlockUse },
  sink: PrepareSink,
): Sealer {
  const { epoch, blockKey, use } = sealing;
  const claimed = new Map<BlockId, Promise<BlockReference>>();
  let sinkTurn: Promise<unknown> = Promise.resolve();

  /** A sink sees one call at a time: its back-pressure then holds for the whole call. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = sinkTurn.then(work, work);
    sinkTurn = turn.catch(() => undefined);
    return turn;
  }

  /** References of the blocks a worker holds under `token`, sealing what nobody knows. */
  async function resolve(worker: BlockWorker, token: number, blocks: readonly NamedBlock[]): Promise<BlockReference[]> {
    const known = blocks.length === 0 ? [] : await inTurn(() => sink.known(blocks.map((block) => block.blockId)));
    const positions: number[] = [];
    const sealed = Promise.withResolvers<ReadonlyMap<number, BlockReference>>();
    // Whoever waits for a block of ours sees the failure; with nobody waiting it is ours alone to report.
    sealed.promise.catch(() => undefined);
    const references = blocks.map(({ blockId }, position): Promise<BlockReference> => {
      const reference = known[position];
      if (reference !== undefined) return Promise.resolve(reference);
      const other = claimed.get(blockId);
      if (other !== undefined) return other;
      positions.push(position);
      const own = sealed.promise.then((references) => references.get(position)!);
      own.catch(() => undefined);
      claimed.set(blockId, own);
      return own;
    });
    try {
      const out: readonly SealedOut[] = await worker.call('sealHeld', token, positions, epoch, blockKey, use);
      if (out.length > 0) await inTurn(() => sink.sealed(out));
      sealed.resolve(new Map(positions.map((position, i) => [position, out[i]!.reference])));
    } catch (error) {
      sealed.reject(error);
      throw error;
    }
    return Promise.all(references);
  }

  return {
    small: (items) =>
      pool.run(async (worker, token) => {
        const reads = await worker.call('readSmall', token, items, true);
        const blocks = reads.flatMap((read) => (read.outcome === 'read' && read.block !== null ? [read.block] : []));
        const references = await resolve(worker, token, blocks);
        let next = 0;
        return reads.map((read, i): PrepareOutcome => {
          if (read.outcome !== 'read') return read;
          const own = read.block === null ? [] : [references[next++]!];
          return {
            outcome: 'read',
            contentId: contentIdOf(own),
            sizeBytes: items[i]!.expect.sizeBytes,
            references: own,
          };
        });
      }),

    large: (item) =>
      pool.run(async (worker, token) => {
        const opened = await worker.call('openLarge', token, item.path, item.expect);
        if (opened.outcome !== 'read') return opened;
        const references: BlockReference[] = [];
        try {
          for (let isEnd = false; !isEnd;) {
            const segment = await worker.call('readSegment', token, SEGMENT_BYTES, true);
            if (segment.outcome !== 'read') return segment satisfies ReadFailure;
            isEnd = segment.isEnd;
            references.push(...(await resolve(worker, token, segment.blocks)));
          }
        } catch (error) {
          await worker.call('closeLarge', token).catch(() => undefined);
          throw error;
        }
        const sizeBytes = references.reduce((sum, reference) => sum + reference.plainLength, 0);
        if (sizeBytes !== item.expect.sizeBytes) return { outcome: 'changed' };
        return { outcome: 'read', contentId: contentIdOf(references), sizeBytes, references };
      }),

    bytes: (bytes) =>
      pool.run(async (worker, token) => {
        const blocks = await worker.call('holdBytes', token, bytes);
        return resolve(worker, token, blocks);
      }),
  };
}

/** Small files in groups that a worker can hold; large ones by themselves. Positions point into `items`. */
export function smallGroups(items: readonly ReadItem[], oneBlockBytes: number): { small: number[][]; large: number[] } {
  const large: number[] = [];
  const small: number[] = [];
  items.forEach((item, position) => (item.expect.sizeBytes > oneBlockBytes ? large : small).push(position));
  return { small: groupsOf(small, (position) => items[position]!.expect.sizeBytes, SEGMENT_BYTES, GROUP_FILES), large };
}
