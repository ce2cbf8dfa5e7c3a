import { parseEntry, type ParsedCheckpoint } from '@onefold/journal';
import { OnefoldError, type DeviceId, type NodeId, type NodeSnapshot } from '@onefold/protocol';
import { syncedBySending } from '../core/agree.ts';
import type { BlockReference, NodeReferences, NodeRow, RemoteState, SyncedState } from '../core/tree.ts';
import { createBreather } from './breather.ts';
import { crossGap, recordGap, type Gap } from './cross-gap.ts';
import { userOfDevice, type Members } from './membership.ts';
import { openRow } from './open-row.ts';
import { readSnapshot, rowsOf, type Snapshot } from './read-snapshot.ts';
import { replayEntry } from './replay-run.ts';
import { startReplay, type Replay } from './replay-state.ts';
import { markTree } from './reset-marks.ts';
import type { ReplayResult } from './replay.ts';
import { record, type Session } from './session.ts';
import { rewindFact } from './start-over.ts';

/*
 * A device that was away for longer than the journal is kept, or that is new, goes on from a checkpoint:
 *
 *   cursor --past what is gone, by its hashes--> the checkpoint's position --the tree, added up--> the checkpoint's entry stands
 *     --what differs goes into the rows, page by page--> every row is marked and agreed on --one transaction--> cursor behind the checkpoint
 *
 * Nothing is recorded before the entry stands, and nothing is planned before the cursor is there: cut off anywhere, it is begun again from the old cursor and
 * does the same. What is equal is not touched, local edits keep their bases, and deletes come as `hidden` alone, as from any other entries.
 */

/** Goes on behind the checkpoint entry at `entrySeq`. Throws a security error when it does not follow from what is known here. */
export async function resetToCheckpoint(session: Session, entrySeq: number): Promise<ReplayResult> {
  const seq = entrySeq - 1;
  const before = session.cursor;
  if (before !== null && before.remoteSeq >= seq)
    throw new OnefoldError('server-answer-invalid', 'the server sends back to a checkpoint that was passed');
  const run = await startReplay(session);
  const gap = await crossGap(run, seq);
  const snapshot = await readSnapshot(session, seq);
  run.sum = snapshot.sum;
  const entry = await followCheckpoint(run, entrySeq);
  const isStateOld = isOlderThanDevice(session, entry, gap, snapshot);
  const sinceOwn = before === null || isStateOld ? Infinity : before.remoteSeq;
  await recordGap(session, gap);
  for (const page of snapshot.pages) await applyRows(run, await rowsOf(session, seq, page), sinceOwn);
  const quarantined = await markTree(session);
  const cursor = { ...run.cursor!, isHollow: quarantined.length > 0 };
  await record(session, {
    hashes: [...run.overlay.hashes].map(([at, hash]) => ({ seq: at, hash })),
    members: JSON.stringify(run.members),
    treeSum: run.sum,
    cursor,
    ...(session.rewind === null ? {} : { facts: rewindFact(session.rewind) }),
  });
  session.ports.log.write('info', 'reset', {
    folder: session.options.folderId,
    from: before?.remoteSeq ?? -1,
    seq: entrySeq,
    nodes: snapshot.sum.count,
  });
  return { isStateOld, quarantined: [] };
}

/** Takes in the checkpoint's entry, by which everything that was read is judged: the way to it, people, keys, and the tree. */
async function followCheckpoint(run: Replay, entrySeq: number): Promise<ParsedCheckpoint> {
  const { remote, sealing } = run.session.ports;
  const { entries, reset } = await remote.entries(entrySeq - 1, entrySeq);
  if (reset !== undefined) throw new OnefoldError('server-error', 'the checkpoint went away while it was read');
  const [placed] = entries;
  const entry = placed === undefined ? undefined : parseEntry(placed);
  if (placed === undefined || entry?.type !== 'checkpoint')
    throw new OnefoldError('journal-invalid', 'the server names something as a checkpoint that is none');
  await replayEntry(run, placed);
  run.members = await withDevices(run, entry);
  const own = entry.body.devices.find(([device]) => device === sealing.device);
  const cursor = run.cursor!;
  if (own !== undefined)
    run.cursor = {
      ...cursor,
      deviceSeq: Math.max(cursor.deviceSeq, own[1]),
      ownSeq: Math.max(cursor.ownSeq, own[2]),
    };
  return entry;
}

