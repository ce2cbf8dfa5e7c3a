import { randomBytes } from 'node:crypto';
import { buildPack, type CtHash, type NamespaceId, type PackId } from '@onefold/protocol';
import type { StoreContext } from '../context.ts';
import { idBytes, idOf } from '../id-bytes.ts';
import { writeOrUndo } from '../metadata/write-or-undo.ts';
import { BLOCK_STORED, type PackTable } from '../metadata/tables.ts';
import { packIndexHash } from '../packs/arrived-pack.ts';
import { blocksIn, isStillThere, readSound } from '../packs/read-sound.ts';
import { isTooOldToRecord } from '../packs/sweeping-age.ts';
import { allHalfDead, groupsOf, smallPacks, thinnedPacks } from './choose-packs.ts';
import { dropEmptyPacks } from './delete-blocks.ts';

const PACKS_PER_RUN = 256;

interface LiveBlock {
  readonly ctHash: CtHash;
  readonly sealed: Uint8Array;
  readonly pack: Uint8Array;
}

/** Packs that could not be read in one run, after which it reads no more: in a store that hangs each costs a whole deadline. */
const MOST_UNREADABLE = 8;
/** So long nobody tries them again: others have their turn, of which there would be none while the oldest come first. */
const SET_ASIDE_MS = 7 * 24 * 3_600_000;

/** Packs that could not be read, by their objects, until when they are left alone. A node that starts anew finds out again. */
interface Unreadable {
  readonly untilMs: Map<string, number>;
  thisRun: number;
}

/** Where dead space is looked for. */
export type Look = 'thinned-packs' | 'all-packs';

/** Rewrites packs more than half of which is dead, merges small ones, and drops those that hold nothing. */
export interface Repacker {
  /** Looks at packs that lost blocks, or at every one, which reads all block rows. Answers how many it replaced. */
  run(look: Look, isOver: AbortSignal): Promise<number>;
}

export function createRepacker(context: StoreContext): Repacker {
  const unreadable: Unreadable = { untilMs: new Map(), thisRun: 0 };
  return {
    run(look, isOver) {
      unreadable.thisRun = 0;
      const nowMs = context.nowMs();
      for (const [objectKey, untilMs] of unreadable.untilMs) if (untilMs <= nowMs) unreadable.untilMs.delete(objectKey);
      return repack(context, unreadable, look, isOver);
    },
  };
}

async function repack(context: StoreContext, unreadable: Unreadable, look: Look, isOver: AbortSignal): Promise<number> {
  const dead = look === 'all-packs' ? await allHalfDead(context) : await thinnedPacks(context);
  const small = await smallPacks(context, PACKS_PER_RUN + unreadable.untilMs.size);
  const candidates = [...small, ...dead].filter((row) => !unreadable.untilMs.has(row.object_key));
  const byNamespace = new Map<string, Map<string, PackTable>>();
  for (const row of candidates) {
    const key = idOf(row.namespace);
    const packs = byNamespace.get(key) ?? new Map<string, PackTable>();
    byNamespace.set(key, packs.set(idOf(row.pack), row));
  }
  let replaced = 0;
  for (const packs of byNamespace.values())
    for (const group of groupsOf([...packs.values()]))
      if (!isOver.aborted) replaced += await rewrite(context, unreadable, group);
  context.metrics.collected('rewritten', replaced);
  return replaced;
}

/**
 * Writes what lives of the group into a new pack and lets the block rows point there: those that still point into the group when the namespace is held. Packs
 * of which a block cannot be read stay as they are, for scrubbing to judge; they hold nothing else back.
 */
