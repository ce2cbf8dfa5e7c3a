import { LIMITS, OnefoldError, type Hash, type PackId, type UploadId } from '@onefold/protocol';
import type { NamespaceAccess } from '../accounts/access.ts';
import { mustFit, noRoom } from '../accounts/quota.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { writeOrUndo } from '../metadata/write-or-undo.ts';
import type { PackStore } from './pack-store.ts';
import { packIndexHash, type ArrivedPack } from './arrived-pack.ts';
import { areStored, recordPacks, type PackRecord } from './record-packs.ts';
import { verifyPack } from './verify-pack.ts';

/*
 * The way of a pack:
 *
 *   received    in memory; http/admit-bodies.ts bounds it
 *   verified    every block hashed
 *   durable     the pack store has it
 *   recorded    one transaction marks its blocks stored and pins them; packs that arrive meanwhile share the next one
 *   completed   `onRecorded`: a later transaction looks whether their uploads are whole
 */
export interface PackIntake {
  /** Takes a pack in and records it. Returns the number of its blocks. Throws `pack-corrupt`, `invalid-argument` for an id in use, `server-full`. */
  take(caller: NamespaceAccess, uploadId: UploadId, packId: PackId, bytes: Uint8Array): Promise<number>;
  /** As `take`, for a pack whose object the store has already. An object that is not recorded goes. */
  takeStored(
    caller: NamespaceAccess,
    uploadId: UploadId,
    packId: PackId,
    bytes: Uint8Array,
    object: StoredPack,
  ): Promise<number>;
  /** Verifies a pack and makes it durable; the commit it came with records it. Throws as `take`. */
  keepInline(caller: NamespaceAccess, packId: PackId, bytes: Uint8Array): Promise<ArrivedPack>;
  /** After the recording transaction has committed: an object that was not recorded goes. */
  settle(pack: ArrivedPack, record: PackRecord): Promise<void>;
}

/** What the store has of a pack already. */
type StoredPack = Pick<ArrivedPack, 'objectKey' | 'keptAtMs' | 'claim'>;

interface Waiting {
  readonly pack: ArrivedPack;
  readonly done: (record: PackRecord) => void;
  readonly failed: (error: unknown) => void;
}

export interface PackIntakeOptions {
  readonly metadata: MetadataDatabase;
  readonly packs: PackStore;
  readonly nowMs: () => number;
  readonly uploadExpiryMs: number;
  readonly graceMs: number;
  readonly quotaBytesPerUser: number | null;
  /** Called after the transaction that recorded the packs has committed; failures are the callee's to report. */
  readonly onRecorded: (packs: readonly ArrivedPack[]) => Promise<void>;
}

/** Blocks recorded by one transaction at most, so that none runs long. */
const BLOCKS_PER_TRANSACTION = 20_000;

export function createPackIntake(options: PackIntakeOptions): PackIntake {
  const queue: Waiting[] = [];
  let isRecording = false;

  async function recordQueued(): Promise<void> {
    if (isRecording) return;
    isRecording = true;
    while (queue.length > 0) {
      const group = takeGroup(queue);
      const packs = group.map(({ pack }) => pack);
      try {
        const records = await writeOrUndo(
          options.metadata,
          (writer) => recordPacks(writer, options.metadata.sql, packs, options),
          () => Promise.allSettled(packs.map((pack) => settle(pack, 'redundant'))),
        );
        await options.onRecorded(packs.filter((_, i) => records[i] === 'recorded' || records[i] === 'redundant'));
        group.forEach(({ done }, i) => done(records[i] ?? 'clash'));
      } catch (thrown) {
        for (const { failed } of group) failed(thrown);
      }
    }
    isRecording = false;
  }

  /** The object is durable when this resolves. A pack whose blocks are all stored is not written again. */
  async function keep(
    caller: NamespaceAccess,
    uploadId: UploadId | undefined,
    packId: PackId,
    bytes: Uint8Array,
    stored?: StoredPack,
  ): Promise<ArrivedPack> {
    if (bytes.length > LIMITS.packBytes) throw new OnefoldError('body-too-large', 'a pack is larger than packs may be');
    const index = await verifyPack(bytes);
    const namespace = caller.head.namespaceId;
    const indexHash = packIndexHash(index);
    const known = await options.metadata.read
      .selectFrom('pack')
      .select('index_hash')
      .where('namespace', '=', idBytes(namespace))
      .where('pack', '=', idBytes(packId))
      .executeTakeFirst();
    if (known !== undefined && idOf<Hash>(known.index_hash) !== indexHash) throw clash();
    const isNewObject =
      stored !== undefined || !(await areStored(options.metadata.read, options.metadata.sql, namespace, index));
    if (isNewObject) await mustFit(options.metadata.read, namespace, bytes.length, options.quotaBytesPerUser);
    const put = async (): Promise<string> => (await options.packs.put({ namespace, packId, bytes })).objectKey;
    const keptAtMs = stored?.keptAtMs ?? options.nowMs();
    const objectKey = stored?.objectKey ?? (isNewObject ? await put() : '');
    return {
      namespace,
      packId,
      device: caller.device,
      uploadId,
      objectKey,
      isNewObject,
      keptAtMs,
      claim: stored?.claim,
      sizeBytes: bytes.length,
      index,
      indexHash,
    };
  }

  async function settle(pack: ArrivedPack, record: PackRecord): Promise<void> {
    if (pack.isNewObject && record !== 'recorded') await options.packs.remove(pack.objectKey);
  }

  return {
    settle,
    keepInline: (caller, packId, bytes) => keep(caller, undefined, packId, bytes),
    take: async (caller, uploadId, packId, bytes) => record(await keep(caller, uploadId, packId, bytes)),
    async takeStored(caller, uploadId, packId, bytes, object) {
      let pack: ArrivedPack;
      try {
        pack = await keep(caller, uploadId, packId, bytes, object);
      } catch (thrown) {
        await options.packs.remove(object.objectKey);
        throw thrown;
      }
      return record(pack);
    },
  };

  async function record(pack: ArrivedPack): Promise<number> {
    const outcome = await new Promise<PackRecord>((done, failed) => {
      queue.push({ pack, done, failed });
      void recordQueued();
    });
    await settle(pack, outcome);
    if (outcome === 'clash') throw clash();
    if (outcome === 'stale') throw stale();
    if (outcome === 'no-room') throw noRoom();
    return pack.index.length;
  }
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let blocks = 0;
  let count = 0;
  for (const { pack } of queue) {
    blocks += pack.index.length;
    if (count > 0 && blocks > BLOCKS_PER_TRANSACTION) break;
    count++;
  }
  return queue.splice(0, count);
}

function stale(): OnefoldError {
  return new OnefoldError('server-error', 'blocks of this pack were collected while it arrived; send it again');
}

function clash(): OnefoldError {
  return new OnefoldError('invalid-argument', 'another pack bears this id');
}
