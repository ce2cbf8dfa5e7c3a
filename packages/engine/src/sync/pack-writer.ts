import {
  buildPack,
  freeLarge,
  LIMITS,
  toHex,
  toOnefoldError,
  type AnnounceUploadRequest,
  type BlockId,
  type CtHash,
  type OpId,
  type PackId,
  type UploadId,
} from '@onefold/protocol';
import type { BlockReference } from '../core/tree.ts';
import type { OnefoldError } from '@onefold/protocol';
import type { PrepareSink, Remote, SealedBlock } from '../ports.ts';
import type { Session } from './session.ts';
import type { InlinePack } from './travelling.ts';

/** Packs on their way at once; the next blocks are sealed meanwhile. */
const PACKS_AT_ONCE = 2;
const INDEX_BYTES_PER_BLOCK = 64;
const PACK_OVERHEAD_BYTES = 1024;

/** Takes sealed blocks, lays them into packs and sends these while the next are made. One writer serves one changeset. */
export interface PackWriter extends PrepareSink {
  /** Sends what is left, or hands it back when it is small enough to ride along with the commit. */
  finish(): Promise<{ readonly uploadId: UploadId | null; readonly pack: InlinePack | null }>;
  /** Why the server did not take what was to be sent; null while it takes it. */
  failure(): OnefoldError | null;
}

/** How what is sealed gets to the server. */
export interface Way {
  readonly remote: Remote;
  /** So many more bytes of the files are with the server. */
  readonly held: (plainBytes: number) => void;
  /** No block counts as known but those that this writer made. */
  readonly isFresh?: boolean;
}

export function createPackWriter(
  session: Session,
  about: Omit<AnnounceUploadRequest, 'opId' | 'reused'>,
  { remote, held, isFresh = false }: Way,
): PackWriter {
  const { store, random } = session.ports;
  const opId = toHex(random.bytes(16)) as OpId;
  const made = new Map<BlockId, BlockReference>();
  const reused = new Set<CtHash>();
  const sending = new Set<Promise<void>>();
  let failure: OnefoldError | null = null;
  let waiting: SealedBlock[] = [];
  let waitingBytes = 0;
  let uploadId: UploadId | null = null;
  /** Packs that have arrived lend their memory to the next ones: dead ones pile up before the collector looks at them. */
  const rooms: Uint8Array[] = [];
  const inlineBytes = session.options.inlinePackBytes ?? LIMITS.inlinePackBytes;

  async function announce(): Promise<UploadId> {
    const answer = await remote.announce({ ...about, opId, reused: [...reused] }).catch((thrown: unknown) => {
      failure ??= toOnefoldError(thrown);
      throw thrown;
    });
    for (const ctHash of answer.missing) session.transfers.lost.add(ctHash);
    return answer.uploadId;
  }

  /** The sealed blocks themselves are not kept beside the pack made of them. What rides along with a commit outlives this writer. */
  function takePack(room?: Uint8Array): { references: BlockReference[]; packId: PackId; bytes: Uint8Array } {
    const blocks = waiting;
    waiting = [];
    waitingBytes = 0;
    const bytes = buildPack(
      blocks.map(({ reference, sealed }) => ({ ctHash: reference.ctHash, sealed })),
      room,
    );
    for (const { sealed } of blocks) freeLarge(sealed);
    const references = blocks.map(({ reference }) => reference);
    return { references, packId: toHex(random.bytes(16)) as PackId, bytes };
  }

  async function send(): Promise<void> {
    uploadId ??= await announce();
    const isLong = waitingBytes > LIMITS.packBytes / 2;
    const { references, packId, bytes } = takePack(
      isLong ? (rooms.pop() ?? new Uint8Array(LIMITS.packBytes)) : undefined,
    );
    const task = put(uploadId, packId, bytes, references);
    sending.add(task);
    void task.finally(() => sending.delete(task));
    while (sending.size >= PACKS_AT_ONCE) await Promise.race(sending);
    if (failure !== null) throw failure;
  }

  /** Never rejects: the failure is met by whoever sends next. */
  async function put(
    upload: UploadId,
    packId: PackId,
    bytes: Uint8Array,
    references: readonly BlockReference[],
  ): Promise<void> {
    try {
      await remote.putPack(upload, packId, bytes);
      session.transfers.sent(bytes.length);
      if (bytes.buffer.byteLength === LIMITS.packBytes) rooms.push(new Uint8Array(bytes.buffer));
      // From here on a restart need not send these again.
      await store.commit({ blocks: references });
      for (const { plainLength } of references) held(plainLength);
    } catch (thrown) {
      failure ??= toOnefoldError(thrown);
    }
  }

  return {
    failure: () => failure,
    async known(blockIds) {
      const stored = isFresh ? [] : await store.knownBlocks(blockIds);
      return blockIds.map((blockId, i) => {
        const reference = made.get(blockId) ?? stored[i];
        if (reference === undefined || session.transfers.lost.has(reference.ctHash)) return undefined;
        reused.add(reference.ctHash);
        held(reference.plainLength);
        return reference;
      });
    },
    async sealed(blocks) {
      if (failure !== null) throw failure;
      for (const block of blocks) {
        const size = block.sealed.length + INDEX_BYTES_PER_BLOCK;
        if (waiting.length > 0 && waitingBytes + size > LIMITS.packBytes - PACK_OVERHEAD_BYTES) await send();
        if (waiting.length >= LIMITS.blocksPerPack) await send();
        waiting.push(block);
        waitingBytes += size;
        made.set(block.reference.blockId, block.reference);
        session.transfers.lost.delete(block.reference.ctHash);
      }
    },
    async finish() {
      const isSmall = uploadId === null && waitingBytes + PACK_OVERHEAD_BYTES <= inlineBytes;
      if (waiting.length > 0 && isSmall) {
        const { packId, bytes } = takePack();
        session.transfers.sent(bytes.length);
        return { uploadId: null, pack: { packId, bytes } };
      }
      if (waiting.length > 0) await send();
      await Promise.all(sending);
      if (failure !== null) throw failure;
      return { uploadId, pack: null };
    },
  };
}