/** Who wrote last is known again. */
async function withDevices({ session, members }: Replay, { body, header }: ParsedCheckpoint): Promise<Members> {
  const devices: Record<DeviceId, Members['devices'][DeviceId]> = {};
  for (const [device, deviceSeq, seq] of body.devices) {
    const user = await userOfDevice(members, session.ports.keys, device, null);
    if (user === undefined) throw new OnefoldError('journal-invalid', 'a checkpoint names a device of nobody');
    devices[device] = { user, deviceSeq, seq };
  }
  const author = members.devices[header.device];
  return {
    ...members,
    devices: author === undefined ? devices : { ...devices, [header.device]: author },
    isGapped: false,
  };
}

/** Changesets of this very device are gone that its own state does not know: it is a copy or a backup. Words about keys alone say nothing of the kind. */
function isOlderThanDevice(session: Session, { body }: ParsedCheckpoint, { kept }: Gap, { hasOwn }: Snapshot): boolean {
  const own = body.devices.find(([device]) => device === session.device);
  if (own === undefined || session.rewind !== null || own[1] <= (session.cursor?.deviceSeq ?? -1)) return false;
  return !kept.has(own[2]) || hasOwn;
}

async function applyRows(run: Replay, page: readonly NodeSnapshot[], sinceOwn: number): Promise<void> {
  const { session, members } = run;
  const { store, sealing, clock } = session.ports;
  const breathe = createBreather(clock);
  const found = await store.rows(page.map(({ node }) => node));
  const rows: NodeRow[] = [];
  const references: { node: NodeId; value: NodeReferences | null }[] = [];
  const blocks: BlockReference[] = [];
  for (const [i, row] of page.entries()) {
    const breath = breathe();
    if (breath !== null) await breath;
    const stored = found[i] ?? { node: row.node, local: null, remote: null, synced: null };
    const opened = openRow(sealing, row, stored.remote);
    if (stored.remote !== null && isSame(stored.remote, opened.remote)) continue;
    rows.push({ ...stored, remote: opened.remote, synced: syncedOf(session, stored, row, opened.remote, sinceOwn) });
    if (opened.references === undefined) continue;
    references.push({ node: row.node, value: opened.references });
    // Only what this user's devices wrote may be used again without an upload.
    const isOwnUser = row.content !== null && members.devices[row.content.device]?.user === sealing.user;
    if (isOwnUser && opened.references !== null)
      blocks.push(...(opened.references.references ?? []), ...opened.references.manifest);
  }
  if (rows.length > 0) await record(session, { rows, references, blocks });
}

/** The registers and all that was opened of them are known already. */
function isSame(a: RemoteState, b: RemoteState): boolean {
  return a.digests === b.digests && a.lastSeq === b.lastSeq && a.author === b.author && a.quarantined === b.quarantined;
}

/** What this device had on its way when it left stood on its disk, and is no stranger's edit now. */
function syncedOf(
  { device, rewind }: Session,
  stored: NodeRow,
  { place, content, attributes }: NodeSnapshot,
  now: RemoteState,
  sinceOwn: number,
): SyncedState | null {
  const isOwn = (register: NodeSnapshot['attributes'] | NodeSnapshot['content']): boolean =>
    register !== null && register.device === device && register.seq > sinceOwn;
  const own = { place: isOwn(place), content: isOwn(content), attributes: isOwn(attributes) };
  if (rewind !== null || !(own.place || own.content || own.attributes)) return stored.synced;
  const before = stored.remote;
  if (before === null) {
    const isAllOwn = own.place && (content === null || own.content) && (attributes === null || own.attributes);
    return isAllOwn ? syncedBySending(stored, now) : stored.synced;
  }
  const { parent, nameTag, name, hidden, placeVersion, contentVersion, attributesVersion } = now;
  return syncedBySending(stored, {
    ...before,
    ...(own.place ? { parent, nameTag, name, hidden, placeVersion } : {}),
    ...(own.content ? { content: now.content, contentVersion } : {}),
    ...(own.attributes ? { attributes: now.attributes, attributesVersion } : {}),
  });
}
