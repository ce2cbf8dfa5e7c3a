import type { BlockId, CtHash } from '@onefold/protocol';
import { describe, expect, test } from 'vitest';
import type { BlockReference, FileStat } from '../../core/tree.ts';
import type { Blocks, BlockSource, PrepareOutcome, PrepareSink, ReadItem, SealedBlock } from '../../ports.ts';
import type { DiskUnderTest } from './disk-under-test.ts';

export interface BlocksUnderTest extends DiskUnderTest {
  readonly blocks: Blocks;
  /** A size at which content surely has several blocks, in bytes. */
  readonly severalBlocksBytes: number;
}

/** What a server would hold: everything that was given to the sink. */
function createShelf(): {
  sink: PrepareSink;
  source: BlockSource;
  stored: Map<CtHash, SealedBlock>;
  knows: (known: boolean) => void;
} {
  const stored = new Map<CtHash, SealedBlock>();
  const byId = new Map<BlockId, BlockReference>();
  let isKnowing = true;
  return {
    stored,
    knows: (known) => (isKnowing = known),
    sink: {
      known: async (blocks) => blocks.map((block) => (isKnowing ? byId.get(block) : undefined)),
      sealed: async (blocks) => {
        for (const block of blocks) {
          stored.set(block.reference.ctHash, block);
          byId.set(block.reference.blockId, block.reference);
        }
      },
    },
    source: { fetch: async (references) => references.map(({ ctHash }) => stored.get(ctHash)?.sealed.slice() ?? null) },
  };
}

