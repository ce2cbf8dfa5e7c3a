import { OnefoldError, type CtHash, type NamespaceId } from '@onefold/protocol';
import { idBytes, idOf } from '../id-bytes.ts';
import type { MetadataDatabase } from '../metadata/database.ts';
import { BLOCK_STORED } from '../metadata/tables.ts';
import type { PackReader, PackStore } from './pack-store.ts';

/** Where a stored block lies; undefined for one the server does not hold. */
export type BlockPlace = { readonly objectKey: string; readonly offset: number; readonly length: number } | undefined;

/** Neighbours in a pack are read at once up to this many bytes. */
const READ_BYTES = 2 * 1024 * 1024;
const OPEN_PACKS = 16;
const MOST_LOOKS = 3;
const NOT_HELD = new Uint8Array(4);

/** Places of the asked blocks, in the asked order. */
export async function findBlocks(
  metadata: MetadataDatabase,
  namespace: NamespaceId,
  wanted: readonly CtHash[],
): Promise<BlockPlace[]> {
  const places = new Map<CtHash, BlockPlace>();
  let open = [...new Set(wanted)];
  // A block whose pack is gone by the second look was moved between the two.
  for (let tries = 0; open.length > 0 && tries < MOST_LOOKS; tries++)
    open = await lookUp(metadata, namespace, open, places);
  return wanted.map((ctHash) => places.get(ctHash));
}

/** Notes the places that are found; answers the blocks that are stored, and whose pack is not known. */
async function lookUp(
  metadata: MetadataDatabase,
  namespace: NamespaceId,
  wanted: readonly CtHash[],
  places: Map<CtHash, BlockPlace>,
): Promise<CtHash[]> {
  const key = idBytes(namespace);
  const rows = await metadata.sql.findMany(
    metadata.read,
    'block',
    ['ct_hash', 'state', 'pack', 'offset_bytes', 'length_bytes'],
    ['namespace', 'ct_hash'],
    wanted.map((ctHash) => [key, idBytes(ctHash)]),
  );
  const stored = rows.filter(({ state }) => state === BLOCK_STORED);
  const packIds = new Map(stored.map((row) => [idOf(row.pack), row.pack]));
  const packs = await metadata.sql.findMany(
    metadata.read,
    'pack',
    ['pack', 'object_key'],
    ['namespace', 'pack'],
    [...packIds.values()].map((pack) => [key, pack]),
  );
  const objectKeys = new Map(packs.map((row) => [idOf(row.pack), row.object_key]));
  const moved: CtHash[] = [];
  for (const row of stored) {
    const ctHash = idOf<CtHash>(row.ct_hash);
    const objectKey = objectKeys.get(idOf(row.pack));
    if (objectKey === undefined) moved.push(ctHash);
    else places.set(ctHash, { objectKey, offset: row.offset_bytes, length: row.length_bytes });
  }
  return moved;
}

/** The blocks in order, each behind its length as u32 big endian; length 0 for one that is not held or not readable. */
export async function* streamBlocks(
  packs: PackStore,
  places: readonly BlockPlace[],
  onLost: (objectKey: string) => void,
): AsyncGenerator<Uint8Array> {
  const open = new Map<string, PackReader | undefined>();
  try {
    for (const run of runsOf(places)) {
      const [first] = run;
      if (first === undefined) {
        yield NOT_HELD;
        continue;
      }
      const bytes = await readRun(packs, open, run as NonNullable<BlockPlace>[]);
      if (bytes === undefined) onLost(first.objectKey);
      let at = 0;
      for (const place of run) {
        const length = place?.length ?? 0;
        if (bytes === undefined) yield NOT_HELD;
        else {
          yield frame(length);
          yield bytes.subarray(at, at + length);
        }
        at += length;
      }
    }
  } finally {
    for (const reader of open.values()) await reader?.close();
  }
}

function frame(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

/** Groups neighbours: one read each. A block that is not held is a group of its own. */
function* runsOf(places: readonly BlockPlace[]): Generator<BlockPlace[]> {
  let run: NonNullable<BlockPlace>[] = [];
  let sizeBytes = 0;
  for (const place of places) {
    const last: BlockPlace = run[run.length - 1];
    const follows =
      place !== undefined &&
      last?.objectKey === place.objectKey &&
      last.offset + last.length === place.offset &&
      sizeBytes + place.length <= READ_BYTES;
    if (!follows && run.length > 0) {
      yield run;
      run = [];
      sizeBytes = 0;
    }
    if (place === undefined) yield [undefined];
    else {
      run.push(place);
      sizeBytes += place.length;
    }
  }
  if (run.length > 0) yield run;
}

async function readRun(
  packs: PackStore,
  open: Map<string, PackReader | undefined>,
  run: readonly NonNullable<BlockPlace>[],
): Promise<Uint8Array | undefined> {
  const [first] = run;
  if (first === undefined) return undefined;
  const { objectKey } = first;
  if (!open.has(objectKey)) {
    if (open.size >= OPEN_PACKS) {
      const [oldest] = open;
      if (oldest !== undefined) {
        open.delete(oldest[0]);
        await oldest[1]?.close();
      }
    }
    open.set(objectKey, await packs.open(objectKey));
  }
  try {
    return await open.get(objectKey)?.read(
      first.offset,
      run.reduce((sum, place) => sum + place.length, 0),
    );
  } catch (thrown) {
    if (thrown instanceof OnefoldError && thrown.code === 'not-found') return undefined;
    throw thrown;
  }
}
