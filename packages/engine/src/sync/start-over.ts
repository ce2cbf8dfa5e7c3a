import type { Hash, NodeId } from '@onefold/protocol';
import { rebase } from '../core/rebase.ts';
import type { NodeRow } from '../core/tree.ts';
import { record, type Session } from './session.ts';
import type { Rewind } from './session-parts.ts';

/*
 * What this device knows is not what it should know, and nothing is ever deleted for it.
 *
 *   state older than this device's own entries (a backup put back, a clone)
 *       Local and Synced go, the journal stays: equal files are adopted by content, what differs on both sides is kept twice
 *
 *   server restored from a backup
 *       stopped --a person says go on--> the journal goes and is read anew --at its head--> rebased
 *       What stood here is younger than what the server came back with, as far as both have the same entries: it goes up as edits.
 *       What others sent after the restoring is met like a stranger's.
 */

/** Id of the question whether to go on with a server that was restored. */
export const RESTORED = 'stopped:server-restored';
const CLONED = 'device-cloned';
const REWIND_FACT = 'rewind';
const PAGE_ROWS = 1_000;
const FORGOTTEN_FACT = 'state-forgotten-at';
/** A backup is put back once; a state that is old again within a day is not the only one of its device. */
const AGAIN_WITHIN_MS = 24 * 60 * 60_000;
/** Catching up after one putting back may be cut off and begin again. */
const SAME_TIME_MS = 60_000;

/** The journal holds entries of this device that its own state does not know. */
export async function forgetLocalState(session: Session): Promise<void> {
  const { store, clock, log } = session.ports;
  log.write('warn', 'state-older-than-device', { folder: session.options.folderId });
  const before = await store.fact(FORGOTTEN_FACT);
  const nowMs = clock.nowMs();
  await record(session, { forgetLocal: true, facts: { [FORGOTTEN_FACT]: String(nowMs) } });
  await session.guard.load();
  session.onStateForgotten();
  const sinceMs = before === null ? Infinity : Math.abs(nowMs - Number(before));
  if (sinceMs < SAME_TIME_MS || sinceMs > AGAIN_WITHIN_MS) return;
  const message =
    'another machine writes as this device, because one was copied from the other: log in anew on one of them';
  await session.attention.raise({ id: CLONED, code: 'device-cloned', path: '', message });
}

/** A device that was the only one of its kind for a day need not be spoken of any more. */
export async function clearCloneNotice(session: Session): Promise<void> {
  const { store, clock } = session.ports;
  const before = await store.fact(FORGOTTEN_FACT);
  if (before !== null && Math.abs(clock.nowMs() - Number(before)) <= AGAIN_WITHIN_MS) return;
  await session.attention.clear([CLONED]);
}

/** A person has seen that the server lost what came after its backup. False when nothing of the kind is asked. */
export async function acceptRestoredServer(session: Session): Promise<boolean> {
  if (session.attention.get(RESTORED) === undefined) return false;
  session.ports.log.write('warn', 'restored-server-accepted', { folder: session.options.folderId });
  session.rewind = { prefix: -1, isOpen: true };
  await record(session, { forgetJournal: true, facts: rewindFact(session.rewind) });
  await session.patience.load();
  await session.guard.load();
  session.planAfter = null;
  session.stopped = null;
  await session.attention.clear([RESTORED]);
  return true;
}

export async function loadRewind(session: Session): Promise<void> {
  const kept = await session.ports.store.fact(REWIND_FACT);
  session.rewind = kept === null ? null : (JSON.parse(kept) as Rewind);
}

export function rewindFact(rewind: Rewind): Readonly<Record<string, string>> {
  return { [REWIND_FACT]: JSON.stringify(rewind) };
}

/** An entry is read anew: was it there before? Hashes are chained, so the first that differs ends what both have. */
export async function followRewind(session: Session, seq: number, hash: Hash): Promise<void> {
  const { rewind } = session;
  if (rewind === null || !rewind.isOpen) return;
  const before = await session.ports.store.hashAt(seq);
  session.rewind = before === hash ? { prefix: seq, isOpen: true } : { ...rewind, isOpen: false };
}

/** The whole journal is known: what was synced is put in relation to it, and everything is looked at again. */
export async function endRewind(session: Session): Promise<void> {
  const { rewind } = session;
  if (rewind === null) return;
  const { store } = session.ports;
  // Equal version numbers of two histories look like rest: these are told by their entries.
  const strange = await store.remoteChangedAfter(rewind.prefix);
  for (let i = 0; i < strange.length; i += PAGE_ROWS) {
    const found = await store.rows(strange.slice(i, i + PAGE_ROWS));
    await rebaseRows(
      session,
      found.filter((row) => row !== undefined),
      rewind.prefix,
    );
  }
  for (let after: NodeId | null = null; ;) {
    const rows: readonly NodeRow[] = await store.unsettled(PAGE_ROWS, after);
    await rebaseRows(session, rows, rewind.prefix);
    if (rows.length < PAGE_ROWS) break;
    after = rows.at(-1)!.node;
  }
  session.rewind = null;
  await store.commit({ facts: { [REWIND_FACT]: null } });
  await session.guard.load();
}

async function rebaseRows(session: Session, rows: readonly NodeRow[], prefix: number): Promise<void> {
  const rebased = rows.map((row) => rebase(row, prefix)).filter((row, i) => row !== rows[i]);
  if (rebased.length > 0) await record(session, { rows: rebased });
}
