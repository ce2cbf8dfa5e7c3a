import type { NodeRow, RelPath } from '../core/tree.ts';
import type { DiskIntent } from '../ports.ts';
import { readIntent, stagingOf, strayIntent, type KeptIntent } from './disk-intent.ts';
import { keptPartial } from './partial-download.ts';
import { freshNodeId, record, type Session } from './session.ts';
import { copied, isSpelledSo, movedThere, placed, placeOf, unpark } from './settle-outcomes.ts';
import { readTaken } from './taken.ts';

/*
 * What was recorded before a change of the disk is explained by looking at the disk: after a crash, or where the disk failed in the middle.
 *
 *   recorded --> explained (rows say what stands) --> forgotten
 *           \--> cannot be said now: the disk does not answer --> asked again by the next cycle, which does nothing else meanwhile
 */

/**
 * After a crash: finds out which of the recorded changes took place, and clears staging of what was never put in place. Runs before the first
 * scan, which then sees a disk that it can explain. False when the disk would not say everything: then nothing else may be concluded.
 */
export async function settleDisk(session: Session): Promise<boolean> {
  const { store, files } = session.ports;
  const { keep, isExplained } = await settleIntents(session, await store.diskIntents());
  await session.displaced.look();
  const partial = await keptPartial(session);
  const left = (await files.listStaging()).filter(
    (path) => !keep.has(path) && path !== partial && readTaken(path) === null,
  );
  if (left.length > 0) await files.discard(left);
  return isExplained;
}

/**
 * What was taken from the folder and is recorded nowhere: the state was lost, or is older than the disk. What was parked comes back, what was
 * replaced is compared. The rows are those after a scan.
 */
export async function settleStrays(session: Session, paths: readonly RelPath[]): Promise<boolean> {
  const { store, files } = session.ports;
  let isExplained = true;
  const stats = await files.stat(paths);
  for (const [i, to] of paths.entries()) {
    const stat = stats[i] ?? null;
    const taken = readTaken(to);
    if (stat === null || taken === null) continue;
    if ('outcome' in stat) {
      isExplained = false;
      continue;
    }
    const [row] = await store.rows([taken.node]);
    const at = row?.local?.name ?? row?.remote?.name ?? 'recovered';
    const { sizeBytes, mtimeNs } = taken;
    const detail = taken.as === 'kept' ? ({ op: 'displaced', to, at } as const) : ({ op: 'park', to, at } as const);
    // What was parked is a node of its own by now: the one that it was may have come here anew.
    const node = taken.as === 'kept' ? taken.node : freshNodeId(session);
    const intent = strayIntent(node, detail, { ...stat, sizeBytes, mtimeNs });
    await record(session, { diskIntents: { put: [intent] } });
    if (!(await settleIntents(session, [intent])).isExplained) isExplained = false;
  }
  return isExplained;
}

/** The same while the engine runs: what is staged just now, and what was replaced, is looked after by others. */
export async function settleRemaining(session: Session): Promise<boolean> {
  const intents = await session.ports.store.diskIntents();
  const { isExplained } = await settleIntents(
    session,
    intents.filter((intent) => readIntent(intent).detail.op !== 'displaced'),
  );
  return isExplained;
}

/** Looks what became of recorded changes. `keep`: paths in staging that are still to be compared, or put back. */
export async function settleIntents(
  session: Session,
  intents: readonly DiskIntent[],
): Promise<{ readonly keep: ReadonlySet<RelPath>; readonly isExplained: boolean }> {
  const keep = new Set<RelPath>();
  let isExplained = true;
  const read = intents.map((intent) => ({ intent, kept: readIntent(intent) }));
  for (const { intent, kept } of read.sort((a, b) => rank(a.kept) - rank(b.kept))) {
    if (kept.detail.op === 'displaced') {
      session.displaced.add(intent);
      keep.add(kept.detail.to);
    } else if (!(await settleOne(session, intent, kept))) {
      for (const path of stagingOf(kept)) keep.add(path);
      isExplained = false;
    }
  }
  return { keep, isExplained };
}

/** What moved away frees names for what was put there, folders before what is in them. Parked nodes last: the move that ends a parking may itself be recorded. */
function rank({ detail }: KeptIntent): number {
  if (detail.op === 'park') return Infinity;
  return detail.op === 'placed' ? detail.to.split('/').length : 0;
}

/** False when the disk would not say, or would not take back what is parked. */
async function settleOne(session: Session, intent: DiskIntent, kept: KeptIntent): Promise<boolean> {
  const { store, files } = session.ports;
  const { detail } = kept;
  const [row] = await store.rows([intent.node]);
  const [found] = await files.stat([detail.to]);
  if (found != null && 'outcome' in found) return false;
  const rows: NodeRow[] = [];
  if (detail.op === 'withdraw') {
    if (row?.local != null && found?.inode !== kept.inode) rows.push({ ...row, local: null, synced: null });
  } else if (detail.op === 'placed') {
    if (row !== undefined && (found == null || found.inode !== kept.inode)) {
      const isStaged = await standsInStaging(session, kept, detail);
      if (isStaged === null) return false;
      if (!isStaged) await lookOutFor(session, row, kept, detail);
    }
    if (row !== undefined && found != null) {
      const standing = await placed(session, row, detail, found, kept.inode);
      if (standing === null) return false;
      rows.push(...standing);
    }
  } else if (found?.inode === kept.inode) {
    if (detail.op === 'park') {
      const unparked = await unpark(session, row, detail, found);
      if (unparked === null) return false;
      rows.push(...unparked);
    } else if (row?.local != null) {
      const hasMoved = await isSpelledSo(session, row.local, detail.to);
      // Only what outlives a loss of power is believed: undone by it, the move would pass for one made by a person.
      if (hasMoved === null || (hasMoved && (await files.flush([detail.to])).outcome === 'failed')) return false;
      if (hasMoved && detail.op === 'copy') rows.push(...(await copied(session, row, row.local, detail, found)));
      else if (hasMoved) rows.push(await movedThere(session, row, row.local, detail, found));
    }
  }
  await record(session, { rows, diskIntents: { remove: [intent.id] } });
  return true;
}

/**
 * It was never put in place, or a loss of power undid that: once it is cleared from staging its inode is free, and belongs to the next file that
 * is made. Null when the disk will not say.
 */
async function standsInStaging(
  session: Session,
  { inode }: KeptIntent,
  { from }: Extract<KeptIntent['detail'], { op: 'placed' }>,
): Promise<boolean | null> {
  if (from === undefined) return false;
  const [staged] = await session.ports.files.stat([from]);
  if (staged == null) return false;
  if ('outcome' in staged) return null;
  // With a second name it stands where it was put, or where somebody moved it then, too.
  return staged.inode === inode && staged.linkCount === 1;
}

/** Put in place and then moved by somebody before it was recorded, if it turns up with this inode. That it does not says nothing. */
async function lookOutFor(
  session: Session,
  row: NodeRow,
  { inode, sizeBytes, mtimeNs, birth }: KeptIntent,
  { to, name, was }: Extract<KeptIntent['detail'], { op: 'placed' }>,
): Promise<void> {
  const { kind } = was;
  if (row.local !== null || (kind !== 'file' && kind !== 'link') || birth === undefined) return;
  const mode = was.shown?.mode ?? 0;
  const stat = { kind, ...birth, inode, sizeBytes, mtimeNs, ctimeNs: 0n, linkCount: 1, mode } as const;
  const content = kind === 'link' ? was.content : null;
  const local = { kind, ...(await placeOf(session, row, { to, name })), stat, content } as const;
  session.lookOutFor({ ...row, local, synced: was });
}
