import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { computeBlockId, openBlock, type SplitterKeys } from '@onefold/chunker';
import { freeLarge, OnefoldError, type BlockId } from '@onefold/protocol/plain';
import type { BlockReference, FileStat, RelPath } from '../../core/tree.ts';
import { diskErrorCode } from '../disk/errno.ts';
import { toFileStat } from '../disk/file-stat.ts';
import type { RootedPaths } from '../disk/rooted-paths.ts';
import { setMtimeOfOpenFile } from '../disk/set-times.ts';
import type {
  BeginResult,
  BlockWorkerData,
  EpochKeys,
  FinishResult,
  NamedBlock,
  Piece,
  WriteItem,
  WriteResult,
} from './block-calls.ts';
import { contentIdOf } from './content-id.ts';
import { openExpected, readFully } from './read-file.ts';
import { createSegmentReader } from './segment-reader.ts';

const DONOR_SEGMENT_BYTES = 8 * 1024 * 1024;

interface OpenWrite {
  readonly item: WriteItem;
  readonly absolute: Buffer;
  readonly descriptor: number;
  readonly blocks: NamedBlock[];
  /** Where each of them stands first. */
  readonly places: Map<BlockId, number>;
  /** Bytes written, all verified. */
  at: number;
}

/** Staging files of one worker: created, filled block by block with verified bytes, given mode and mtime. Flushing is the caller's. */
export function createStagedWrites(paths: RootedPaths, data: BlockWorkerData) {
  const open = new Map<number, OpenWrite>();

  function begin(token: number, item: WriteItem): BeginResult {
    try {
      const absolute = paths.locate(item.staging);
      const fresh = item.resumed === null ? constants.O_EXCL : 0;
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | fresh;
      const write = {
        item,
        absolute,
        descriptor: openSync(absolute, flags, openModeOf(item)),
        blocks: [],
        places: new Map<BlockId, number>(),
        at: 0,
      };
      open.set(token, write);
      return { outcome: 'written', standing: item.resumed === null ? 0 : takeUp(write, item.resumed) };
    } catch (error) {
      return { outcome: 'failed', code: diskErrorCode(error) };
    }
  }

  /** Whatever a crash has left: only blocks that are what they are to be count, and what comes after them goes. */
  function takeUp(write: OpenWrite, wanted: readonly BlockReference[]): number {
    for (const reference of wanted) {
      const bytes = new Uint8Array(reference.plainLength);
      if (!readFully(write.descriptor, bytes, write.at)) break;
      const isTheBlock = computeBlockId(data.blockIdKey, bytes) === reference.blockId;
      freeLarge(bytes);
      if (!isTheBlock) break;
      add(write, reference);
    }
    ftruncateSync(write.descriptor, write.at);
    return write.blocks.length;
  }

  function add(write: OpenWrite, reference: BlockReference): void {
    if (!write.places.has(reference.blockId)) write.places.set(reference.blockId, write.at);
    write.blocks.push(reference);
    write.at += reference.plainLength;
  }

  /** Appends blocks in order, up to one that is not where it was said to be. One is held in memory at a time. A failure removes the file. */
  function pieces(token: number, wanted: readonly Piece[], keys: EpochKeys): WriteResult {
    const write = open.get(token);
    if (write === undefined) return { outcome: 'failed', code: 'internal' };
    try {
      for (const [position, piece] of wanted.entries()) {
        const plaintext = plaintextOf(write, piece, keys);
        if (plaintext === null) return { outcome: 'lost', position };
        // What is all zeros takes no room on the disk: the file is made longer over it. Nothing stands beyond `at`.
        if (isAllZero(plaintext)) ftruncateSync(write.descriptor, write.at + plaintext.length);
        else writeFully(write.descriptor, plaintext, write.at);
        freeLarge(plaintext);
        add(write, piece.reference);
      }
      for (const { source } of wanted) if (source.kind === 'sealed') freeLarge(source.sealed);
      return { outcome: 'written' };
    } catch (error) {
      abandon(token);
      return { outcome: 'failed', code: diskErrorCode(error) };
    }
  }

  function plaintextOf(write: OpenWrite, { reference, source }: Piece, keys: EpochKeys): Uint8Array | null {
    if (source.kind === 'sealed') return openBlock(contextOf(reference, keys), reference, source.sealed);
    if (source.kind === 'written') return readBlock(write.descriptor, reference, write.places.get(reference.blockId));
    const opened = openExpected(paths, source.path, source.expect);
    if (opened.outcome !== 'open') return null;
    try {
      return readBlock(opened.file.descriptor, reference, source.offset);
    } catch {
      return null;
    } finally {
      opened.file.close();
    }
  }

  /** Null for what is not the block. */
  function readBlock(
    descriptor: number,
    { blockId, plainLength }: BlockReference,
    offset: number | undefined,
  ): Uint8Array | null {
    const bytes = new Uint8Array(plainLength);
    if (offset === undefined || !readFully(descriptor, bytes, offset)) return null;
    return computeBlockId(data.blockIdKey, bytes) === blockId ? bytes : null;
  }

  function contextOf(reference: BlockReference, keys: EpochKeys, blockIdKey = data.blockIdKey) {
    const blockKey = keys.get(reference.epoch);
    if (blockKey === undefined) throw new OnefoldError('key-missing', 'no key for the epoch of a block');
    return { namespaceId: data.namespaceId, epoch: reference.epoch, blockKey, blockIdKey };
  }

  function finish(token: number): FinishResult {
    const write = open.get(token);
    if (write === undefined) return { outcome: 'failed', code: 'internal' };
    // What a member signed need not be true: the blocks must be those of the content it names.
    if (contentIdOf(write.blocks) !== write.item.contentId) {
      abandon(token);
      return { outcome: 'failed', code: 'seal-corrupt' };
    }
    try {
      const { mode, mtimeNs } = write.item.attributes ?? { mode: null, mtimeNs: null };
      if (mode !== null) fchmodSync(write.descriptor, mode & 0o777);
      if (mtimeNs !== null) setMtimeOfOpenFile(write.descriptor, mtimeNs);
      const stat = toFileStat(fstatSync(write.descriptor, { bigint: true }), paths.place.alias);
      closeSync(write.descriptor);
      open.delete(token);
      return { outcome: 'written', stat };
    } catch (error) {
      abandon(token);
      return { outcome: 'failed', code: diskErrorCode(error) };
    }
  }

  function abandon(token: number): void {
    const write = open.get(token);
    if (write === undefined) return;
    open.delete(token);
    try {
      closeSync(write.descriptor);
      unlinkSync(write.absolute);
    } catch {
      // What stays in staging is swept at the next start.
    }
  }

  /** Whole small files at once; `token` is borrowed for each in turn. */
  function writeSmall(
    token: number,
    items: readonly { readonly item: WriteItem; readonly pieces: readonly Piece[] }[],
    keys: EpochKeys,
  ): (FinishResult | { readonly outcome: 'lost' })[] {
    return items.map(({ item, pieces: wanted }) => {
      const begun = begin(token, item);
      if (begun.outcome === 'failed') return begun;
      const written = pieces(token, wanted, keys);
      if (written.outcome === 'written') return finish(token);
      abandon(token);
      return written;
    });
  }

  /** Offsets of the wanted blocks in a local file, found by splitting it anew. Empty when it is not what was seen. */
  function findInDonor(splitterKeys: SplitterKeys) {
    return (path: RelPath, expect: FileStat, wanted: ReadonlySet<BlockId>): Map<BlockId, number> => {
      const found = new Map<BlockId, number>();
      const opened = openExpected(paths, path, expect);
      if (opened.outcome !== 'open') return found;
      try {
        const reader = createSegmentReader(opened.file.descriptor, splitterKeys, data.splitter);
        let offset = 0;
        for (let isEnd = false; !isEnd;) {
          const segment = reader.next(DONOR_SEGMENT_BYTES);
          isEnd = segment.isEnd;
          for (const block of segment.blocks) {
            const blockId = computeBlockId(data.blockIdKey, block);
            if (wanted.has(blockId)) found.set(blockId, offset);
            offset += block.length;
          }
        }
      } catch {
        // A donor only ever saves a transfer.
      } finally {
        opened.file.close();
      }
      return found;
    };
  }

  /** Blocks of a manifest. */
  function openSealed(
    blocks: readonly { reference: BlockReference; sealed: Uint8Array }[],
    keys: EpochKeys,
  ): Uint8Array {
    return Buffer.concat(
      blocks.map(({ reference, sealed }) =>
        openBlock(contextOf(reference, keys, data.manifestBlockIdKey), reference, sealed),
      ),
    );
  }

  /** What was begun stays, to be gone on from, where that was wanted. */
  function leave(token: number): void {
    const write = open.get(token);
    if (write === undefined || write.item.resumed === null) return abandon(token);
    open.delete(token);
    closeSync(write.descriptor);
  }

  function abandonAll(): void {
    for (const token of [...open.keys()]) leave(token);
  }

  return { begin, pieces, finish, leave, writeSmall, findInDonor, openSealed, abandonAll };
}

/** Private until it has its own mode; without one the system's mask decides. */
function openModeOf({ attributes }: WriteItem): number {
  return attributes?.mode == null ? 0o666 : 0o600;
}

function writeFully(descriptor: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
}

const LEAST_HOLE_BYTES = 4_096;
const ZEROS = Buffer.alloc(64 * 1024);

function isAllZero(bytes: Uint8Array): boolean {
  if (bytes.length < LEAST_HOLE_BYTES) return false;
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (ZEROS.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}
