import { OnefoldError, type DeviceId, type NodeId } from '@onefold/protocol';
import { searchKey, searchWords } from '../core/search-names.ts';
import { joinPath, lastName } from '../core/names.ts';
import type { FileStat, NodeRow, RelPath } from '../core/tree.ts';
import type { TrashEntry } from '../ports.ts';
import { pathOf } from './browse.ts';
import { makeFolders, moveHere } from './change-here.ts';
import type { Session } from './session.ts';
import { restoreNode } from './versions.ts';

/*
 * Two trashes. Here: what was deleted elsewhere, in a folder that people can open. On the server: what was deleted anywhere, as the last
 * version of its node. Only what a committed version holds is ever taken out of the first by itself.
 */

const DAY_MS = 24 * 60 * 60_000;
const KEPT_MS = 30 * DAY_MS;
const KEPT_BYTES = 10 * 1024 * 1024 * 1024;
const LISTED = 1_000;

export interface TrashedEntry {
  /** What restoring and emptying take. Opaque. */
  readonly id: string;
  /** Where it stood. */
  readonly path: RelPath;
  readonly kind: 'file' | 'folder' | 'link';
  readonly where: 'here' | 'server';
  readonly sizeBytes: number;
  /** Null where it is not known when. */
  readonly trashedAtMs: number | null;
  /** When it goes for good by itself, if nothing needs its room before. Null: never, or it is not known. */
  readonly goesAtMs: number | null;
  readonly device: DeviceId | null;
}

export interface TrashQuery {
  readonly text?: string;
  /** What the server has let go of instead. */
  readonly isGone?: boolean;
  readonly limit?: number;
}

export interface TrashedList {
  readonly entries: readonly TrashedEntry[];
  /** There may be more than was asked for. */
  readonly isCut: boolean;
}

/**
 * What can be had back, the last deleted first: at most `limit` of each trash, with `text` of those whose name holds its words. Without the
 * server it is not told when something was deleted, and by whom, nor what it has let go of. `isGone`: what it has let go of instead.
 */
export async function listTrashed(
  session: Session,
  { text = '', isGone = false, limit = LISTED }: TrashQuery = {},
): Promise<TrashedList> {
  const { files, store } = session.ports;
  const words = searchWords(text);
  const isWanted = (path: RelPath): boolean => {
    const folded = searchKey(lastName(path));
    return words.every((word) => folded.includes(word));
  };
  const listed = isGone ? [] : (await files.listTrash()).filter(({ path }) => isWanted(path));
  const here = listed.reverse().slice(0, limit).map(fromDisk);
  const rows =
    words.length === 0
      ? await store.deleted(limit)
      : // What went along with its folder comes back with it.
        (await store.named(words, true, limit)).filter(({ remote }) => remote?.hidden === true);
  const [times, purged, keptMs] = await Promise.all([
    timesOf(session, rows),
    purgedAmong(session, rows),
    rows.length === 0 ? null : keptMsOnServer(session),
  ]);
  const there: TrashedEntry[] = [];
  for (const row of rows) {
    const path = purged.has(row.node) === isGone ? await pathOf(session, row) : null;
    if (path === null) continue;
    const told = times.get(row.remote!.lastSeq);
    const goesAtMs = told === undefined || keptMs === null || isGone ? null : told.trashedAtMs + keptMs;
    there.push({ ...fromJournal(row, path), ...told, goesAtMs });
  }
  // What was looked through is as much as was asked for: there may be more.
  return { entries: [...here, ...there], isCut: listed.length > limit || rows.length >= limit };
}

/** How long the server keeps what was deleted; null for ever, or when it does not answer. */
async function keptMsOnServer(session: Session): Promise<number | null> {
  const days = (await ifAnswered(session.line.direct.retention()))?.policy.trashDays ?? null;
  return days === null ? null : days * DAY_MS;
}

/** Asked for with each list: the journal does not tell. Without an answer everything is listed. */
async function purgedAmong(session: Session, rows: readonly NodeRow[]): Promise<ReadonlySet<NodeId>> {
  if (rows.length === 0) return new Set();
  return new Set(await ifAnswered(session.line.direct.purgedAmong(rows.map(({ node }) => node))));
}

async function timesOf(session: Session, rows: readonly NodeRow[]) {
  const seqs = [...new Set(rows.map(({ remote }) => remote!.lastSeq))];
  const told = seqs.length === 0 ? null : await ifAnswered(session.line.direct.times({ seqs }));
  return new Map(
    (told?.times ?? []).map(({ seq, device, acceptedAtMs }) => [seq, { trashedAtMs: acceptedAtMs, device }]),
  );
}

/** Null where the server cannot be asked, or refuses. */
async function ifAnswered<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (thrown) {
    if (!(thrown instanceof OnefoldError)) throw thrown;
    return null;
  }
}

function fromDisk({ at, path, stat, trashedAtMs, isSent }: TrashEntry): TrashedEntry {
  const kind = stat.kind === 'link' ? 'link' : 'file';
  // As tidyTrash has it.
  const goesAtMs = isSent && !isWrittenSince(stat) ? trashedAtMs + KEPT_MS : null;
  const { sizeBytes } = stat;
  return { id: `here:${at}`, path, kind, where: 'here', sizeBytes, trashedAtMs, goesAtMs, device: null };
}

