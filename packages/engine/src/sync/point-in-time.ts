import { OnefoldError, ROOT_NODE, toOnefoldError, type ErrorCode, type NodeId } from '@onefold/protocol';
import { joinPath, parentPath } from '../core/names.ts';
import { isSettled, sameContent } from '../core/settled.ts';
import type { RelPath } from '../core/tree.ts';
import { findNode } from './browse.ts';
import { makeFolders, trashHere } from './change-here.ts';
import { treesSince, type PlacedFile } from './past-tree.ts';
import type { Session } from './session.ts';
import { restoreNode } from './versions.ts';

/*
 * A folder as it was at a moment, as ordinary changes of this disk: files come back or get their bytes of then, as new versions; what was not
 * there then goes into the trash. A moment after which nothing happened takes all of it back.
 */

export interface PastChange {
  /** Inside the root. */
  readonly path: RelPath;
  readonly change: 'added-back' | 'changed-back' | 'removed';
  /** Of then; of now for what is removed. */
  readonly sizeBytes: number;
}

export interface PastLook {
  /** When the last entry up to the moment was accepted; null when there was none yet. */
  readonly asOfMs: number | null;
  readonly changes: readonly PastChange[];
}

export interface PastResult {
  /** Of the last entry before anything of this: restoring to it takes everything back. */
  readonly beforeMs: number;
  readonly done: number;
  /** Left as they are, and why. */
  readonly skipped: readonly { readonly path: RelPath; readonly code: ErrorCode }[];
}

interface Wanted extends PastChange {
  readonly file: PlacedFile | null;
}

/** What restoring a folder ('': everything) to a moment would change. Throws `not-found`, or what the server's answer calls for. */
export async function lookBack(session: Session, path: RelPath, atMs: number): Promise<PastLook> {
  const { asOfMs, wanted } = await compare(session, path, atMs);
  return { asOfMs, changes: wanted.map(({ path: at, change, sizeBytes }) => ({ path: at, change, sizeBytes })) };
}

/** Restores a folder to a moment. What has changed meanwhile, or is not with the server yet, is left alone and told. */
export async function goBack(session: Session, path: RelPath, atMs: number): Promise<PastResult> {
  const head = session.cursor?.remoteSeq ?? 0;
  const [last] = (await session.line.direct.times({ seqs: [head] })).times;
  const { wanted, folders } = await compare(session, path, atMs);
  const skipped: { path: RelPath; code: ErrorCode }[] = [];
  let done = 0;
  const attempt = async (at: RelPath, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      done++;
    } catch (thrown) {
      const { code } = toOnefoldError(thrown);
      if (code === 'server-unreachable' || code === 'paused') throw thrown;
      skipped.push({ path: at, code });
    }
  };
  // First what is in the way.
  for (const { path: at, change } of wanted) if (change === 'removed') await attempt(at, () => remove(session, at));
  for (const at of folders) await makeFolders(session, at);
  session.hint(folders);
  for (const { path: at, file } of wanted) {
    if (file === null) continue;
    const [row] = await session.ports.store.rows([file.node]);
    if (row === undefined) skipped.push({ path: at, code: 'not-found' });
    else await attempt(at, () => restoreNode(session, row, file.contentVersion, at));
  }
  return { beforeMs: last?.acceptedAtMs ?? 0, done, skipped };
}

/** Only what a committed version holds. */
async function remove(session: Session, path: RelPath): Promise<void> {
  const row = await findNode(session, path);
  if (row.local === null) return;
  if (!isSettled(row)) throw new OnefoldError('precondition-failed', 'it has not been synced yet');
  await trashHere(session, path);
}

async function compare(session: Session, path: RelPath, atMs: number) {
  const [last] = (await session.line.direct.times({ atMs })).times;
  const head = session.cursor?.remoteSeq ?? 0;
  const seq = Math.min(head, last?.seq ?? 0);
  const folder: NodeId = path === '' ? ROOT_NODE : await folderAt(session, path);
  const { then, now } = await treesSince(session, folder, seq);
  const wanted: Wanted[] = [];
  for (const [at, file] of then.files) {
    const standing = now.files.get(at);
    if (standing !== undefined && sameContent(standing.content, file.content)) continue;
    // A link's bytes are its target; only files can be fetched.
    if (file.content?.kind !== 'file') continue;
    const change = standing === undefined ? 'added-back' : 'changed-back';
    wanted.push({ path: joinPath(path, at), change, sizeBytes: file.content.sizeBytes, file });
  }
  for (const [at, { content }] of now.files) {
    if (then.files.has(at)) continue;
    const sizeBytes = content?.kind === 'file' ? content.sizeBytes : 0;
    wanted.push({ path: joinPath(path, at), change: 'removed', sizeBytes, file: null });
  }
  wanted.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const folders = [...then.folders].filter((at) => !now.folders.has(at)).map((at) => joinPath(path, at));
  return { asOfMs: last?.acceptedAtMs ?? null, wanted, folders: folders.sort() };
}

async function folderAt(session: Session, path: RelPath): Promise<NodeId> {
  const row = await findNode(session, path);
  if ((row.local ?? row.remote)?.kind === 'folder') return row.node;
  throw new OnefoldError('invalid-argument', `not a folder: ${parentPath(path)}`);
}
