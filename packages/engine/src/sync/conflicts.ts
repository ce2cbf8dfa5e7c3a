import { OnefoldError, type DeviceId, type NodeId } from '@onefold/protocol';
import { conflictName, readConflictName } from '../core/conflict-name.ts';
import { joinPath, lastName, parentPath } from '../core/names.ts';
import { isSettled } from '../core/settled.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import { findNode, pathOf } from './browse.ts';
import { moveHere, standingAt, trashHere } from './change-here.ts';
import type { Session } from './session.ts';
import { placeInTrash, restoreTrashed } from './trash.ts';

/*
 * A conflict is a file under the mark that names it, on whichever device it was made. It is dealt with when one side went into the trash or
 * the copy has a name of its own: nothing is ever destroyed, and each of these can be taken back.
 */

const MOST_LISTED = 1_000;
const MOST_ATTEMPTS = 20;
const MARK_WORD = '(conflict,';

export interface ConflictSide {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  /** Who wrote it last, as far as the journal tells. */
  readonly author: DeviceId | null;
}

export interface ConflictFound {
  readonly path: RelPath;
  readonly original: RelPath;
  /** As the mark says. */
  readonly deviceName: string;
  readonly atMs: number;
  readonly copy: ConflictSide;
  /** Null when nothing stands under the name any more. */
  readonly other: ConflictSide | null;
}

/** Conflict copies that stand here under their mark, the last first. Those that were renamed or removed count as dealt with. */
export async function listConflicts(session: Session): Promise<ConflictFound[]> {
  await clearDealtWith(session);
  const found: ConflictFound[] = [];
  for (const row of await session.ports.store.named([MARK_WORD], false, MOST_LISTED)) {
    const mark = row.local?.kind === 'file' ? readConflictName(row.local.name) : null;
    const path = mark === null ? null : await pathOf(session, row);
    if (mark === null || path === null) continue;
    const original = joinPath(parentPath(path), mark.name);
    const other = await findNode(session, original).catch(() => null);
    found.push({
      path,
      original,
      deviceName: mark.deviceName,
      atMs: mark.atMs,
      copy: sideOf(row),
      other: other?.local?.kind === 'file' ? sideOf(other) : null,
    });
  }
  return found.sort((a, b) => b.atMs - a.atMs || (a.path < b.path ? -1 : 1));
}

function sideOf({ local, remote }: NodeRow): ConflictSide {
  const { sizeBytes, mtimeNs } = local!.stat;
  return { sizeBytes, mtimeMs: Number(mtimeNs / 1_000_000n), author: remote?.author ?? null };
}

async function clearDealtWith(session: Session): Promise<void> {
  const items = session.attention.list().filter((item) => item.code === 'conflict-copy');
  const rows = await session.ports.store.rows(items.map((item) => item.detail as NodeId));
  const dealtWith = items.filter((item, i) => rows[i]?.local?.name !== lastName(item.path));
  await session.attention.clear(dealtWith.map(({ id }) => id));
}

/** What takes a decision back, step by step. */
export type UndoStep =
  | { readonly step: 'move'; readonly from: RelPath; readonly to: RelPath }
  | { readonly step: 'restore'; readonly id: string; readonly to: RelPath }
  /** From the trash into its place again; what stands there by now goes to `keepAs`. */
  | { readonly step: 'swap'; readonly id: string; readonly to: RelPath; readonly keepAs: RelPath };

/**
 * `original`: the copy goes into the trash. `copy`: the original goes into the trash, and the copy takes its name. `both`: the copy gets a
 * name without the mark. Throws `not-found`; `precondition-failed` when something of it has changed or is not with the server yet.
 */
export async function resolveConflict(
  session: Session,
  path: RelPath,
  keep: 'original' | 'copy' | 'both',
): Promise<readonly UndoStep[]> {
  const mark = readConflictName(lastName(path));
  if (mark === null) throw new OnefoldError('invalid-argument', 'this is not the copy of a conflict');
  const original = joinPath(parentPath(path), mark.name);
  if (keep === 'both') return keepBoth(session, path, mark.plainName);
  if (keep === 'original') {
    const kept = await findNode(session, original);
    if (kept.local === null) throw new OnefoldError('not-found', 'nothing stands under the name any more');
    const id = await trashHere(session, path);
    await clearDealtWith(session);
    return [{ step: 'restore', id, to: path }];
  }
  const replaced = await findNode(session, original).catch(() => null);
  if (replaced?.local == null) {
    await moveHere(session, { from: path, to: original });
    return [{ step: 'move', from: original, to: path }];
  }
  if (!isSettled(replaced)) throw new OnefoldError('precondition-failed', 'what stands there has not been synced yet');
  const aside = await freeConflictPath(session, original);
  await swapIn(session, path, original, replaced.local.stat, aside);
  const id = await trashHere(session, aside, replaced);
  return [{ step: 'swap', id, to: original, keepAs: path }];
}