/** Bytes that look random and depend on `salt` alone. */
function noise(length: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (salt * 2_654_435_761) >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

/** What every Blocks port promises. `open` makes a fresh, adopted, empty root with blocks over it. */
export function describeBlocks(name: string, open: () => Promise<BlocksUnderTest>): void {
  async function withBlocks(body: (subject: BlocksUnderTest) => Promise<void>): Promise<void> {
    const subject = await open();
    try {
      await body(subject);
    } finally {
      await subject.close();
    }
  }

  async function item({ files }: BlocksUnderTest, path: string): Promise<ReadItem> {
    const [stat] = await files.stat([path]);
    if (stat === null || stat === undefined || 'outcome' in stat) throw new Error(`nothing stands at ${path}`);
    return { path, expect: stat };
  }

  async function prepare(
    subject: BlocksUnderTest,
    path: string,
    sink: PrepareSink,
  ): Promise<PrepareOutcome & { readonly outcome: 'read' }> {
    const [outcome] = await subject.blocks.prepare([await item(subject, path)], 0, sink);
    if (outcome?.outcome !== 'read') throw new Error(`not read: ${outcome?.outcome}`);
    return outcome;
  }

  describe(`${name}: blocks`, () => {
    test('what is prepared is put together again byte for byte, with its attributes', () =>
      withBlocks(async (subject) => {
        for (const [i, size] of [0, 1, subject.severalBlocksBytes].entries()) {
          const shelf = createShelf();
          const path = `f${i}`;
          await subject.write(path, noise(size, i + 1));
          const { contentId, sizeBytes, references } = await prepare(subject, path, shelf.sink);
          expect(sizeBytes).toBe(size);
          expect(references.reduce((sum, reference) => sum + reference.plainLength, 0)).toBe(size);
          const staging = subject.files.stagingPath(path);
          const attributes = { mtimeNs: 1_600_000_000_000_000_000n, mode: 0o640 };
          const [written] = await subject.blocks.assemble(
            [{ staging, sizeBytes, contentId, references, attributes, donors: [] }],
            shelf.source,
          );
          if (written?.outcome !== 'written') throw new Error('not written');
          expect(await subject.read(staging)).toEqual(noise(size, i + 1));
          expect(written.stat.mtimeNs).toBe(attributes.mtimeNs);
          if (subject.hasModes) expect(written.stat.mode).toBe(0o640);
          expect(await subject.files.stat([staging])).toEqual([written.stat]);
        }
      }));

    test('identify and prepare agree, and equal bytes have equal identity', () =>
      withBlocks(async (subject) => {
        const bytes = noise(subject.severalBlocksBytes, 7);
        await subject.write('a', bytes);
        await subject.write('b', bytes);
        await subject.write('c', noise(subject.severalBlocksBytes, 8));
        const items = await Promise.all(['a', 'b', 'c'].map((path) => item(subject, path)));
        const [a, b, c] = await subject.blocks.identify(items);
        const prepared = await prepare(subject, 'a', createShelf().sink);
        expect(a).toEqual({ outcome: 'read', contentId: prepared.contentId, sizeBytes: bytes.length });
        expect(b).toEqual(a);
        expect(c).not.toEqual(a);
      }));

    test('known blocks are not sealed again, and an insert in the middle seals little', () =>
      withBlocks(async (subject) => {
        const shelf = createShelf();
        const bytes = noise(subject.severalBlocksBytes * 4, 9);
        await subject.write('a', bytes);
        const first = await prepare(subject, 'a', shelf.sink);
        const stored = shelf.stored.size;
        expect(stored).toBeGreaterThan(3);
        await subject.write('b', bytes);
        expect((await prepare(subject, 'b', shelf.sink)).references).toEqual(first.references);
        expect(shelf.stored.size).toBe(stored);
        const middle = bytes.length / 2;
        await subject.write('c', new Uint8Array([...bytes.subarray(0, middle), 1, 2, 3, ...bytes.subarray(middle)]));
        await prepare(subject, 'c', shelf.sink);
        expect(shelf.stored.size - stored).toBeLessThan(stored);
      }));

    test('a file that is not what was seen, or is gone, is not read', () =>
      withBlocks(async (subject) => {
        await subject.write('a', noise(10, 1));
        const seen = await item(subject, 'a');
        await subject.write('a', noise(11, 1));
        const gone: ReadItem = { path: 'none', expect: seen.expect };
        const { sink } = createShelf();
        expect((await subject.blocks.identify([seen, gone])).map((outcome) => outcome.outcome)).toEqual([
          'changed',
          'missing',
        ]);
        expect((await subject.blocks.prepare([seen, gone], 0, sink)).map((outcome) => outcome.outcome)).toEqual([
          'changed',
          'missing',
        ]);
      }));

    test('a missing block and a tampered one fail by name and leave no file', () =>
      withBlocks(async (subject) => {
        const shelf = createShelf();
        await subject.write('a', noise(subject.severalBlocksBytes, 3));
        const { contentId, sizeBytes, references } = await prepare(subject, 'a', shelf.sink);
        const attempt = async (source: BlockSource) => {
          const staging = subject.files.stagingPath('a');
          const [outcome] = await subject.blocks.assemble(
            [{ staging, sizeBytes, contentId, references, attributes: null, donors: [] }],
            source,
          );
          expect(await subject.files.stat([staging])).toEqual([null]);
          return outcome;
        };
        const victim = references[references.length - 1]!.ctHash;
        const without: BlockSource = {
          fetch: async (wanted) =>
            wanted.map(({ ctHash }) => (ctHash === victim ? null : shelf.stored.get(ctHash)!.sealed)),
        };
        expect(await attempt(without)).toEqual({ outcome: 'failed', code: 'blocks-missing' });
        const flipped: BlockSource = {
          fetch: async (wanted) =>
            wanted.map(({ ctHash }) => {
              const sealed = shelf.stored.get(ctHash)!.sealed.slice();
              if (ctHash === victim) sealed[sealed.length - 1]! ^= 1;
              return sealed;
            }),
        };
        expect(await attempt(flipped)).toEqual({ outcome: 'failed', code: 'block-corrupt' });
      }));

    test('a donor saves its blocks from being fetched, and a lying donor does no harm', () =>
      withBlocks(async (subject) => {
        const shelf = createShelf();
        const bytes = noise(subject.severalBlocksBytes, 4);
        await subject.write('a', bytes);
        const { contentId, sizeBytes, references } = await prepare(subject, 'a', shelf.sink);
        await subject.write('stranger', noise(subject.severalBlocksBytes, 5));
        const fetched = async (
          donors: readonly ReadItem[],
        ): Promise<{ stat: FileStat; fetchedBytes: number; path: string }> => {
          const staging = subject.files.stagingPath('a');
          const [outcome] = await subject.blocks.assemble(
            [{ staging, sizeBytes, contentId, references, attributes: null, donors }],
            shelf.source,
          );
          if (outcome?.outcome !== 'written') throw new Error('not written');
          return { ...outcome, path: staging };
        };
        const helped = await fetched([await item(subject, 'a')]);
        expect(helped.fetchedBytes).toBe(0);
        expect(await subject.read(helped.path)).toEqual(bytes);
        const misled = await fetched([await item(subject, 'stranger')]);
        expect(misled.fetchedBytes).toBeGreaterThan(0);
        expect(await subject.read(misled.path)).toEqual(bytes);
      }));

    test('a block that a file holds again and again is fetched once', () =>
      withBlocks(async (subject) => {
        const shelf = createShelf();
        const part = noise(subject.severalBlocksBytes * 2, 10);
        // More than is fetched at a time lies between the two.
        const between = noise(subject.severalBlocksBytes * 90, 11);
        const bytes = new Uint8Array([...part, ...between, ...part, ...new Uint8Array(part.length)]);
        await subject.write('a', bytes);
        const { contentId, sizeBytes, references } = await prepare(subject, 'a', shelf.sink);
        const fetched: CtHash[] = [];
        const source: BlockSource = {
          fetch: (wanted) => {
            fetched.push(...wanted.map(({ ctHash }) => ctHash));
            return shelf.source.fetch(wanted);
          },
        };
        const staging = subject.files.stagingPath('a');
        const [outcome] = await subject.blocks.assemble(
          [{ staging, sizeBytes, contentId, references, attributes: null, donors: [], isResumed: true }],
          source,
        );
        expect(outcome).toMatchObject({ outcome: 'written' });
        expect(Buffer.from(await subject.read(staging)).equals(bytes)).toBe(true);
        expect(references.length).toBeGreaterThan(new Set(fetched).size);
        expect(fetched).toHaveLength(new Set(fetched).size);
      }));

    test('bytes that are no file come back as they were, or not at all', () =>
      withBlocks(async ({ blocks, severalBlocksBytes }) => {
        const shelf = createShelf();
        const bytes = noise(severalBlocksBytes, 6);
        const references = await blocks.sealBytes(bytes, 0, shelf.sink);
        expect(await blocks.openBytes(references, shelf.source)).toEqual(bytes);
        shelf.stored.delete(references[0]!.ctHash);
        await expect(blocks.openBytes(references, shelf.source)).rejects.toMatchObject({ code: 'blocks-missing' });
      }));
  });
}
