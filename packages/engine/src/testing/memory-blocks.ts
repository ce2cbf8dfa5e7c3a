/*
 * The Blocks port over a simulated disk, with sealing that hides nothing: a sealed block is its plaintext behind a header. Names, cuts and
 * failures behave as the real ones do: equal bytes get equal names, cuts depend on content, what was tampered with does not open,
 * and a file that changes while it is read is never taken. Blocks are tiny, so that files of a few kilobytes have several.
 */
import { hash } from 'node:crypto';
import { concatBytes, equalBytes, OnefoldError, type BlockId, type ContentId, type CtHash } from '@onefold/protocol';
import type { BlockReference, FileStat } from '../core/tree.ts';
import type {
  AssembleItem,
  AssembleOutcome,
  Blocks,
  BlockSource,
  IdentifyOutcome,
  PrepareOutcome,
  PrepareSink,
  ReadFailure,
  ReadItem,
} from '../ports.ts';
import { DiskError, errorCodeOf } from './disk-error.ts';
import { removeStagedFile, writeStagedFile, type Touched } from './disk-file-system.ts';
import type { MemoryDisk } from './memory-disk.ts';
import type { Gate } from './scheduler.ts';

const MIN_BLOCK_BYTES = 64;
const MAX_BLOCK_BYTES = 512;
/** Bytes read between two gate points. */
const READ_SLICE_BYTES = 700;
const BLOCKS_PER_BATCH = 8;
const HEADER_BYTES = 4 + 32;

/*
 * Bytes are never changed in place: whoever writes puts others in their stead. So what was made of some bytes once stands for them, on every
 * device that holds the very same ones.
 */
const cuts = new WeakMap<Uint8Array, readonly Uint8Array[]>();
const blockIds = new WeakMap<Uint8Array, BlockId>();
const contentIds = new WeakMap<Uint8Array, ContentId>();
const openedBlocks = new WeakMap<Uint8Array, { readonly reference: BlockReference; readonly plain: Uint8Array }>();

/** Content-defined cuts: after a byte that is a multiple of 61, not below the minimum, at the maximum at the latest. */
export function splitContent(bytes: Uint8Array): readonly Uint8Array[] {
  let blocks = cuts.get(bytes);
  if (blocks === undefined) cuts.set(bytes, (blocks = splitNow(bytes)));
  return blocks;
}

function splitNow(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    const length = i + 1 - start;
    if (length >= MAX_BLOCK_BYTES || (length >= MIN_BLOCK_BYTES && bytes[i]! % 61 === 0)) {
      blocks.push(bytes.subarray(start, i + 1));
      start = i + 1;
    }
  }
  if (start < bytes.length) blocks.push(bytes.subarray(start));
  return blocks;
}

/** Name of a plaintext block. */
export function fakeBlockId(plain: Uint8Array): BlockId {
  let blockId = blockIds.get(plain);
  if (blockId === undefined) blockIds.set(plain, (blockId = hash('sha256', plain, 'hex') as BlockId));
  return blockId;
}

/** contentId much as the format has it: SHA-256 over the ordered (blockId, plainLength), here as text. */
export function fakeContentId(
  blocks: readonly { readonly blockId: BlockId; readonly plainLength: number }[],
): ContentId {
  const text = blocks.map(({ blockId, plainLength }) => `${blockId} ${plainLength}`).join(' ');
  return hash('sha256', text, 'hex') as ContentId;
}

export function contentIdOfBytes(bytes: Uint8Array): ContentId {
  const known = contentIds.get(bytes);
  if (known !== undefined) return known;
  const contentId = fakeContentId(
    splitContent(bytes).map((plain) => ({ blockId: fakeBlockId(plain), plainLength: plain.length })),
  );
  contentIds.set(bytes, contentId);
  return contentId;
}

/** "Seals": nonce, epoch and block id in front, then the plaintext. */
export function sealFakeBlock(
  plain: Uint8Array,
  epoch: number,
  nonce = 0,
): { readonly reference: BlockReference; readonly sealed: Uint8Array } {
  const blockId = fakeBlockId(plain);
  const sealed = headed(plain, epoch, nonce, blockId);
  const ctHash = hash('sha256', sealed, 'hex') as CtHash;
  return { reference: { epoch, blockId, ctHash, ctLength: sealed.length, plainLength: plain.length }, sealed };
}

function headed(plain: Uint8Array, epoch: number, nonce: number, blockId: BlockId): Uint8Array {
  const sealed = new Uint8Array(HEADER_BYTES + plain.length);
  const view = new DataView(sealed.buffer);
  view.setUint32(0, nonce);
  view.setUint8(4, epoch);
  sealed.set(Buffer.from(blockId, 'hex').subarray(0, HEADER_BYTES - 5), 5);
  sealed.set(plain, HEADER_BYTES);
  return sealed;
}

