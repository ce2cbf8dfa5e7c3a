import { LIMITS, OnefoldError, type CtHash } from '@onefold/protocol';
import { idOf } from '../id-bytes.ts';
import type { Reader } from '../metadata/database.ts';
import { BLOCK_STORED, type BlockTable, type PackTable } from '../metadata/tables.ts';
import type { PackReader, PackStore } from './pack-store.ts';
import { ctHashOf } from './verify-pack.ts';

/** Bytes read at once. */
const RUN_BYTES = 2 * 1024 * 1024;

type BlockRow = Pick<BlockTable, 'ct_hash' | 'offset_bytes' | 'length_bytes'>;

export interface SoundBlock {
  readonly ctHash: CtHash;
  readonly sealed: Uint8Array;
}

/** The blocks of a state that a pack holds by their rows, in the order in which they lie: those that live in it, if no other is named. */
export function blocksIn(
  reader: Reader,
  { namespace, pack }: Pick<PackTable, 'namespace' | 'pack'>,
  state: number = BLOCK_STORED,
): Promise<BlockRow[]> {
  return reader
    .selectFrom('block')
    .select(['ct_hash', 'offset_bytes', 'length_bytes'])
    .where('namespace', '=', namespace)
    .where('pack', '=', pack)
    .where('state', '=', state)
    .orderBy('offset_bytes')
    .execute();
}

/** Whether a pack still lies in the object that its row named: what was read of that counts for nothing once it has moved, was sent anew, or is gone. */
export async function isStillThere(
  reader: Reader,
  row: Pick<PackTable, 'namespace' | 'pack' | 'object_key'>,
): Promise<boolean> {
  const now = await reader
    .selectFrom('pack')
    .select('object_key')
    .where('namespace', '=', row.namespace)
    .where('pack', '=', row.pack)
    .executeTakeFirst();
  return now?.object_key === row.object_key;
}

/**
 * Reads blocks of one object where their rows say, and hashes them: those that are what their hash says, and the hashes of those that are not. Throws when the
 * store cannot be asked, which is no word about the blocks.
 */
export async function readSound(
  packs: PackStore,
  objectKey: string,
  rows: readonly BlockRow[],
): Promise<{ readonly sound: SoundBlock[]; readonly lost: Uint8Array[] }> {
  const reader = await packs.open(objectKey);
  if (reader === undefined) return { sound: [], lost: rows.map((row) => row.ct_hash) };
  try {
    const sound: SoundBlock[] = [];
    const lost: Uint8Array[] = [];
    for (const run of runsOf(rows)) {
      const together = await readRun(reader, run);
      for (const row of run) {
        const sealed = together === undefined ? await readBlock(reader, row) : cutOut(together, run, row);
        const ctHash = idOf<CtHash>(row.ct_hash);
        if (sealed !== undefined && (await ctHashOf(sealed)) === ctHash) sound.push({ ctHash, sealed });
        else lost.push(row.ct_hash);
      }
    }
    return { sound, lost };
  } finally {
    await reader.close();
  }
}

/** Blocks that lie side by side: a store of objects is asked once for them, and not for each of the thousands that a pack may hold. */
function runsOf(rows: readonly BlockRow[]): BlockRow[][] {
  const runs: BlockRow[][] = [];
  let run: BlockRow[] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    const last = run[run.length - 1];
    const follows =
      last !== undefined && canLie(last) && canLie(row) && last.offset_bytes + last.length_bytes === row.offset_bytes;
    if (!follows || sizeBytes + row.length_bytes > RUN_BYTES) {
      run = [];
      runs.push(run);
      sizeBytes = 0;
    }
    run.push(row);
    sizeBytes += row.length_bytes;
  }
  return runs;
}

/** Undefined where they have to be read one by one: a single one, or where the object ends before all of them do. */
async function readRun(reader: PackReader, run: readonly BlockRow[]): Promise<Uint8Array | undefined> {
  const [first, last] = [run[0], run[run.length - 1]];
  if (first === undefined || last === undefined || run.length === 1) return undefined;
  return readRange(reader, first.offset_bytes, last.offset_bytes + last.length_bytes - first.offset_bytes);
}

/** A copy: of what was read together each may be kept for long. */
function cutOut(together: Uint8Array, [first]: readonly BlockRow[], row: BlockRow): Uint8Array {
  const at = row.offset_bytes - (first?.offset_bytes ?? 0);
  return together.slice(at, at + row.length_bytes);
}

/** Whether a block can lie where its row says. */
function canLie({ offset_bytes: offset, length_bytes: length }: BlockRow): boolean {
  return Number.isSafeInteger(offset) && offset >= 0 && length > 0 && length <= LIMITS.sealedBlockBytes;
}

/** Undefined when the object ends before the block does, or no block can lie where the row says. */
function readBlock(reader: PackReader, row: BlockRow): Promise<Uint8Array | undefined> {
  return canLie(row) ? readRange(reader, row.offset_bytes, row.length_bytes) : Promise.resolve(undefined);
}

async function readRange(reader: PackReader, offset: number, length: number): Promise<Uint8Array | undefined> {
  try {
    return await reader.read(offset, length);
  } catch (thrown) {
    if (thrown instanceof OnefoldError && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}
