/*
 * A worker thread that reads, splits, names, seals, opens and writes. Synchronous on purpose: it has nothing else to do.
 *
 *   held segment   read and named, plaintext waiting for the word which blocks to seal; gone with the next word about its token
 *   open reader    a large file between two segments
 *   open writer    a staging file between two segments; removed when it fails
 */
import { workerData } from 'node:worker_threads';
import { computeBlockId, deriveSplitterKeys, MANIFEST_SPLITTER, sealBlock } from '@onefold/chunker';
import type { FileStat, RelPath } from '../../core/tree.ts';
import { createRootedPaths } from '../disk/rooted-paths.ts';
import { giveWay } from '../machine/give-way.ts';
import { serveCalls, type Transferring } from '../worker-calls.ts';
import type { BlockUse, BlockWorkerData, NamedBlock, SealedOut, SegmentRead, SmallRead } from './block-calls.ts';
import { openExpected, readFailure, readFully, type OpenFile } from './read-file.ts';
import { createSegmentReader, splitBytes, type SegmentReader } from './segment-reader.ts';
import { createStagedWrites } from './staged-write.ts';

const data = workerData as BlockWorkerData;

giveWay();
const paths = createRootedPaths(data.place);
const splitterKeys = deriveSplitterKeys(data.splitterSecret);
const manifestKeys = deriveSplitterKeys(data.manifestSplitterSecret);
const held = new Map<number, readonly Uint8Array[]>();
const readers = new Map<number, { readonly file: OpenFile; readonly reader: SegmentReader }>();
const writes = createStagedWrites(paths, data);

function name(plaintext: Uint8Array): NamedBlock {
  return { blockId: computeBlockId(data.blockIdKey, plaintext), plainLength: plaintext.length };
}

function nameOfManifest(plaintext: Uint8Array): NamedBlock {
  return { blockId: computeBlockId(data.manifestBlockIdKey, plaintext), plainLength: plaintext.length };
}

/** Reads files of at most one block each. With `isKept` their plaintext waits under `token`, in the order of the answers that have a block. */
function readSmall(token: number, items: readonly { path: RelPath; expect: FileStat }[], isKept: boolean): SmallRead[] {
  const plaintexts: Uint8Array[] = [];
  const answers = items.map(({ path, expect }): SmallRead => {
    const opened = openExpected(paths, path, expect);
    if (opened.outcome !== 'open') return opened;
    try {
      if (expect.sizeBytes === 0) return { outcome: 'read', block: null };
      const bytes = new Uint8Array(expect.sizeBytes);
      if (!readFully(opened.file.descriptor, bytes, 0) || !opened.file.isUnchanged()) return { outcome: 'changed' };
      if (isKept) plaintexts.push(bytes);
      return { outcome: 'read', block: name(bytes) };
    } catch (error) {
      return readFailure(error);
    } finally {
      opened.file.close();
    }
  });
  if (isKept) held.set(token, plaintexts);
  return answers;
}

function openLarge(token: number, path: RelPath, expect: FileStat): SegmentRead {
  const opened = openExpected(paths, path, expect);
  if (opened.outcome !== 'open') return opened;
  readers.set(token, {
    file: opened.file,
    reader: createSegmentReader(opened.file.descriptor, splitterKeys, data.splitter),
  });
  return { outcome: 'read', blocks: [], isEnd: false };
}

/** The next blocks of an open file. Its answer with `isEnd` says that the whole file was what had been seen; the reader is then closed. */
function readSegment(token: number, segmentBytes: number, isKept: boolean): SegmentRead {
  const open = readers.get(token);
  if (open === undefined) return { outcome: 'changed' };
  try {
    const { blocks, isEnd } = open.reader.next(segmentBytes);
    if (!open.file.isUnchanged()) {
      closeLarge(token);
      return { outcome: 'changed' };
    }
    if (isKept) held.set(token, blocks);
    if (isEnd) closeLarge(token);
    return { outcome: 'read', blocks: blocks.map(name), isEnd };
  } catch (error) {
    closeLarge(token);
    return readFailure(error);
  }
}

function closeLarge(token: number): void {
  readers.get(token)?.file.close();
  readers.delete(token);
}

/** Splits bytes that are no file, and holds them like a segment. */
function holdBytes(token: number, bytes: Uint8Array): NamedBlock[] {
  const blocks = splitBytes(bytes, manifestKeys, MANIFEST_SPLITTER);
  held.set(token, blocks);
  return blocks.map(nameOfManifest);
}

/** Seals the held blocks at these positions and lets all of them go. */
function sealHeld(
  token: number,
  positions: readonly number[],
  epoch: number,
  blockKey: Uint8Array,
  use: BlockUse,
): Transferring<SealedOut[]> {
  const blocks = held.get(token) ?? [];
  held.delete(token);
  const blockIdKey = use === 'content' ? data.blockIdKey : data.manifestBlockIdKey;
  const context = { namespaceId: data.namespaceId, epoch, blockKey, blockIdKey };
  const value = positions.map((position): SealedOut => {
    const { sealed, ...reference } = sealBlock(context, blocks[position]!);
    return { reference, sealed };
  });
  return { value, transferring: value.map(({ sealed }) => sealed.buffer as ArrayBuffer) };
}

const calls = {
  readSmall,
  openLarge,
  readSegment,
  closeLarge,
  holdBytes,
  sealHeld,
  findInDonor: writes.findInDonor(splitterKeys),
  writeSmall: writes.writeSmall,
  beginWrite: writes.begin,
  writePieces: writes.pieces,
  finishWrite: writes.finish,
  leaveWrite: writes.leave,
  openSealed: writes.openSealed,
};
export type BlockCalls = typeof calls;

serveCalls(calls, () => {
  for (const token of [...readers.keys()]) closeLarge(token);
  writes.abandonAll();
});
