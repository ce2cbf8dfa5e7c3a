import { checkpointOf, rootOf } from '@onefold/journal';
import { checkpointBodySchema, encodeWire, toOnefoldError } from '@onefold/protocol';
import { commitAlone } from './commit.ts';
import { lastEntriesOf, parseMembers } from './membership.ts';
import type { Session } from './session.ts';

/*
 * A checkpoint says what the state of the namespace is, so that a device which comes later need not read all that led there, and the server need not keep it.
 * One is due when many entries have come since the last; each of the owner's devices then draws a moment, and whose comes first writes it:
 *
 *   enough entries -> a moment is drawn -> it has come, and nobody was faster -> committed, or drawn again
 */

const AFTER_ENTRIES = 10_000;
const WITHIN_MS = 24 * 60 * 60_000;
const DUE_FACT = 'checkpoint-due';

interface Due {
  /** Position of the checkpoint after which this one comes. */
  readonly since: number;
  readonly atMs: number;
}

/** Between cycles' work, with the journal read to its head and nothing on its way. Never throws: a checkpoint that does not come about is drawn again. */
export async function proposeCheckpoint(session: Session): Promise<void> {
  const { store, clock, random, sealing, log } = session.ports;
  const { afterEntries, withinMs } = session.options.checkpoints ?? {
    afterEntries: AFTER_ENTRIES,
    withinMs: WITHIN_MS,
  };
  const cursor = session.cursor;
  if (cursor === null || cursor.remoteSeq < afterEntries || session.rewind !== null || session.stopped !== null) return;
  const members = parseMembers(await store.members());
  const since = members.checkpointSeq ?? 0;
  if (cursor.remoteSeq - since < afterEntries || members.members[sealing.user]?.role !== 'owner') return;
  const nowMs = clock.nowMs();
  const due = await readDue(session, since);
  const isSensible = due !== null && due.atMs <= nowMs + withinMs;
  const next: Due = { since, atMs: nowMs + Math.floor(random.fraction() * withinMs) };
  if (!isSensible || nowMs >= due.atMs) await store.commit({ facts: { [DUE_FACT]: JSON.stringify(next) } });
  if (!isSensible || nowMs < due.atMs) return;
  const sum = await store.treeSum();
  if (sum === null || (await store.inFlight()) !== null) return;
  const body = checkpointOf({
    head: { seq: cursor.remoteSeq, hash: cursor.remoteHash },
    epoch: cursor.epoch,
    members: Object.values(members.members),
    lastEntries: lastEntriesOf(members).entries,
    root: { count: sum.count, hash: rootOf(sum) },
  });
  try {
    const isNext = await commitAlone(session, 'checkpoint', encodeWire(checkpointBodySchema, body));
    log.write('info', 'checkpoint', { folder: session.options.folderId, seq: body.seq, nodes: body.nodes, isNext });
  } catch (thrown) {
    const { code, message } = toOnefoldError(thrown);
    // It is refused where the server knows another state than this device: whoever is wrong, the journal itself tells every reader.
    log.write('warn', 'checkpoint-failed', { folder: session.options.folderId, code, message });
  }
}

async function readDue(session: Session, since: number): Promise<Due | null> {
  const kept = await session.ports.store.fact(DUE_FACT);
  const due = kept === null ? null : (JSON.parse(kept) as Due);
  return due?.since === since ? due : null;
}