async function rewrite(
  context: StoreContext,
  unreadable: Unreadable,
  candidates: readonly PackTable[],
): Promise<number> {
  const { metadata, packs } = context;
  const group: PackTable[] = [];
  const live: LiveBlock[] = [];
  const givers: PackTable[] = [];
  for (const row of candidates) {
    if (unreadable.thisRun >= MOST_UNREADABLE) break;
    const found = await readLive(context, unreadable, row);
    if (found === undefined) continue;
    group.push(row);
    if (found.length > 0) givers.push(row);
    for (const block of found) live.push(block);
  }
  const [first] = givers;
  if (first === undefined) return 0;
  const { namespace } = first;
  // Alone and mostly alive: nothing would be won.
  const liveBytes = live.reduce((sum, { sealed }) => sum + sealed.length, 0);
  if (givers.length === 1 && liveBytes * 2 >= first.size_bytes) return 0;
  const bytes = buildPack(live);
  const packId = idOf<PackId>(randomBytes(16));
  const keptAtMs = context.nowMs();
  const { objectKey } = await packs.put({ namespace: idOf<NamespaceId>(namespace), packId, bytes });
  const dropped = await writeOrUndo(
    metadata,
    async (writer) => {
      await metadata.sql.lockNamespace(writer, namespace);
      const nowMs = context.nowMs();
      if (isTooOldToRecord(keptAtMs, nowMs, context.config.collection.graceMs)) return undefined;
      let moved = 0;
      let offset = 0;
      for (const { ctHash, sealed, pack } of live) {
        const { numUpdatedRows } = await writer
          .updateTable('block')
          .set({ pack: idBytes(packId), offset_bytes: offset })
          .where('namespace', '=', namespace)
          .where('ct_hash', '=', idBytes(ctHash))
          .where('pack', '=', pack)
          .where('state', '=', BLOCK_STORED)
          .executeTakeFirstOrThrow();
        moved += Number(numUpdatedRows);
        offset += sealed.length;
      }
      const index = live.map(({ ctHash, sealed }) => ({ ctHash, length: sealed.length }));
      await metadata.sql.insertMany(writer, 'pack', [
        {
          namespace,
          pack: idBytes(packId),
          object_key: objectKey,
          size_bytes: bytes.length,
          block_count: live.length,
          index_hash: idBytes(packIndexHash(index)),
          device: first.device,
          stored_at_ms: nowMs,
        },
      ]);
      await writer
        .updateTable('namespace')
        .set((eb) => ({ stored_bytes: eb('stored_bytes', '+', bytes.length) }))
        .where('namespace', '=', namespace)
        .execute();
      const old = group.map(({ pack }) => pack);
      const emptied = moved === 0 ? [...old, idBytes(packId)] : old;
      return dropEmptyPacks(writer, metadata.sql, namespace, emptied, nowMs);
    },
    () => packs.remove(objectKey),
  );
  if (dropped === undefined) await packs.remove(objectKey);
  return dropped ?? 0;
}

/** What lives of a pack; undefined, and said in the log, where some of it cannot be had. Throws when the store as a whole cannot be asked. */
async function readLive(
  context: StoreContext,
  unreadable: Unreadable,
  row: PackTable,
): Promise<LiveBlock[] | undefined> {
  const { metadata, packs, log } = context;
  const blocks = await blocksIn(metadata.read, row);
  const pack = idOf(row.pack);
  try {
    const { sound, lost } = await readSound(packs, row.object_key, blocks);
    if (lost.length === 0) return sound.map((block) => ({ ...block, pack: row.pack }));
    // Another node was faster: its blocks lie elsewhere by now, and its object may be gone.
    if (!(await isStillThere(metadata.read, row))) return undefined;
    log.error({ pack, blocks: lost.length }, 'a pack cannot be merged: blocks of it are damaged');
  } catch (thrown) {
    // Is it this object, or the store? Every further object would cost a deadline then.
    await packs.owner();
    log.error({ pack, err: thrown }, 'a pack cannot be merged: it cannot be read');
    unreadable.thisRun++;
  }
  unreadable.untilMs.set(row.object_key, context.nowMs() + SET_ASIDE_MS);
  return undefined;
}
