import type { StoreContext } from '../context.ts';
import { idOf } from '../id-bytes.ts';
import type { Reader, Writer } from '../metadata/database.ts';
import { BLOCK_CONDEMNED, BLOCK_LOST, BLOCK_STORED } from '../metadata/tables.ts';

/*
 * A block's way out, each step a transaction that holds the namespace, as every commit, announcement and arriving pack does:
 *
 *   stored, unreferenced since t   no version uses it; grace runs from t and exceeds the longest upload
 *   condemned                      counts as missing and is never handed out again; sending it again stores it anew
 *   deleted                        its row is gone; a pack without rows goes with its object
 *
 * A pin or a version found at the first step saves the block. Nothing is saved at the second: what was condemned was missing to all who asked since.
 */

export interface Place {
  readonly namespace: Uint8Array;
  readonly ct_hash: Uint8Array;
}

/** Blocks one run looks at. */
export const PER_RUN = 5_000;
const PER_STATEMENT = 1_000;

/** Condemns what has been unreferenced for longer than the grace. Answers how many rows it looked at. */
export async function condemnBlocks(context: StoreContext, isOver: AbortSignal): Promise<number> {
  const { metadata, metrics, config } = context;
  const nowMs = context.nowMs();
  const deadMs = nowMs - config.collection.graceMs;
  const found = await agedBlocks(metadata.read, [BLOCK_STORED, BLOCK_LOST], deadMs);
  for (const [namespace, hashes] of byNamespace(found)) {
    if (isOver.aborted) break;
    const counts = await metadata.write(async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      return condemn(writer, namespace, hashes, deadMs, nowMs);
    });
    metrics.collected('condemned', counts.condemned);
    metrics.collected('rescued', counts.rescued);
  }
  return found.length;
}

async function condemn(
  writer: Writer,
  namespace: Uint8Array,
  hashes: readonly Uint8Array[],
  deadMs: number,
  nowMs: number,
): Promise<{ condemned: number; rescued: number }> {
  const used = await usedAmong(writer, namespace, hashes);
  const pinned = await pinnedAmong(writer, namespace, hashes, nowMs);
  const dead = hashes.filter((hash) => !used.has(idOf(hash)) && !pinned.has(idOf(hash)));
  const kept = hashes.filter((hash) => used.has(idOf(hash)) || pinned.has(idOf(hash)));
  let condemned = 0;
  for (const part of parts(dead)) {
    const { numUpdatedRows } = await writer
      .updateTable('block')
      .set({ state: BLOCK_CONDEMNED, unreferenced_at_ms: nowMs })
      .where('namespace', '=', namespace)
      .where('ct_hash', 'in', part)
      .where('state', 'in', [BLOCK_STORED, BLOCK_LOST])
      .where('unreferenced_at_ms', '<=', deadMs)
      .executeTakeFirstOrThrow();
    condemned += Number(numUpdatedRows);
  }
  // A used block needs no clock; a pinned one is looked at again when another grace has passed.
  for (const hash of kept)
    await writer
      .updateTable('block')
      .set({ unreferenced_at_ms: used.has(idOf(hash)) ? null : nowMs })
      .where('namespace', '=', namespace)
      .where('ct_hash', '=', hash)
      .execute();
  return { condemned, rescued: kept.length };
}

/** Blocks in one of the states whose clock stands at or before `beforeMs`. */
export function agedBlocks(reader: Reader, states: readonly number[], beforeMs: number): Promise<Place[]> {
  return reader
    .selectFrom('block')
    .select(['namespace', 'ct_hash'])
    .where('state', 'in', states)
    .where('unreferenced_at_ms', '<=', beforeMs)
    .limit(PER_RUN)
    .execute();
}

export function byNamespace(rows: readonly Place[]): [Uint8Array, Uint8Array[]][] {
  const groups = new Map<string, [Uint8Array, Uint8Array[]]>();
  for (const row of rows) {
    const key = idOf(row.namespace);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row.namespace, [row.ct_hash]]);
    else group[1].push(row.ct_hash);
  }
  return [...groups.values()];
}

async function usedAmong(
  reader: Reader,
  namespace: Uint8Array,
  hashes: readonly Uint8Array[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const part of parts(hashes)) {
    const rows = await reader
      .selectFrom('version_block')
      .select('ct_hash')
      .where('namespace', '=', namespace)
      .where('ct_hash', 'in', part)
      .where('is_added', '=', 1)
      .execute();
    for (const row of rows) found.add(idOf(row.ct_hash));
  }
  return found;
}

/** An upload whose time is up holds nothing, whether or not it was swept already. */
async function pinnedAmong(
  reader: Reader,
  namespace: Uint8Array,
  hashes: readonly Uint8Array[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const part of parts(hashes)) {
    const rows = await reader
      .selectFrom('upload_block as b')
      .innerJoin('upload as u', (join) =>
        join.onRef('u.namespace', '=', 'b.namespace').onRef('u.upload', '=', 'b.upload'),
      )
      .select('b.ct_hash')
      .where('b.namespace', '=', namespace)
      .where('b.ct_hash', 'in', part)
      .where('u.expires_at_ms', '>', nowMs)
      .execute();
    for (const row of rows) found.add(idOf(row.ct_hash));
  }
  return found;
}

export function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += PER_STATEMENT) yield all.slice(at, at + PER_STATEMENT);
}
