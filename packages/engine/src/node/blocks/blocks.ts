import { availableParallelism } from 'node:os';
import type { NamespaceId } from '@onefold/protocol';
import { OnefoldError } from '@onefold/protocol';
import type { BlockReference } from '../../core/tree.ts';
import type { AssembleItem, AssembleOutcome, Blocks, IdentifyOutcome, PrepareOutcome, ReadItem } from '../../ports.ts';
import type { RootPlace } from '../disk/rooted-paths.ts';
import { createAssembler } from './assemble.ts';
import type { EpochKeys, NamedBlock } from './block-calls.ts';
import { contentIdOf } from './content-id.ts';
import { groupsOf } from './groups.ts';
import { createSealer, GROUP_FILES, SEGMENT_BYTES, smallGroups } from './prepare.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** What the worker threads need of a namespace's keys. */
export interface BlockKeys {
  readonly namespaceId: NamespaceId;
  readonly splitterSecret: Uint8Array;
  readonly manifestSplitterSecret: Uint8Array;
  readonly splitter: { readonly min: number; readonly mean: number; readonly max: number };
  readonly blockIdKey: Uint8Array;
  readonly manifestBlockIdKey: Uint8Array;
  /** Throws `key-missing` for an epoch this device holds no key of. */
  readonly blockKey: (epoch: number) => Uint8Array;
  /** As blockKey, for the blocks of long manifests. */
  readonly manifestBlockKey: (epoch: number) => Uint8Array;
}

/** Two groups a worker: while one waits for the store, the network or the control loop, the other works. */
const JOBS_PER_WORKER = 2;
const MOST_WORKERS = 4;

/** The Blocks port over worker threads and one real folder. */
export function createBlocks(options: { readonly place: RootPlace; readonly keys: BlockKeys }): Blocks & {
  close(): Promise<void>;
} {
  const { place, keys } = options;
  const { namespaceId, splitterSecret, manifestSplitterSecret, splitter, blockIdKey, manifestBlockIdKey } = keys;
  const size = Math.min(MOST_WORKERS, Math.max(1, availableParallelism()));
  const pool = createWorkerPool(
    { place, namespaceId, splitterSecret, manifestSplitterSecret, splitter, blockIdKey, manifestBlockIdKey },
    size,
  );

  function keysFor(references: Iterable<BlockReference>, keyOf = keys.blockKey): EpochKeys {
    const epochs = new Map<number, Uint8Array>();
    for (const { epoch } of references) if (!epochs.has(epoch)) epochs.set(epoch, keyOf(epoch));
    return epochs;
  }

  return {
    identify: (items) => identify(pool, items, splitter.min, size),

    async prepare(items, epoch, sink) {
      const sealer = createSealer(pool, { epoch, blockKey: keys.blockKey(epoch), use: 'content' }, sink);
      const outcomes = new Array<PrepareOutcome>(items.length);
      const { small, large } = smallGroups(items, splitter.min);
      const jobs = [
        ...small.map((group) => async () => {
          const done = await sealer.small(group.map((position) => items[position]!));
          group.forEach((position, i) => (outcomes[position] = done[i]!));
        }),
        ...large.map((position) => async () => {
          outcomes[position] = await sealer.large(items[position]!);
        }),
      ];
      await runSome(jobs, size * JOBS_PER_WORKER);
      return outcomes;
    },

    async assemble(items, source) {
      const assembler = createAssembler(pool, keysFor(items.flatMap((item) => item.references)), source);
      const outcomes = new Array<AssembleOutcome>(items.length);
      const groups = groupsOf(
        [...items.keys()],
        (position) => sealedBytes(items[position]!),
        SEGMENT_BYTES * 2,
        GROUP_FILES,
      );
      const jobs = groups.map((group) => async () => {
        const first = items[group[0]!]!;
        const isLarge = first.isResumed === true || (group.length === 1 && sealedBytes(first) > SEGMENT_BYTES * 2);
        const done = isLarge
          ? [await assembler.large(first)]
          : await assembler.small(group.map((position) => items[position]!));
        group.forEach((position, i) => (outcomes[position] = done[i]!));
      });
      await runSome(jobs, size * JOBS_PER_WORKER);
      return outcomes;
    },

    sealBytes: (bytes, epoch, sink) =>
      createSealer(pool, { epoch, blockKey: keys.manifestBlockKey(epoch), use: 'manifest' }, sink).bytes(bytes),

    async openBytes(references, source) {
      const sealed = await source.fetch(references);
      const blocks = references.map((reference, i) => {
        const bytes = sealed[i];
        if (bytes === null || bytes === undefined) throw new OnefoldError('blocks-missing', 'the server lacks a block');
        return { reference, sealed: bytes };
      });
      const opened = await pool.run((worker) =>
        worker.call('openSealed', blocks, keysFor(references, keys.manifestBlockKey)),
      );
      return new Uint8Array(opened.buffer, opened.byteOffset, opened.byteLength);
    },

    close: () => pool.close(),
  };
}

async function identify(
  pool: WorkerPool,
  items: readonly ReadItem[],
  oneBlockBytes: number,
  size: number,
): Promise<IdentifyOutcome[]> {
  const outcomes = new Array<IdentifyOutcome>(items.length);
  const { small, large } = smallGroups(items, oneBlockBytes);
  const jobs = [
    ...small.map((group) => async () => {
      const reads = await pool.run((worker, token) =>
        worker.call(
          'readSmall',
          token,
          group.map((position) => items[position]!),
          false,
        ),
      );
      group.forEach((position, i) => {
        const read = reads[i]!;
        const sizeBytes = items[position]!.expect.sizeBytes;
        outcomes[position] =
          read.outcome === 'read'
            ? { outcome: 'read', contentId: contentIdOf(read.block === null ? [] : [read.block]), sizeBytes }
            : read;
      });
    }),
    ...large.map((position) => async () => {
      outcomes[position] = await identifyLarge(pool, items[position]!);
    }),
  ];
  await runSome(jobs, size * JOBS_PER_WORKER);
  return outcomes;
}

function identifyLarge(pool: WorkerPool, item: ReadItem): Promise<IdentifyOutcome> {
  return pool.run(async (worker, token) => {
    const opened = await worker.call('openLarge', token, item.path, item.expect);
    if (opened.outcome !== 'read') return opened;
    const blocks: NamedBlock[] = [];
    for (;;) {
      const segment = await worker.call('readSegment', token, SEGMENT_BYTES, false);
      if (segment.outcome !== 'read') return segment;
      blocks.push(...segment.blocks);
      if (!segment.isEnd) continue;
      const sizeBytes = blocks.reduce((sum, block) => sum + block.plainLength, 0);
      return sizeBytes === item.expect.sizeBytes
        ? { outcome: 'read', contentId: contentIdOf(blocks), sizeBytes }
        : { outcome: 'changed' };
    }
  });
}

function sealedBytes(item: AssembleItem): number {
  return item.references.reduce((sum, reference) => sum + reference.ctLength, 0);
}

/** Runs jobs in order, at most `most` at a time. The first failure rejects once those under way have ended. */
async function runSome(jobs: readonly (() => Promise<void>)[], most: number): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  async function lane(): Promise<void> {
    while (failure === null && next < jobs.length) {
      const job = jobs[next++]!;
      await job().catch((error: unknown) => {
        failure ??= { error };
      });
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, lane));
  const failed = failure as { readonly error: unknown } | null;
  if (failed !== null) throw failed.error;
}