/** Plaintext, or null when the sealed bytes are not what the reference promises. */
export function openFakeBlock(reference: BlockReference, sealed: Uint8Array): Uint8Array | null {
  const known = openedBlocks.get(sealed);
  if (known !== undefined && isSameBlock(known.reference, reference)) return known.plain;
  const plain = sealed.subarray(HEADER_BYTES);
  if (hash('sha256', sealed, 'hex') !== reference.ctHash) return null;
  if (sealed.length < HEADER_BYTES) return null;
  const nonce = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
  if (!equalBytes(sealed, headed(plain, reference.epoch, nonce, reference.blockId))) return null;
  openedBlocks.set(sealed, { reference, plain });
  return plain;
}

function isSameBlock(a: BlockReference, b: BlockReference): boolean {
  return a.ctHash === b.ctHash && a.blockId === b.blockId && a.epoch === b.epoch;
}

/** Care a planted bug leaves out. */
export interface BlocksCare {
  /** Looks again after reading whether the file stood still. */
  readonly looksAgain: boolean;
  /** Hashes what a local file gives for a block. */
  readonly hashesDonors: boolean;
}

export function createMemoryBlocks(
  disk: MemoryDisk,
  gate: Gate,
  touched: Touched,
  care: BlocksCare = { looksAgain: true, hashesDonors: true },
  sealer = 0,
): Blocks {
  const timesSealed = new Map<BlockId, number>();

  /** Whole content of a file that stood still from before the first byte to after the last. */
  async function readWhole({ path, expect }: ReadItem): Promise<Uint8Array | ReadFailure> {
    await gate(`read ${path}`);
    const fault = disk.takeFault('read');
    if (fault !== null) return { outcome: 'failed', code: fault };
    const found = disk.find(path);
    if (found === null) return { outcome: 'missing' };
    const { inode, volume } = found;
    if (inode.kind !== 'file') return { outcome: 'changed' };
    const broken = disk.brokenCode(inode, 'read');
    if (broken !== null) return { outcome: 'failed', code: broken };
    const isUnchanged = () => isSameFile(expect, disk.statOf(found));
    if (!isUnchanged()) return { outcome: 'changed' };
    volume.open(inode);
    const { data } = inode;
    const parts: Uint8Array[] = [];
    let readBytes = 0;
    let isOfOnePiece = true;
    try {
      for (let offset = 0; offset < inode.data.length; offset += READ_SLICE_BYTES) {
        if (offset > 0) await gate(`read-on ${path}`);
        const part = inode.data.subarray(offset, offset + READ_SLICE_BYTES);
        isOfOnePiece &&= inode.data === data;
        readBytes += part.length;
        parts.push(part);
      }
    } finally {
      volume.closeHandle(inode);
    }
    await gate(`read-end ${path}`);
    if (care.looksAgain && (!isUnchanged() || disk.find(path)?.inode !== inode)) return { outcome: 'changed' };
    return isOfOnePiece && readBytes === data.length ? data : concatBytes(...parts);
  }

  /** What is sealed once more, or by another sealer, is another block, as with a nonce by chance. */
  function sealAnew(plain: Uint8Array, epoch: number): ReturnType<typeof sealFakeBlock> {
    const key = fakeBlockId(plain);
    const times = timesSealed.get(key) ?? 0;
    timesSealed.set(key, times + 1);
    return sealFakeBlock(plain, epoch, sealer * 2 ** 16 + (times % 2 ** 16));
  }

  async function seal(plains: readonly Uint8Array[], epoch: number, sink: PrepareSink): Promise<BlockReference[]> {
    const references: BlockReference[] = [];
    for (let start = 0; start < plains.length; start += BLOCKS_PER_BATCH) {
      const batch = plains.slice(start, start + BLOCKS_PER_BATCH);
      const known = await sink.known(batch.map(fakeBlockId));
      const sealed = batch.map((plain, i) => (known[i] === undefined ? sealAnew(plain, epoch) : null));
      const fresh = sealed.filter((block) => block !== null);
      if (fresh.length > 0) await sink.sealed(fresh);
      sealed.forEach((block, i) => references.push(block === null ? known[i]! : block.reference));
    }
    return references;
  }

  async function identifyOne(item: ReadItem): Promise<IdentifyOutcome> {
    const bytes = await readWhole(item);
    if (!(bytes instanceof Uint8Array)) return bytes;
    return { outcome: 'read', contentId: contentIdOfBytes(bytes), sizeBytes: bytes.length };
  }

  async function prepareOne(item: ReadItem, epoch: number, sink: PrepareSink): Promise<PrepareOutcome> {
    const bytes = await readWhole(item);
    if (!(bytes instanceof Uint8Array)) return bytes;
    const references = await seal(splitContent(bytes), epoch, sink);
    return { outcome: 'read', contentId: fakeContentId(references), sizeBytes: bytes.length, references };
  }

  async function openAll(
    references: readonly BlockReference[],
    local: ReadonlyMap<BlockId, Uint8Array>,
    source: BlockSource,
  ): Promise<
    { readonly plains: readonly Uint8Array[]; readonly fetchedBytes: number } | 'blocks-missing' | 'block-corrupt'
  > {
    const missing = [
      ...new Map(references.filter(({ blockId }) => !local.has(blockId)).map((r) => [r.blockId, r])).values(),
    ];
    const opened = new Map(local);
    let fetchedBytes = 0;
    for (let start = 0; start < missing.length; start += BLOCKS_PER_BATCH) {
      const batch = missing.slice(start, start + BLOCKS_PER_BATCH);
      const fetched = await source.fetch(batch);
      for (const [i, reference] of batch.entries()) {
        const sealed = fetched[i];
        if (sealed === null || sealed === undefined) return 'blocks-missing';
        const plain = openFakeBlock(reference, sealed);
        if (plain === null) return 'block-corrupt';
        fetchedBytes += sealed.length;
        opened.set(reference.blockId, plain);
      }
    }
    return { plains: references.map(({ blockId }) => opened.get(blockId)!), fetchedBytes };
  }

  async function assembleOne(item: AssembleItem, source: BlockSource): Promise<AssembleOutcome> {
    const wanted = new Set(item.references.map(({ blockId }) => blockId));
    const local = new Map<BlockId, Uint8Array>();
    for (const donor of item.donors) {
      const bytes = await readWhole(donor);
      if (!(bytes instanceof Uint8Array)) continue;
      for (const [i, plain] of splitContent(bytes).entries()) {
        const expected = item.references[i];
        const id = care.hashesDonors || expected?.plainLength !== plain.length ? fakeBlockId(plain) : expected.blockId;
        if (wanted.has(id)) local.set(id, plain);
      }
    }
    const opened = await openAll(item.references, local, source);
    if (typeof opened === 'string') return { outcome: 'failed', code: opened };
    const bytes = shared(item.contentId, concatBytes(...opened.plains));
    if (bytes.length !== item.sizeBytes || fakeContentId(item.references) !== item.contentId) {
      return { outcome: 'failed', code: 'block-corrupt' };
    }
    await gate(`write ${item.staging}`);
    const fault = disk.takeFault('write');
    if (fault !== null) return { outcome: 'failed', code: fault };
    try {
      // Files are written whole here: what stands is whole, or of another content.
      if (item.isResumed === true) removeStagedFile(disk, item.staging);
      const written = writeStagedFile(disk, touched, item.staging, bytes, item.attributes);
      return { outcome: 'written', stat: disk.statOf(written), fetchedBytes: opened.fetchedBytes };
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return { outcome: 'failed', code: errorCodeOf(error) };
    }
  }

  return {
    identify: (items) => inOrder(items, identifyOne),
    prepare: (items, epoch, sink) => inOrder(items, (item) => prepareOne(item, epoch, sink)),
    assemble: (items, source) => inOrder(items, (item) => assembleOne(item, source)),
    sealBytes: (bytes, epoch, sink) => seal(splitContent(bytes), epoch, sink),
    async openBytes(references, source) {
      const opened = await openAll(references, new Map(), source);
      if (typeof opened === 'string') throw new OnefoldError(opened, 'the bytes cannot be put together');
      return concatBytes(...opened.plains);
    },
  };
}

/** Of the contents put together lately. */
const assembled = new Map<ContentId, Uint8Array>();
const MOST_ASSEMBLED = 1_000;

/** The very bytes that another device put together for that content, where they are the same. */
function shared(contentId: ContentId, bytes: Uint8Array): Uint8Array {
  const known = assembled.get(contentId);
  if (known !== undefined && Buffer.compare(known, bytes) === 0) return known;
  if (assembled.size >= MOST_ASSEMBLED) assembled.clear();
  assembled.set(contentId, bytes);
  return bytes;
}

async function inOrder<T, R>(items: readonly T[], one: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await one(item));
  return results;
}

function isSameFile(expect: FileStat, found: FileStat): boolean {
  return (
    expect.kind === found.kind &&
    expect.inode === found.inode &&
    expect.device === found.device &&
    expect.sizeBytes === found.sizeBytes &&
    expect.mtimeNs === found.mtimeNs &&
    expect.ctimeNs === found.ctimeNs
  );
}