function fromJournal({ node, remote }: NodeRow, path: RelPath): TrashedEntry {
  const { kind, content } = remote!;
  const sizeBytes = content?.kind === 'file' ? content.sizeBytes : 0;
  return {
    id: `server:${node}`,
    path,
    kind: kind === 'mount' ? 'folder' : kind,
    where: 'server',
    sizeBytes,
    trashedAtMs: null,
    goesAtMs: null,
    device: null,
  };
}

/** Puts something back to where it stood, or to `to`. Answers where it is now. Throws `not-found`; `precondition-failed` when the place is taken. */
export async function restoreTrashed(session: Session, id: string, to: RelPath | null): Promise<RelPath> {
  if (id.startsWith('here:')) return restoreHere(session, id.slice('here:'.length), to);
  const node = id.slice('server:'.length) as NodeId;
  const [row] = await session.ports.store.rows([node]);
  const path = row?.remote?.hidden === true ? await pathOf(session, row) : null;
  if (row === undefined || path === null) throw new OnefoldError('not-found', 'nothing of this id is in the trash');
  await restoreDeleted(session, row, to ?? path);
  return to ?? path;
}

/** Where something in the trash here lies inside the root. Throws `not-found`. */
export async function placeInTrash(session: Session, id: string): Promise<RelPath> {
  return (await entryInTrash(session, id.slice('here:'.length))).at;
}

async function entryInTrash(session: Session, at: RelPath): Promise<TrashEntry> {
  const entry = (await session.ports.files.listTrash()).find((one) => one.at === at);
  if (entry === undefined) throw new OnefoldError('not-found', 'nothing of this id is in the trash');
  return entry;
}

async function restoreHere(session: Session, at: RelPath, to: RelPath | null): Promise<RelPath> {
  const { store, clock } = session.ports;
  const entry = await entryInTrash(session, at);
  const target = to ?? entry.path;
  await moveHere(session, { from: entry.at, to: target, expectFrom: entry.stat });
  await store.commit({
    activity: [{ atMs: clock.nowMs(), kind: 'restored', path: target, previousPath: null, device: session.device }],
  });
  return target;
}

/** A deleted folder comes back with what was in it when it was deleted. */
async function restoreDeleted(session: Session, row: NodeRow, to: RelPath): Promise<void> {
  if (row.remote?.kind !== 'folder') return restoreNode(session, row, row.remote!.contentVersion, to);
  await makeFolders(session, to);
  session.hint([to]);
  for (const child of await session.ports.store.childrenOf('remote', row.node)) {
    const name = child.remote?.name;
    if (name == null || child.remote?.hidden === true) continue;
    await restoreDeleted(session, child, joinPath(to, name));
  }
}

/** Removes for good what lies here in the trash, all of it or the given ones. What is on the server stays there. */
export async function emptyTrash(
  session: Session,
  ids: readonly string[] | null,
): Promise<{ readonly count: number; readonly sizeBytes: number }> {
  const { files } = session.ports;
  const wanted = ids === null ? null : new Set(ids);
  const entries = (await files.listTrash()).filter(({ at }) => wanted === null || wanted.has(`here:${at}`));
  const result = await files.purgeTrash(entries.map(({ at }) => at));
  if (result.outcome === 'failed') throw new OnefoldError(result.code, 'the trash could not be emptied');
  return { count: entries.length, sizeBytes: sizeOf(entries) };
}

/** Takes out what has been there for long, and the oldest while it is too much. */
export async function tidyTrash(session: Session): Promise<void> {
  const { files, clock } = session.ports;
  const entries = (await files.listTrash()).filter(({ isSent, stat }) => isSent && !isWrittenSince(stat));
  let bytes = sizeOf(entries);
  const purged = entries.filter(({ stat, trashedAtMs }) => {
    if (bytes <= KEPT_BYTES && clock.nowMs() - trashedAtMs <= KEPT_MS) return false;
    bytes -= stat.sizeBytes;
    return true;
  });
  if (purged.length > 0) await files.purgeTrash(purged.map(({ at }) => at));
}

/** The disk is full: the oldest that a committed version holds goes, as much as is needed. Answers how many bytes came free. */
export async function makeRoom(session: Session, neededBytes: number): Promise<number> {
  const { files, log } = session.ports;
  let freed = 0;
  const purged: RelPath[] = [];
  for (const { at, stat, isSent } of await files.listTrash()) {
    if (freed >= neededBytes) break;
    if (!isSent || stat.kind !== 'file' || stat.linkCount > 1 || isWrittenSince(stat)) continue;
    purged.push(at);
    freed += stat.sizeBytes;
  }
  if (purged.length === 0) return 0;
  log.write('info', 'trash-purged-for-room', { folder: session.options.folderId, count: purged.length });
  const result = await files.purgeTrash(purged);
  return result.outcome === 'done' ? freed : 0;
}

/** A program that still had it open wrote to it in the trash: a rename alone leaves mtime behind ctime. */
function isWrittenSince(stat: FileStat): boolean {
  return stat.kind === 'file' && stat.mtimeNs >= stat.ctimeNs;
}

function sizeOf(entries: readonly TrashEntry[]): number {
  return entries.reduce((sum, { stat }) => sum + stat.sizeBytes, 0);
}