export interface MergedText {
  /** Where the text lies, durably, inside the own folder. */
  readonly at: RelPath;
  /** As both sides were when they were looked at. */
  readonly was: { readonly originalMtimeMs: number; readonly copyMtimeMs: number };
}

/**
 * A text made from both sides takes the name, and both go into the trash. Whenever this ends, the name stands, and each side does too or is in the trash.
 * Taken back, the text stays as a conflict beside the two. Throws `not-found`; `precondition-failed` when a side is not as it was looked at.
 */
export async function mergeConflict(session: Session, path: RelPath, text: MergedText): Promise<readonly UndoStep[]> {
  const mark = readConflictName(lastName(path));
  if (mark === null) throw new OnefoldError('invalid-argument', 'this is not the copy of a conflict');
  const original = joinPath(parentPath(path), mark.name);
  const [replaced, copy] = [await findNode(session, original), await findNode(session, path)];
  if (replaced.local?.kind !== 'file' || copy.local?.kind !== 'file')
    throw new OnefoldError('not-found', 'a side of it does not stand here any more');
  const { originalMtimeMs, copyMtimeMs } = text.was;
  if (sideOf(replaced).mtimeMs !== originalMtimeMs || sideOf(copy).mtimeMs !== copyMtimeMs)
    throw new OnefoldError('precondition-failed', 'a side has changed since it was looked at');
  if (!isSettled(replaced) || !isSettled(copy))
    throw new OnefoldError('precondition-failed', 'a side has not been synced yet');
  const aside = await freeConflictPath(session, original);
  await swapIn(session, text.at, original, replaced.local.stat, aside);
  const originalId = await trashHere(session, aside, replaced);
  const copyId = await trashHere(session, path, copy);
  await clearDealtWith(session);
  return [
    { step: 'swap', id: originalId, to: original, keepAs: aside },
    { step: 'restore', id: copyId, to: path },
  ];
}

/**
 * Something takes the place of a file, which gets a name beside it in the same step: whenever this ends, the name stands and so do both
 * sides, at worst as a conflict once more.
 */
async function swapIn(
  session: Session,
  from: RelPath,
  to: RelPath,
  expectTo: FileStat,
  keepAs: RelPath,
): Promise<void> {
  const [taken] = await session.ports.files.stat([keepAs]);
  if (taken !== null) throw new OnefoldError('precondition-failed', 'the name beside it is taken');
  await moveHere(session, { from, to, expectTo, keepAs });
}

async function freeConflictPath(session: Session, path: RelPath): Promise<RelPath> {
  const { files, clock } = session.ports;
  for (let attempt = 1; ; attempt++) {
    const name = conflictName(lastName(path), session.options.deviceName, clock.nowMs(), attempt, false);
    const free = joinPath(parentPath(path), name);
    const [standing] = await files.stat([free]);
    if (standing === null) return free;
    if (attempt >= MOST_ATTEMPTS) throw new OnefoldError('precondition-failed', 'no name beside it is free');
  }
}

async function keepBoth(
  session: Session,
  path: RelPath,
  plainName: (attempt: number) => string,
): Promise<readonly UndoStep[]> {
  for (let attempt = 1; ; attempt++) {
    const to = joinPath(parentPath(path), plainName(attempt));
    try {
      await moveHere(session, { from: path, to });
      return [{ step: 'move', from: to, to: path }];
    } catch (error) {
      const isTaken = error instanceof OnefoldError && error.code === 'precondition-failed';
      if (!isTaken || attempt >= MOST_ATTEMPTS) throw error;
    }
  }
}

/** Takes a decision back. Throws `precondition-failed` when a place is taken, and then what was not undone stays as it is. */
export async function undoSteps(session: Session, steps: readonly UndoStep[]): Promise<void> {
  for (const step of steps) {
    if (step.step === 'move') await moveHere(session, step);
    else if (step.step === 'restore') await restoreTrashed(session, step.id, step.to);
    else await swapBack(session, step);
  }
}

async function swapBack(session: Session, { id, to, keepAs }: Extract<UndoStep, { step: 'swap' }>): Promise<void> {
  const [standing] = await session.ports.files.stat([to]);
  if (standing === null) await restoreTrashed(session, id, to);
  else await swapIn(session, await placeInTrash(session, id), to, await standingAt(session, to), keepAs);
}
